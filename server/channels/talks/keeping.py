"""What is done with conversations while nobody writes: what waits is applied, a draft left alone registered,
what is old goes, and what the law erased goes with all its words.

Law: all of it may be done twice or by two processes. Figures outlive the talks they were counted in: a day's
counts move into the month's document in the write that deletes the talk.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import apsw
import structlog

from server.channels.conversation.machine import ABANDONED, ABANDONED_URGENT, abandoned
from server.channels.conversation.state import read
from server.channels.talks import documents
from server.channels.talks.erasing import add, erase, erased_by_law
from server.channels.talks.talks import Talks
from server.documents import reading
from server.instants import parse, say
from server.problems import Problem
from server.worker import Worker
from sync.errors import EngineError

log = structlog.get_logger("manzana.talks")

#: Seconds a round waits for a message; drafts left alone are looked for as often.
_ROUND = 20.0
#: Talks applied at once: one that waits for intake holds no other up.
_AT_ONCE = 16


class Keeping:
    """``worker`` runs in the process that serves the pages."""

    def __init__(self, talks: Talks) -> None:
        self._talks = talks
        self.worker = Worker("talks", self._rounds)

    async def round(self) -> None:
        """Apply what waits, and register drafts that were left alone."""
        waiting = await self._talks.due()
        gate = asyncio.Semaphore(_AT_ONCE)

        async def apply(talk: str) -> None:
            async with gate:
                try:
                    await self._talks.apply(talk)
                except (Problem, EngineError, apsw.Error) as error:
                    log.warning("message_waits", error=str(error))

        await asyncio.gather(*map(apply, dict.fromkeys(documents.talk_of(said) for said in waiting)))
        await self.register_abandoned()

    async def register_abandoned(self) -> int:
        """Register drafts that nobody goes on with; gives how many talks were looked at."""
        now = self._talks.clock.now()
        old = [
            talk
            for talk, (heard_at, urgent) in self._talks.drafts.items()
            if now - parse(heard_at) >= (ABANDONED_URGENT if urgent else ABANDONED)
        ]
        for talk in old:
            await self._let_be(talk, say(now))
        return len(old)

    async def _let_be(self, talk: str, now: str) -> None:
        async with self._talks.lock(talk):
            doc = await self._talks.stored(talk)
            known = await self._talks.knowing.now()
            turn = abandoned(read(doc["state"]), self._talks.town(doc, known), now) if doc else None
            if doc is None or turn is None:
                self._talks.drafts.pop(talk, None)
                return
            await self._talks.commit(doc, turn, known, now, documents.message_key(f"abandoned:{now}"))

    async def remember(self) -> None:
        """Learn which talks have drafts: once, at the start."""
        for doc in await self._talks.listed():
            draft = read(doc["state"]).draft
            if draft is not None:
                self._talks.drafts[doc["_id"]] = (doc["heard_at"], draft.urgent)

    async def tidy(self) -> int:
        """Delete talks older than ``talk_days`` and those of which the law erased something;
        gives how many went.
        """
        known = await self._talks.knowing.now()
        oldest = say(self._talks.clock.now() - timedelta(days=int(known.settings["talk_days"])))
        talks = await self._talks.listed()
        erased = await erased_by_law(self._talks.databases, talks)
        gone = 0
        for doc in talks:
            old = doc["heard_at"] < oldest and read(doc["state"]).draft is None
            if old or doc["_id"] in erased:
                gone += await self.delete(doc["_id"])
        if gone:
            await self._talks.office.compact()
        return gone

    async def delete(self, talk: str) -> bool:
        """Delete a talk with all its messages, marks and what follows from it; its counts stay."""
        async with self._talks.lock(talk):
            self._talks.drafts.pop(talk, None)
            return await erase(self._talks.databases, talk)

    async def counted(self, since: str, until: str) -> dict[str, dict[str, int]]:
        """Steps from day to day (``YYYY-MM-DD``, inclusive), by channel."""
        found: dict[str, dict[str, int]] = {}
        for doc in await self._talks.listed():
            for day, counts in doc["counts"].items():
                if since <= day <= until:
                    add(found.setdefault(doc["channel"], {}), counts)
        months = [f"steps:{month}" for month in _months(since, until)]
        for month in (await self._talks.office.get_many(months)).values():
            for day, channels in reading.steps(month)["days"].items():
                if since <= day <= until:
                    for channel, counts in channels.items():
                        add(found.setdefault(channel, {}), counts)
        return found

    async def _rounds(self) -> None:
        await self.remember()
        while True:
            try:
                since = (await self._talks.office.info()).update_seq
                await self.round()
                await self._talks.office.wait_for_change(since, _ROUND)
            except EngineError as error:
                log.warning("talks_wait", error=str(error))
                await asyncio.sleep(1.0)


def _months(since: str, until: str) -> list[str]:
    first, last = datetime.fromisoformat(since[:7] + "-01"), until[:7]
    found: list[str] = []
    while first.strftime("%Y-%m") <= last and len(found) < 240:
        found.append(first.strftime("%Y-%m"))
        first = (first + timedelta(days=32)).replace(day=1)
    return found
