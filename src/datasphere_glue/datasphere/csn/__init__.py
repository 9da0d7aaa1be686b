"""Parses CSN definitions."""
