"""Renders a run: its document, page, text and message."""
