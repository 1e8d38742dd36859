"""Who looked at what is restricted: original photos, exact positions of workers, quarantined events.

Law: the line is durable before the thing is shown. Lines are documents ``access:<uuid7>`` of the accounts
database; nobody edits or deletes them but the retention set by the operator.
"""

from __future__ import annotations

from typing import Any

import orjson

from server.clock import Clock, new_uuid7
from server.instants import say
from sync.interface import AllDocsQuery, Database

Json = dict[str, Any]


class Audit:
    def __init__(self, accounts: Database, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock

    async def record(self, account: str, what: str, subject: str) -> None:
        """``what``: ``original_photo``, ``exact_position``, ``account_changed`` …; ``subject``: a
        document's id.
        """
        await self._accounts.put(
            {
                "_id": f"access:{new_uuid7(self._clock)}",
                "account": account,
                "what": what,
                "subject": subject,
                "at": say(self._clock.now()),
            }
        )

    async def newest(self, limit: int = 200) -> list[Json]:
        """The latest lines, newest first."""
        page = await self._accounts.all_docs(
            AllDocsQuery(
                startkey="access:g", endkey="access:", descending=True, limit=limit, include_docs=True
            )
        )
        return [orjson.loads(row.doc) for row in page.rows if row.doc is not None]
