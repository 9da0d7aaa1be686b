"""Every use of boto3 that is not Glue."""
