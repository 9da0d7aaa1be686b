"""What a run remembers: documents, plans, and how far reading has come."""
