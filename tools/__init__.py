"""Writes generated documentation, and judges fidelity."""
