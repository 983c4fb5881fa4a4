"""What is measured, and how: see README.md."""

# Before anything of Home Assistant: it adapts what others import.
import pytest_homeassistant_custom_component.plugins  # noqa: F401
