"""Tests of the pace, on an event loop that skips waiting times."""

import asyncio
from collections.abc import Coroutine
from itertools import pairwise
import selectors
from typing import Final

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.tuya_lock_users.api.rate_limit import (
    CALLS_IN_FLIGHT,
    CALLS_PER_SECOND,
    Pace,
)

TOLERANCE: Final = 1e-6


class SkippingSelector(selectors.DefaultSelector):
    """A selector that skips the waiting time of the loop."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[object, int]]:  # type: ignore[override]
        self.now += timeout or 0
        return super().select(0)  # type: ignore[return-value]


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop that skips waiting times."""

    def __init__(self) -> None:
        """Initialize the loop at time 0."""
        self.selector = SkippingSelector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now


def run[Result](scenario: Coroutine[object, object, Result]) -> Result:
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(scenario)


class Requests:
    """Requests at a pace, and when each of them started and ended."""

    def __init__(self) -> None:
        """Initialize without requests."""
        self.pace = Pace()
        self.starts: dict[int, float] = {}
        self.ends: dict[int, float] = {}

    async def send(self, number: int, takes: float = 0, after: float = 0) -> None:
        """Wait, then hold a slot for a while."""
        time = asyncio.get_running_loop().time
        await asyncio.sleep(after)
        async with self.pace.slot():
            self.starts[number] = time()
            try:
                await asyncio.sleep(takes)
            finally:
                self.ends[number] = time()

    def check(self) -> None:
        """At most 5 have started in any second, and 4 were in flight at once."""
        starts = sorted(self.starts.values())
        for first, sixth in zip(starts, starts[CALLS_PER_SECOND:], strict=False):
            assert sixth - first >= 1 - TOLERANCE
        for moment in starts:
            in_flight = [
                number
                for number, start in self.starts.items()
                if start <= moment and self.ends[number] > moment + TOLERANCE
            ]
            assert len(in_flight) <= CALLS_IN_FLIGHT


def test_limits() -> None:
    assert (CALLS_PER_SECOND, CALLS_IN_FLIGHT) == (5, 4)


@pytest.mark.parametrize(
    ("takes", "seconds"),
    [
        pytest.param(0, 7, id="instant"),
        pytest.param(0.1, 7.2, id="fast"),
        pytest.param(0.8, 8.6, id="as-slow-as-the-pace"),
        pytest.param(2, 20, id="slow"),
    ],
)
def test_simultaneous_requests(takes: float, seconds: float) -> None:
    requests = Requests()

    async def scenario() -> float:
        await asyncio.gather(*(requests.send(number, takes) for number in range(40)))
        return asyncio.get_running_loop().time()

    assert run(scenario()) == pytest.approx(seconds, abs=0.05)
    requests.check()
    assert list(requests.starts) == list(range(40))
    assert all(first <= second for first, second in pairwise(requests.starts.values()))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 0.01, 0.2, 0.9, 1, 3]), st.floats(0, 3, width=16)
        ),
        max_size=30,
    )
)
def test_any_requests(plan: list[tuple[float, float]]) -> None:
    requests = Requests()

    async def scenario() -> None:
        async with asyncio.TaskGroup() as group:
            for number, (takes, after) in enumerate(plan):
                group.create_task(requests.send(number, takes, after))

    run(scenario())
    assert len(requests.ends) == len(plan)
    requests.check()


def test_burst_after_rest() -> None:
    """After a pause, five requests can be sent at once, and no more."""
    requests = Requests()

    async def scenario() -> None:
        await asyncio.gather(*(requests.send(number) for number in range(5)))
        await asyncio.sleep(10)
        await asyncio.gather(*(requests.send(number) for number in range(5, 11)))

    run(scenario())
    assert list(requests.starts.values()) == pytest.approx([0] * 5 + [10] * 5 + [11])


def test_failed_request() -> None:
    requests = Requests()

    async def fail() -> None:
        async with requests.pace.slot():
            raise ConnectionError

    async def scenario() -> None:
        for _ in range(5):
            with pytest.raises(ConnectionError):
                await fail()
        await asyncio.gather(*(requests.send(number) for number in range(4)))

    run(scenario())
    assert list(requests.starts.values()) == pytest.approx([1] * 4)


def test_cancelled_requests() -> None:
    """A canceled request, waiting or in flight, frees its slot."""
    requests = Requests()

    async def scenario() -> None:
        given_up = [
            asyncio.create_task(requests.send(number, 100)) for number in range(12)
        ]
        await asyncio.sleep(0.5)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        await asyncio.gather(*(requests.send(number) for number in range(20, 24)))

    run(scenario())
    # One start of the first second is left; the other three come a second later.
    later = [requests.starts[number] for number in range(20, 24)]
    assert later == pytest.approx([0.5, 1, 1, 1], abs=0.05)
    assert requests.starts.keys() == {0, 1, 2, 3, 20, 21, 22, 23}
