"""Reads assets back from the Glue catalog, without a connection to Datasphere."""
