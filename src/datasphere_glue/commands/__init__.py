"""The commands, one module per subject; `cli` combines them."""
