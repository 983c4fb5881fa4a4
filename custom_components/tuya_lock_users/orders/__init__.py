"""Orders: one change to one lock, sent, read back, proven or refused."""
