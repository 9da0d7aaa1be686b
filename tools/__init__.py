"""Writes generated documentation, and checks fidelity."""
