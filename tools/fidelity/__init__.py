"""Judges whether Glue holds the content of SAP's documents, with a reader of its own."""

from tools.fidelity.command import main

__all__ = ["main"]
