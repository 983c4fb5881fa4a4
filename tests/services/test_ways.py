"""The first two ways of the architecture, as a profile shows them."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
import re
import sys
from types import FrameType
from typing import Any, Final

from custom_components import tuya_lock_users
from tests.conftest import CYCLE_SECONDS, NOW_SECONDS, Tick, limited

from .calling import Act

INTEGRATION: Final = Path(tuya_lock_users.__file__).parent
WAYS: Final = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text()

END: Final = datetime(2026, 12, 20, 4, 36, 40, tzinfo=UTC)
# The end of a schedule: in seconds, or as a time in any zone.
VALUE: Final = re.compile(f"{END.timestamp():.0f}|:36:40|, 36, 40")


def rows_of(way: str) -> list[str]:
    text = WAYS.partition(f"\n### {way}\n")[2].partition("\n### ")[0]
    return re.findall(r"^\| .* \| `(\S+\.py)` \|", text, re.MULTILINE)


def file_of(frame: FrameType) -> str:
    return frame.f_code.co_filename.partition(f"{INTEGRATION}/")[2]


@contextmanager
def profiled() -> Generator[set[tuple[str, str]]]:
    """Note which file hands the value to which, by an argument or a result."""
    hands: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, arg: Any) -> None:
        if event not in ("call", "return") or not (here := file_of(frame)):
            return
        code, back = frame.f_code, frame.f_back
        while back is not None and not file_of(back):
            back = back.f_back
        if event == "call":
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            arg = [frame.f_locals[name] for name in names if name != "self"]
        if back is not None and VALUE.search(repr(arg)):
            there = file_of(back)
            hands.add((there, here) if event == "call" else (here, there))

    sys.setprofile(note)
    try:
        yield hands
    finally:
        sys.setprofile(None)


def check(rows: list[str], hands: set[tuple[str, str]]) -> None:
    """Each file is handed the value by one that the way passed, or hands it back."""
    for number, file in enumerate(rows[1:], 1):
        passed = rows[:number]
        assert any({(row, file), (file, row)} & hands for row in passed), file


async def test_reply_becomes_state(act: Act, tick: Tick) -> None:
    rows = rows_of("A reply becomes a state")
    act.door.users["mia"].schedule = limited(0, END.timestamp() - NOW_SECONDS)
    with profiled() as hands:
        await tick(CYCLE_SECONDS)
    # The sensor reads its user from the data of the coordinator.
    check(rows[:-1], hands)
    assert (rows[-1], rows[-1]) in hands
    assert len(set(rows)) == 9


async def test_action_reaches_lock(act: Act) -> None:
    rows = rows_of("An action reaches the lock")
    with profiled() as hands:
        await act("set_user_schedule", user="mia", end=END.isoformat())
    check(rows, hands)
    assert len(set(rows)) == 9
