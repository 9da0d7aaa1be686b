"""Reads OData: metadata documents and their annotations."""
