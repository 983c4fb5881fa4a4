"""Messages and records of openings."""
