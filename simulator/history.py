"""Occurrences at the door of a lock, sent to the queue and stored as records.

`History` belongs to a lock, which has shortcuts to it (`Lock.open`, `Lock.alarm`,
`Lock.ring`). Numbers and codes are those of the lock; keypads have
their own codes, with values in base64.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from .model import UNLOCK_WORDS, Device, Method, User

if TYPE_CHECKING:
    from .queue import MessageQueue

type Kind = Literal["open", "alarm"]

OTHER_WAYS: Final = {
    "key": "unlock_key",
    "temporary": "unlock_temporary",
    "dynamic": "unlock_dynamic",
    "offline": "unlock_offline_pd",
    "app": "unlock_app",
    "bluetooth": "unlock_ble",
    "phone": "unlock_phone_remote",
    "voice": "unlock_voice_remote",
    "remote": "remote_unlock",
    "inside": "open_inside",
}
"""Ways to open that are not unlock methods of a user."""

KEYPAD: Final = "mk"
KEYPAD_CODES: Final = frozenset(
    {
        *("unlock_fingerprint", "unlock_password", "unlock_card", "unlock_face"),
        *("unlock_temporary", "unlock_phone_remote"),
    }
)
"""Codes that end in ``_kit`` on keypads."""

ALARM_WORDS: Final = frozenset(
    {
        *("wrong_finger", "wrong_password", "wrong_card", "wrong_face", "wrong_hand"),
        *("wrong_finger_vein", "tongue_bad", "tongue_not_out", "too_hot"),
        *("unclosed_time", "pry", "key_in", "low_battery", "power_off", "shock"),
        *("defense", "stay_alarm", "unlock_attempt"),
    }
)


@dataclass(slots=True)
class Row:
    """One row of the records."""

    record_id: str
    kind: Kind
    time_ms: int
    code: str
    value: Any
    user_id: str = "0"
    nick_name: str = ""
    unlock_name: str = ""


@dataclass(slots=True)
class History:
    """The occurrences at one door."""

    device: Device
    clock: Callable[[], float]
    queue: MessageQueue | None = None
    rows: list[Row] = field(default_factory=list)
    clock_skew: float = 0.0
    """How far the lock's own clock is ahead, in seconds."""
    row_delay: float = 0.0
    """The delay of a row after its message."""

    def open(
        self,
        code: str,
        number: int | bool,
        holder: User | None,
        method: Method | None,
        *,
        name: str = "",
        duress: bool = False,
        time: float | None = None,
        with_message: bool = True,
        kept: bool = True,
    ) -> Row:
        """Open the door: a message and a record."""
        plain = code
        if self.device.category == KEYPAD and code in KEYPAD_CODES:
            code = f"{code}_kit"
        value = _slot(int(number)) if code.endswith("_kit") else number
        values = {code: value, **({"hijack": True} if duress else {})}
        moment = self._moment(time)
        row = Row(
            record_id=f"r{len(self.rows) + 1}",
            kind="open",
            time_ms=moment,
            code=code,
            value=number,
            user_id=holder.user_id if holder else "0",
            nick_name=name or (holder.nick_name or "" if holder else ""),
            unlock_name=(method.unlock_name or "") if method else "",
        )
        if kept:
            self.rows.append(row)
            if duress:
                self._keep("hijack", f"{plain}-{int(number):02d}", moment)
        if with_message:
            self._report(values, moment)
        return row

    def alarm(
        self,
        word: str,
        *,
        time: float | None = None,
        with_message: bool = True,
        kept: bool = True,
    ) -> None:
        """Raise an alarm: one of the words of ``alarm_lock``."""
        moment = self._moment(time)
        if kept:
            self._keep("alarm_lock", word, moment)
        if with_message:
            self._report({"alarm_lock": word}, moment)

    def ring(self, *, time: float | None = None, with_message: bool = True) -> None:
        """Ring the doorbell."""
        moment = self._moment(time)
        self._keep("doorbell", True, moment)
        if with_message:
            self._report({"doorbell": True}, moment)

    def of(self, kind: Kind) -> list[Row]:
        """Return the visible rows of a kind, newest first."""
        seen = round((self.clock() - self.row_delay) * 1000)
        skew = round(self.clock_skew * 1000)
        rows = [
            row for row in self.rows if row.kind == kind and row.time_ms - skew <= seen
        ]
        return sorted(rows, key=lambda row: -row.time_ms)

    def _moment(self, time: float | None) -> int:
        return round(
            ((self.clock() if time is None else time) + self.clock_skew) * 1000
        )

    def _keep(self, code: str, value: Any, moment: int) -> None:
        number = len(self.rows) + 1
        self.rows.append(Row(f"r{number}", "alarm", moment, code, value))

    def _report(self, values: dict[str, Any], moment: int) -> None:
        if self.queue is not None:
            self.queue.report(self.device.device_id, values, time=moment / 1000)


def code_of(way: str) -> str:
    """Return the code of a way to open: a word, or the code itself."""
    return UNLOCK_WORDS.get(way) or OTHER_WAYS.get(way, way)


def _slot(number: int) -> str:
    """Return a number as keypads report it: six bytes, four of which are the number."""
    return base64.b64encode(number.to_bytes(4) + b"\x00\x00").decode()
