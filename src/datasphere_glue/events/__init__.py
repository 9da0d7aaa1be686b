"""What triggers a run: events, queued messages, and the request they become."""
