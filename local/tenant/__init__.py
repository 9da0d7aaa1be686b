"""The embedded Datasphere tenant."""
