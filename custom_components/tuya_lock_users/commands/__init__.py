"""Commands: one change to one lock, sent and verified, or refused."""
