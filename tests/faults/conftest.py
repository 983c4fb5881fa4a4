"""Shared fixtures for tests of faults: a project with two locks, and a clock."""

from collections.abc import Generator
import logging

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.core import HomeAssistant
from simulator import Lock, SimulatedCloud
from tests.conftest import NOW, SetUp

from .home import Advance, FaultyHome, finish


@pytest.fixture
def advance(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Advance:
    """Return a function that advances the clock, repeatedly while something hangs."""
    freezer.move_to(NOW)

    async def advance(seconds: float) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        await finish(
            hass, freezer, hass.async_block_till_done(wait_background_tasks=True)
        )

    return advance


@pytest.fixture(autouse=True)
def few_logs() -> Generator[None]:
    """Disable debug logs of Home Assistant, which take a third of the time."""
    loggers = [logging.getLogger(name) for name in ("homeassistant", "asyncio")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
async def home(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    door: Lock,
    gate: Lock,
    set_up: SetUp,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
) -> FaultyHome:
    caplog.set_level(logging.INFO, "custom_components.tuya_lock_users")
    entry = await set_up()
    caplog.clear()
    return FaultyHome(
        hass=hass, cloud=cloud, entry=entry, advance=advance, caplog=caplog
    )
