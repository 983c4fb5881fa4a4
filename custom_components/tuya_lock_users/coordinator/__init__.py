"""Coordinators: fetch projects and locks by a plan, and hold their data."""
