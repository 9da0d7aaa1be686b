"""Reads the catalog back, from Glue alone."""
