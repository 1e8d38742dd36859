"""Which events were in flight when the process ended, and how often each was there when it did.

Law: an event that fails three times is put aside, whether it raises (counted in memory) or ends the
process (counted here). Running costs a write of 74 bytes into the system's cache for an event, never an
fsync: what a killed process wrote there is found by the next one. Only a machine that lost power may lose
it, and that proves nothing against an event. Counts themselves are fsynced, once, at the next start.

``intake.flight`` holds the uuid of the event being judged (blank while a batch is read or written) and of
the last one of its batch; it is blank when nothing is in flight. ``intake.deaths`` is there only after an
end with something in flight, until that batch was passed: how often it ended with the batch, how often
with one event alone. From the second end with a whole batch on, events are taken one by one, so that the
third names its own.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TypedDict

import orjson

FLIGHT_FILE = "intake.flight"
DEATHS_FILE = "intake.deaths"

#: What a defect may raise over one event, which is then put aside.
DEFECTS = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip

#: Times an event may fail before it is quarantined (design, Intake).
FAILURES = 3

#: Ends with a whole batch in flight before its events are taken one by one.
PATIENCE = 2

_ID = 36  # characters of a uuid
_WHOLE = re.compile(rb"([0-9a-f-]{36}| {36}) [0-9a-f-]{36}\n")
_IDLE = b" " * (2 * _ID + 1) + b"\n"


class Deaths(TypedDict):
    """``intake.deaths``. ``own``: by event. ``until``: the last event of the batch."""

    batch: int
    own: dict[str, int]
    until: str


class Attempts:
    """Of one intake at a time: whoever holds the intake lock ``open``s it."""

    def __init__(self, folder: Path) -> None:
        self._deaths_path = folder / DEATHS_FILE
        self._folder = folder
        self._flight = -1
        self._until = " " * _ID
        self._alone = False
        self._failures: dict[str, int] = {}
        self._reasons: dict[str, str] = {}
        self._deaths: Deaths | None = None

    def open(self) -> None:
        """Read what an earlier process left, and count it, durably."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._flight = os.open(self._folder / FLIGHT_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        left = os.pread(self._flight, len(_IDLE), 0)
        try:
            self._deaths = orjson.loads(self._deaths_path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            self._deaths = None
        if not _WHOLE.fullmatch(left):
            return
        current, until = left[:_ID].decode("ascii").strip(), left[_ID + 1 : -1].decode("ascii")
        deaths: Deaths = self._deaths or {"batch": 0, "own": {}, "until": ""}
        if current:
            deaths["own"][current] = deaths["own"].get(current, 0) + 1
        else:
            deaths["batch"] += 1
        self._deaths = {**deaths, "until": until}
        self._keep_deaths()
        self.idle()

    def close(self) -> None:
        """Let go of the file; what is in flight stays written."""
        if self._flight >= 0:
            os.close(self._flight)
            self._flight = -1

    def _keep_deaths(self) -> None:
        beside = self._deaths_path.with_suffix(".new")
        with beside.open("wb") as file:
            file.write(orjson.dumps(self._deaths))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._deaths_path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @property
    def one_by_one(self) -> bool:
        """Whether what ended the process must still be found among a batch."""
        return self._deaths is not None and self._deaths["batch"] >= PATIENCE

    def begin(self, events: list[str]) -> None:
        """These are in flight now."""
        self._until = f"{events[-1]:{_ID}}"
        self._alone = len(events) == 1
        self._mark(events[0] if self._alone else "")

    def judging(self, event: str) -> int:
        """This one of them is being judged; gives how often the process ended with it."""
        self._mark(event)
        return self.ends(event)

    def ends(self, event: str) -> int:
        """How often the process ended with it."""
        own = self._deaths["own"].get(event, 0) if self._deaths is not None else 0
        return own + self._deaths["batch"] if own and self._deaths is not None else own

    def judged(self) -> None:
        """All of them were: from here on they are written together."""
        if not self._alone:
            self._mark("")

    def failed(self, event: str, reason: str = "") -> int:
        """It met a defect; gives how often it has since the start."""
        self._failures[event] = self._failures.get(event, 0) + 1
        self._reasons[event] = reason
        return self._failures[event]

    def given_up(self, events: list[str]) -> dict[str, str]:
        """Those of them that have failed too often to be tried again, and why."""
        found: dict[str, str] = {}
        for event in events:
            if (ends := self.ends(event)) >= FAILURES:
                found[event] = f"{ends} processes ended over it"
            elif self._failures.get(event, 0) >= FAILURES:
                found[event] = self._reasons[event]
        return found

    def passed(self, events: list[str]) -> None:
        """They are done."""
        for event in events:
            self._failures.pop(event, None)
            self._reasons.pop(event, None)
        self.idle()
        if self._deaths is not None and self._deaths["until"] in events:
            self.acquit()

    def acquit(self) -> None:
        """Nothing that was in flight can end the process any more."""
        if self._deaths is not None:
            self._deaths = None
            self._deaths_path.unlink(missing_ok=True)

    def idle(self) -> None:
        """Nothing is in flight, or whatever ends now is no event's fault."""
        os.pwrite(self._flight, _IDLE, 0)

    def _mark(self, current: str) -> None:
        os.pwrite(self._flight, f"{current:{_ID}} {self._until}\n".encode("ascii", "replace"), 0)
