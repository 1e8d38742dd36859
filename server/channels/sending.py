"""What waits to go out is carried, in each citizen's order, and never twice.

Law: a message is claimed durably before it is handed to its carrier. What was claimed and never settled (a
kill, a broken connection, a restore) is ``uncertain``: shown, and not sent again; only the carrier's own word
settles it. What was not taken is tried again, later each time.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog

from server.channels.carrying import Carrier, NotTaken, Outgoing, TryLater, Unknown
from server.clock import Clock
from server.instants import parse, say
from server.store import epoch
from server.store.databases import Databases
from server.store.scan import scan
from server.worker import Worker
from sync.errors import EngineError
from sync.interface import Step, Write

Json = dict[str, Any]
log = structlog.get_logger("manzana.sending")

#: Talks that are written to at once.
_AT_ONCE = 16
#: A claim older than this is nobody's any more: longer than any carrier's patience.
_CLAIM = timedelta(minutes=2)
#: Seconds until the second try, doubled each time up to an hour; then it is given up.
_FIRST, _SLOWEST, _TRIES = 5.0, 3_600.0, 12
_ROUND = 15.0
_ATTEMPTS = 5
#: How far a carrier's word has come; a later one is never taken back by an earlier.
_RANK = {"waiting": 0, "sending": 1, "uncertain": 2, "failed": 2, "sent": 3, "delivered": 4, "read": 5}

#: Makes what is handed over of a document; None where it is not to be sent any more.
Compose = Callable[[Json], Awaitable[tuple[str, Outgoing] | None]]


class Sending:
    """``compose`` by the document's kind (``said``, ``out``) gives the carrier's name and the message."""

    def __init__(self, databases: Databases, clock: Clock) -> None:
        self._databases = databases
        self._office = databases.office
        self._clock = clock
        self._run = secrets.token_hex(8)
        self.carriers: dict[str, Carrier] = {}
        self.compose: dict[str, Compose] = {}
        self.worker = Worker("sending", self._rounds)

    async def round(self) -> int:
        """Carry what is due; gives how many were handed over."""
        marks: list[Json] = [found.read() async for found in scan(self._office, "due:send:")]
        lines: dict[str, list[Json]] = {}
        for mark in marks:
            lines.setdefault(_line_of(mark["of"]), []).append(mark)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def carry(line: list[Json]) -> int:
            async with gate:
                return await self._line(line)

        return sum(await asyncio.gather(*(carry(line) for line in lines.values())))

    async def _line(self, marks: list[Json]) -> int:
        """One citizen's messages in their order: one that must wait holds the others up."""
        done = 0
        for mark in marks:
            settled = await self._one(mark)
            if not settled:
                break
            done += 1
        return done

    async def _one(self, mark: Json) -> bool:
        doc = (await self._office.get_many([mark["of"]])).get(mark["of"])
        if doc is None or not doc.get("sending"):
            return await self._end(mark)
        sending, now = doc["sending"], self._clock.now()
        if sending["state"] == "sending":
            mine = sending.get("by") == self._run
            if not mine or now - parse(sending["attempts"][-1]["at"]) >= _CLAIM:
                return await self._settle(doc["_id"], mark, "uncertain", "se cortó mientras se enviaba")
            return False
        if sending["state"] != "waiting":
            return await self._end(mark)
        if sending["epoch"] != (await epoch.read(self._databases.cases)).epoch:
            return await self._settle(doc["_id"], mark, "uncertain", "se restauró un respaldo")
        if sending["not_before"] and now < parse(sending["not_before"]):
            return False
        composed = await self.compose[doc["_id"].partition(":")[0]](doc)
        if composed is None:
            return await self._settle(doc["_id"], mark, "failed", "ya no procede")
        name, message = composed
        carrier = self.carriers.get(name)
        if carrier is None:
            return await self._settle(doc["_id"], mark, "failed", "el canal no está configurado")
        attempts = [*sending["attempts"], {"at": say(now)}]
        claimed = {**doc, "sending": {**sending, "state": "sending", "by": self._run, "attempts": attempts}}
        rows = await self._office.bulk_docs([claimed])
        if not rows[0].ok:
            return False
        return await self._carry(carrier, message, mark, len(attempts))

    async def _carry(self, carrier: Carrier, message: Outgoing, mark: Json, tries: int) -> bool:
        try:
            remote = await carrier.send(message)
        except NotTaken as error:
            return await self._settle(message.id, mark, "failed", str(error))
        except Unknown as error:
            return await self._settle(message.id, mark, "uncertain", str(error))
        except TryLater as error:
            if tries >= _TRIES:
                return await self._settle(message.id, mark, "failed", str(error))
            wait = max(min(_FIRST * 2 ** (tries - 1), _SLOWEST), error.seconds or 0.0)
            later = say(self._clock.now() + timedelta(seconds=wait))
            await self._settle(message.id, None, "waiting", str(error), not_before=later)
            return False
        return await self._settle(message.id, mark, "sent", "", remote=remote)

    async def became(self, of: str, remote: str, state: str, why: str) -> bool:
        """The carrier's own word of a message; False where there is no such message."""
        if not of.startswith(("said:", "out:")) or of not in await self._office.get_many([of]):
            return False
        return await self._settle(of, None, state, why, remote=remote or None)

    async def _settle(
        self, of: str, mark: Json | None, state: str, why: str, *,
        remote: str | None = None, not_before: str | None = None,
    ) -> bool:  # fmt: skip
        """Write what became of it and end its mark, in one write. True always: it is settled."""
        for _ in range(_ATTEMPTS):
            doc = (await self._office.get_many([of])).get(of)
            if doc is None:
                return True if mark is None else await self._end(mark)
            sending = doc["sending"]
            # The carrier's word may come before the answer to our own request.
            keeps = _RANK[state] < _RANK[sending["state"]] and state != "waiting"
            attempts = list(sending["attempts"])
            if attempts and why:
                attempts[-1] = {**attempts[-1], "what": why[:300]}
            new = {
                **sending,
                "state": sending["state"] if keeps else state,
                "attempts": attempts,
                "not_before": not_before,
                "remote": remote or sending["remote"],
            }
            new.pop("by", None)
            own = {name: value for name, value in doc.items() if name != "_rev"} | {"sending": new}
            steps = [Step([Write(self._office, own, doc["_rev"], keep=False)], strict=True)]
            if mark is not None:
                gone = Write(self._office, {"_id": mark["_id"]}, mark["_rev"], deleted=True, keep=False)
                steps.append(Step([gone]))
            if (await self._databases.engine.spread(*steps))[0][0].ok:
                return True
        return False

    async def _end(self, mark: Json) -> bool:
        gone = Write(self._office, {"_id": mark["_id"]}, mark["_rev"], deleted=True, keep=False)
        await self._databases.engine.spread(Step([gone]))
        return True

    async def _rounds(self) -> None:
        while True:
            try:
                since = (await self._office.info()).update_seq
                await self.round()
                await self._office.wait_for_change(since, _ROUND)
            except EngineError as error:
                log.warning("sending_waits", error=str(error))
                await asyncio.sleep(1.0)


def _line_of(of: str) -> str:
    """Which messages keep their order among each other: those of one talk. A notice waits for no other."""
    return of if of.startswith("out:") else of.rpartition(":")[0]
