"""Parsers of the objects beside tables, views and models. Pure: documents to values."""
