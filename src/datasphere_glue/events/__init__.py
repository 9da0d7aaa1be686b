"""What triggers a run: events and queued messages, parsed into requests."""
