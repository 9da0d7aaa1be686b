"""Reads the query of a view (CQN): its text as SQL, and where each of its columns comes from."""
