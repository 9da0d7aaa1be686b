"""Reads the facts of each object in a CSN document."""
