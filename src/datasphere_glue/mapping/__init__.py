"""Pure mapping: SAP words in, Glue words out."""
