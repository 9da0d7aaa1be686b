"""Reads CSN definitions."""
