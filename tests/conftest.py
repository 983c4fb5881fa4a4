"""What all tests share."""

import logging

import pytest
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

# Before the first hass: the plugin would put a folder of its own in this place.
import custom_components  # noqa: F401

# Its time stamps fail while a test holds the clock.
logging.getLogger("aiohttp.access").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load this integration in every test."""


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Write snapshots the way Home Assistant does, ids masked."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)
