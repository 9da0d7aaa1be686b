"""Parses OData metadata documents and their annotations."""
