"""Files that describe objects: CSN exports, CSN Interop documents and ORD descriptors."""
