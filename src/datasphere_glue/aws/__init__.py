"""Every use of boto3 other than Glue."""
