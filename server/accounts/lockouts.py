"""Waits after failed passwords, kept across restarts.

Law: failures are counted per user name, existing or not, in ``_local`` documents of the accounts database:
they never replicate, never show in a feed, and never delay anything but the next password of that name.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

from server.accounts.passwords import wait_after
from server.clock import Clock
from server.problems import Problem
from sync.errors import Conflict, NotFound
from sync.interface import Database

Json = dict[str, Any]

#: Failures older than this are forgotten, in seconds: a day without another try.
_FORGOTTEN = 86_400


class Lockouts:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @staticmethod
    def _id(name: str) -> str:
        # Hashed: any text may be typed as a user name, and an id has rules.
        return "lockout-" + hashlib.sha256(name.encode()).hexdigest()[:32]

    async def _read(self, name: str) -> Json:
        try:
            doc = await self._database.get_local(self._id(name))
        except NotFound:
            return {"failures": 0, "last": 0.0}
        if self._clock.now().timestamp() - doc["last"] > _FORGOTTEN:
            doc["failures"] = 0
        return doc

    async def check(self, name: str) -> None:
        """Raises ``password_locked`` with ``Retry-After`` while the wait lasts."""
        doc = await self._read(name)
        left = doc["last"] + wait_after(doc["failures"]) - self._clock.now().timestamp()
        if left > 0:
            raise Problem("password_locked", headers={"Retry-After": str(math.ceil(left))})

    async def failed(self, name: str) -> None:
        for _ in range(4):
            doc = await self._read(name)
            doc["failures"] += 1
            doc["last"] = self._clock.now().timestamp()
            try:
                await self._database.put_local(self._id(name), doc)
                return
            except Conflict:
                continue

    async def clear(self, name: str) -> None:
        try:
            await self._database.delete_local(self._id(name))
        except NotFound:
            pass
