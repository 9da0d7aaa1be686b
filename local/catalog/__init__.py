"""The embedded Glue Data Catalog."""
