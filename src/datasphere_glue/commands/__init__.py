"""What the human door offers, one module per subject; `cli` puts the commands together."""
