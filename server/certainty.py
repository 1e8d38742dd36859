"""The instant up to which time has surely gone: what is erased or ended by age is judged by it.

Law: the machine's clock is compared with the last instant seen, kept in the data folder, and with what ran
since by a clock nobody sets. One that is ``FAR`` from both is doubted: it stamps what comes, but where it is
ahead nothing grows old by it until phones' own clocks agree with it, or it has gone on for ``PATIENCE`` and
they do not contradict it. One that is behind makes nothing older.

``clock.seen`` holds that instant. Whoever knows that the clock is right deletes it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from server.clock import Clock
from server.instants import parse, say

log = structlog.get_logger("manzana.clock")

SEEN_FILE = "clock.seen"

#: A machine that is off over a long weekend comes back within it; clocks that lost their battery, or were set
#: by hand, are months and years away.
FAR = timedelta(days=5)
#: Seconds for which a doubted clock must go on steadily where too few phones come to tell.
PATIENCE = 86_400.0
#: A phone's clock within this agrees: phones take theirs from the network.
AGREES = timedelta(hours=1)
#: Phones that must agree: one may be wrong, and two may be one person's.
PHONES = 3
#: Seconds between two notes of the instant, and between two looks at what another process noted.
EVERY = 60.0


class WatchedClock:
    """A clock that holds back while the machine's is doubted. ``monotonic``: seconds that nobody sets."""

    def __init__(self, folder: Path, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / SEEN_FILE
        self._clock = clock
        self._monotonic = monotonic
        self._noted_at: float | None = None
        self._looked_at = monotonic()
        #: The last instant that was sure, and the monotonic second it was so at.
        self._sure: tuple[datetime, float] | None = None
        #: Where the doubted clock stood when the doubt began, likewise.
        self._doubt: tuple[datetime, float] | None = None
        self._agree: set[str] = set()
        self._differ: set[str] = set()
        self._look()

    @property
    def doubted(self) -> bool:
        """Whether the machine's clock is doubted now."""
        self.now()
        return self._doubt is not None

    def now(self) -> datetime:
        wall, at = self._clock.now(), self._monotonic()
        if self._sure is None:
            return self._trust(wall, at)
        if self._doubt is not None and at - self._looked_at >= EVERY:
            self._look()  # Another process may have heard more phones.
        expected = self._sure[0] + timedelta(seconds=at - self._sure[1])
        if abs(wall - expected) <= FAR:
            return self._trust(wall, at)
        if self._doubt is None or abs(wall - self._doubt[0] - timedelta(seconds=at - self._doubt[1])) > FAR:
            self._begin_doubt(wall, at, expected)
        elif at - self._doubt[1] >= PATIENCE and len(self._differ) <= len(self._agree):
            return self._trust(wall, at)
        return min(wall, expected)

    def hear(self, device: str, told: datetime) -> None:
        """What a phone's clock says at this moment. Counted while the machine's is doubted."""
        if not self.doubted:
            return
        wall, at = self._clock.now(), self._monotonic()
        phone = device.rpartition("~")[2]  # accounts may share one
        agrees = abs(told - wall) <= AGREES
        (self._agree if agrees else self._differ).add(phone)
        (self._differ if agrees else self._agree).discard(phone)
        if len(self._agree) >= PHONES and len(self._agree) > 2 * len(self._differ):
            self._trust(wall, at)

    def _begin_doubt(self, wall: datetime, at: float, expected: datetime) -> None:
        self._doubt = (wall, at)
        self._agree.clear()
        self._differ.clear()
        log.error("clock_doubted", says=say(wall), expected=say(expected), file=str(self._path))

    def _trust(self, wall: datetime, at: float) -> datetime:
        if self._doubt is not None:
            log.warning("clock_trusted", says=say(wall), phones=len(self._agree))
            self._doubt = self._noted_at = None
        self._sure = (wall, at)
        if self._noted_at is None or at - self._noted_at >= EVERY:
            self._note(wall)
            self._noted_at = at
        return wall

    def _look(self) -> None:
        at = self._looked_at = self._monotonic()
        try:
            seen = parse(self._path.read_text("ascii").strip())
        except (OSError, ValueError):
            return  # The first start, or somebody who knows has deleted it.
        if self._sure is None or abs(seen - self._sure[0]) > FAR:
            self._sure = (seen, at)

    def _note(self, wall: datetime) -> None:
        beside = self._path.with_suffix(f".{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(say(wall) + "\n", "ascii")
            beside.replace(self._path)
        except OSError as error:
            log.warning("clock_not_noted", error=str(error))
