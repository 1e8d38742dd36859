"""The feeds phones follow: their names, their tokens, and who wakes whoever waits.

Law: a token names its feed and a place in it. A place is never compared with another one; a token of
another feed (a new generation, a restore, another engine, somebody else's) is refused, so that a phone
never mixes two. Longpolls end here: intake says which mailboxes changed, by a call or through the
``wake`` database.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Set
from dataclasses import dataclass

from server.feeds.wake import Rounds, Woken
from server.problems import Problem
from server.store import epoch as epochs
from server.store.databases import Databases
from server.worker import Worker
from sync.errors import EngineError
from sync.interface import ChangesQuery, Database

#: Seconds for which the epoch, the settings and a feed's name are believed without asking again.
_BELIEVED = 5.0
#: Seconds a wait for ``wake`` may last before it is begun again.
_WAIT = 30.0
#: Seconds before an engine that is away is asked again.
_RETRY = 1.0

#: Seconds for which a neighbour's card waits for company. On a busy day cards are most of what a leader's
#: mailbox gets, and each would wake the phone.
CARDS = 2.0

REFERENCE = "reference"


@dataclass(slots=True)
class _Bell:
    """``rings`` counts; ``waiters`` are woken at each. ``end``: the token at which the feed ended when it was
    last read, after how many rings and when.
    """

    rings: int
    waiters: set[asyncio.Future[bool]]
    end: tuple[str, int, float] = ("", 0, 0.0)


class Feeds:
    """One per gateway process. ``await start(follow=…)`` before use, ``await stop()`` after."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._bells: dict[str, _Bell] = {}
        self._names: dict[str, tuple[float, str]] = {}
        #: Each account's, as it was opened last.
        self._mailboxes: dict[str, Database] = {}
        self._epoch: tuple[float, epochs.Epoch] | None = None
        self._since = ""
        self.worker = Worker("feeds", self._follow)
        #: Feeds in which only cards are new, and when they are rung.
        self._cards: set[str] = set()
        self._later: asyncio.TimerHandle | None = None

    async def start(self, *, follow: bool) -> None:
        """``follow`` the ``wake`` database: intake runs in another process."""
        if follow:
            page = await self._databases.wake.changes(ChangesQuery(since="now", limit=1))
            self._since = page.last_seq
            self.worker.start()

    async def stop(self) -> None:
        await self.worker.stop()
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self.ring(set(self._bells))

    async def _follow(self) -> None:
        wake, rounds = self._databases.wake, Rounds()
        while True:
            try:
                if await wake.wait_for_change(self._since, _WAIT):
                    page = await wake.changes(ChangesQuery(since=self._since, include_docs=True))
                    self._since = page.last_seq
                    self.rouse(rounds.woken(page.rows))
            except EngineError:
                await asyncio.sleep(_RETRY)

    # -- waking -------------------------------------------------------------------------------------------

    def rouse(self, woken: Woken | None) -> None:
        """Wake whoever waits for what intake changed; where only cards are new, a moment later. None: all."""
        if woken is None:
            self.ring(set(self._bells))
            return
        self.ring(woken.names)
        self._cards |= woken.cards
        if self._cards and self._later is None:
            self._later = asyncio.get_running_loop().call_later(CARDS, self._ring_cards)

    def _ring_cards(self) -> None:
        cards, self._cards, self._later = self._cards, set(), None
        self.ring(cards)

    def ring(self, names: Set[str]) -> None:
        """Wake whoever waits for these feeds (database names; ``reference``)."""
        self._cards -= names
        for name in names:
            self._names.pop(name, None)
            bell = self._bells.get(name)
            if bell is None:
                continue
            bell.rings += 1  # Kept for ever: who looked before this ring and waits after it must know.
            for waiter in bell.waiters:
                _end(waiter, True)

    def rings(self, name: str) -> int:
        """How often a feed was rung; read before looking, given to ``wait`` after."""
        return self._bells.setdefault(name, _Bell(0, set())).rings

    def note_end(self, name: str, rings: int, token: str) -> None:
        """The feed was read to this token, its end; ``rings`` was taken before."""
        self._bells.setdefault(name, _Bell(rings, set())).end = (token, rings, time.monotonic())

    def is_end(self, name: str, rings: int, token: str | None) -> bool:
        """Whether nothing has come after ``token``: a phone that has just read it need not look again.

        Believed for some seconds only: a ring may be lost with the process that owed it.
        """
        bell = self._bells.get(name)
        if bell is None or bell.end[0] != token:
            return False
        return bell.end[1] == rings and time.monotonic() - bell.end[2] < _BELIEVED

    async def wait(
        self, name: str, rings: int, timeout: float, *, unless: asyncio.Future[None] | None = None
    ) -> bool:
        """Until the feed is rung after ``rings`` was read; False after ``timeout`` seconds, or once
        ``unless`` is done.
        """
        bell = self._bells.setdefault(name, _Bell(rings, set()))
        if bell.rings != rings:
            return True
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bool] = loop.create_future()
        bell.waiters.add(waiter)
        late = loop.call_later(timeout, _end, waiter, False)
        if unless is not None:
            unless.add_done_callback(lambda _: _end(waiter, False))
        try:
            return await waiter
        finally:
            late.cancel()
            bell.waiters.discard(waiter)

    # -- naming ------------------------------------------------------------------------------------------

    async def epoch(self) -> epochs.Epoch:
        """The present epoch and how far the backup reaches, at most some seconds old."""
        now = time.monotonic()
        if self._epoch is None or now - self._epoch[0] > _BELIEVED:
            self._epoch = (now, await epochs.read(self._databases.cases))
        return self._epoch[1]

    async def mailbox(self, account: str, generation: int) -> Database:
        """A mailbox, opened once. Where reading it raises ``DatabaseNotFound``, ``forget`` it and ask again.

        Raises ``DatabaseNotFound`` where there is none.
        """
        known = self._mailboxes.get(account)
        if known is None or known.name != self._databases.mailbox_name(account, generation):
            known = self._mailboxes[account] = await self._databases.open_mailbox(account, generation)
        return known

    def forget(self, account: str) -> None:
        """The account's mailbox was deleted; another one may have its name."""
        if known := self._mailboxes.pop(account, None):
            self._names.pop(known.name, None)

    async def name(self, database: Database) -> str:
        """The feed's public name: another one after a restore, a move, or in another generation."""
        now = time.monotonic()
        known = self._names.get(database.name)
        if known is None or now - known[0] > _BELIEVED:
            identity = await database.identity()
            text = f"{(await self.epoch()).epoch} {database.name} {identity}"
            known = (now, hashlib.sha256(text.encode()).hexdigest()[:12])
            self._names[database.name] = known
        return known[1]


def _end(waiter: asyncio.Future[bool], rung: bool) -> None:
    if not waiter.done():
        waiter.set_result(rung)


def place(token: str | None, feed: str) -> str:
    """The engine's sequence of a token, for this feed. Raises ``feed_changed`` for another feed's."""
    if token in (None, "", "0"):
        return "0"
    assert token is not None
    named, dot, seq = token.partition(".")
    if not dot or named != feed or not seq:
        raise Problem("feed_changed")
    return seq
