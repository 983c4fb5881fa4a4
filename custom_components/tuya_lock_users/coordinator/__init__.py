"""Fetch projects and locks by a plan, and hold what was fetched."""
