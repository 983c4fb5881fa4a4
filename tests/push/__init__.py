"""Messages and records: who opened the door."""
