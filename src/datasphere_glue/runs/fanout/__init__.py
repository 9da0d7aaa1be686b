"""One run divided among workers of a state machine."""
