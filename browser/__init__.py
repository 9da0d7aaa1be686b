"""Tests of the report in a real browser: display, interaction and downloads."""
