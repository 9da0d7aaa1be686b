"""Measurements of time and memory; nothing here is a test."""
