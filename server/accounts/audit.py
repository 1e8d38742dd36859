"""Who looked at what is restricted: original photos, exact positions of workers, quarantined events.

Law: the line is durable before the thing is shown. Lines are documents ``access:<uuid7>`` of the accounts
database; nobody edits or deletes them but the retention set by the operator.
"""

from __future__ import annotations

from server.accounts.documents import AccessLine
from server.clock import Clock, new_uuid7
from server.instants import say
from server.store.scan import scan
from sync.interface import Database


class Audit:
    def __init__(self, accounts: Database, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock

    async def record(self, account: str, what: str, subject: str) -> None:
        """``what``: ``original_photo``, ``exact_position``, ``account_changed`` …; ``subject``: a
        document's id.
        """
        line: AccessLine = {
            "_id": f"access:{new_uuid7(self._clock)}",
            "account": account,
            "what": what,
            "subject": subject,
            "at": say(self._clock.now()),
        }
        await self._accounts.put(line)

    async def newest(self, limit: int = 200) -> list[AccessLine]:
        """The latest lines, newest first."""
        return [row.read() async for row in scan(self._accounts, "access:", most=limit, backwards=True)]
