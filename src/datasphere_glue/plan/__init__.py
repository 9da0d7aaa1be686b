"""Pure planning: compares desired with current; has never heard of SAP, HTTP or boto3."""
