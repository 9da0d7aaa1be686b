"""Parsers of flows, task chains, access controls and connections. Pure: documents to values."""
