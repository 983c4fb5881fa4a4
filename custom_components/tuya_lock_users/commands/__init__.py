"""Commands: one change to one lock, sent, verified or refused."""
