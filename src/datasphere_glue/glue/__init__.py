"""Reads and writes the AWS Glue Data Catalog behind one thin client."""
