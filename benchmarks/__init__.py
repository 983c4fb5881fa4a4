"""Benchmarks of the integration, see README.md."""

# Imported first, since it patches Home Assistant.
import pytest_homeassistant_custom_component.plugins  # noqa: F401
