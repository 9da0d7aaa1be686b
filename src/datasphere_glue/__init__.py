"""SAP Datasphere metadata, carried into the AWS Glue Data Catalog."""

__version__ = "0.1.0"
