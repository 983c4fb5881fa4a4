"""Schedules: their model, their form in JSON, and their meaning in time."""
