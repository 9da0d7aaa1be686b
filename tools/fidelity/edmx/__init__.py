"""Reads the facts of the object in a `$metadata` document."""
