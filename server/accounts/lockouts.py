"""Waits after failed passwords, counted before they are judged and kept across restarts.

Law GUESS-1: a try is reserved before the password is looked at, so that thirty at once are refused as thirty
in line are. Tries from outside are counted per user name and network, and per user name in all; those of a
browser that has entered as that user before are counted for it alone, so that nobody outside can keep it out.
Names are counted existing or not, in ``_local`` documents of the accounts database: they never replicate and
never show in a feed.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from typing import Any

from server.accounts.passwords import wait_after
from server.clock import Clock
from server.problems import Problem
from sync.errors import Conflict, NotFound
from sync.interface import Database

#: Failures older than this are forgotten, in seconds: a day without another try.
_FORGOTTEN = 86_400
#: Failures of a name from all networks together before its first wait, beyond what one network may.
SPREAD = 36
#: Rounds over another process's writes before a try is refused unjudged.
_ROUNDS = 16


class Lockouts:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        #: One reservation at a time in this process; between processes the revisions decide.
        self._turn = asyncio.Lock()

    @staticmethod
    def _keys(name: str, network: str, browser: str | None) -> list[tuple[str, int]]:
        """What a try is counted by, with the failures that each lets pass beyond the usual ones."""
        if browser is not None:
            return [(f"{name}\nbrowser\n{browser}", 0)]
        return [(f"{name}\nnetwork\n{network}", 0), (name, SPREAD)]

    @staticmethod
    def _id(key: str) -> str:
        # Hashed: any text may be typed as a user name, and an id has rules.
        return "lockout-" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]

    async def _read(self, key: str) -> dict[str, Any]:
        try:
            doc = await self._database.get_local(self._id(key))
        except NotFound:
            # With a revision: without one, a second process's first count would replace this one's.
            return {"_rev": "0-0", "failures": 0, "last": 0.0, "epoch": await self._epoch()}
        if (
            self._clock.now().timestamp() - doc["last"] > _FORGOTTEN
            or doc.get("epoch") != await self._epoch()
        ):
            doc = {**doc, "failures": 0, "epoch": await self._epoch()}
        return doc

    async def _epoch(self) -> int:
        """How often an operator has lifted all waits: what was counted before is void."""
        try:
            return int((await self._database.get_local("lockouts"))["epoch"])
        except NotFound:
            return 0

    async def check(self, name: str, network: str = "", browser: str | None = None) -> None:
        """Raises ``password_locked`` with ``Retry-After`` while a wait lasts."""
        for key, spare in self._keys(name, network, browser):
            self._judge(await self._read(key), spare)

    def _judge(self, doc: dict[str, Any], spare: int) -> None:
        left = doc["last"] + wait_after(doc["failures"] - spare) - self._clock.now().timestamp()
        if left > 0:
            raise Problem("password_locked", headers={"Retry-After": str(math.ceil(left))})

    async def reserve(self, name: str, network: str = "", browser: str | None = None) -> None:
        """Count a try as failed before it is judged; ``clear`` takes it back when it was right.

        Raises ``password_locked`` while a wait lasts, ``unavailable`` where it cannot be counted.
        """
        async with self._turn:
            # All are asked before any is counted: a try that is refused counts nowhere.
            await self.check(name, network, browser)
            for key, spare in self._keys(name, network, browser):
                await self._count(key, spare)

    async def _count(self, key: str, spare: int) -> None:
        for _ in range(_ROUNDS):
            doc = await self._read(key)
            self._judge(doc, spare)
            counted = {**doc, "failures": doc["failures"] + 1, "last": self._clock.now().timestamp()}
            try:
                await self._database.put_local(self._id(key), counted)
                return
            except Conflict:
                continue
        raise Problem("unavailable", "the try could not be counted", headers={"Retry-After": "1"})

    async def clear(self, name: str, network: str = "", browser: str | None = None) -> None:
        """The password was right: what its source had failed is forgotten.

        Of the name's failures in all only its own is taken back: a person who enters must not give whoever
        guesses from everywhere another round.
        """
        async with self._turn:
            for key, spare in self._keys(name, network, browser):
                try:
                    if spare == 0:
                        await self._database.delete_local(self._id(key))
                        continue
                    doc = await self._read(key)
                    await self._database.put_local(
                        self._id(key), {**doc, "failures": max(0, doc["failures"] - 1)}
                    )
                except (NotFound, Conflict):
                    continue  # Counted once too often: harmless.

    async def lift(self) -> None:
        """End every wait, of every name: the operator's way in."""
        while True:
            try:
                doc = await self._database.get_local("lockouts")
            except NotFound:
                doc = {"epoch": 0}
            try:
                await self._database.put_local("lockouts", {**doc, "epoch": int(doc["epoch"]) + 1})
                return
            except Conflict:
                continue
