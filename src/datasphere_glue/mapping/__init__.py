"""Pure mapping between assets of SAP Datasphere and tables of AWS Glue."""
