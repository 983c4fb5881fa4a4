"""Schedules: what they are, how they travel, and what they mean at a moment."""
