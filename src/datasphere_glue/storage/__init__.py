"""What runs store: documents, plans, and the position of incremental reading."""
