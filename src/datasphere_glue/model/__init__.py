"""Pure values: SAP metadata, the desired and current content of Glue, and the scope of a run."""
