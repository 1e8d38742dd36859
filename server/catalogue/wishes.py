"""What an agency asks to have changed in the catalogue, and what was answered.

Law: asking changes nothing; what is accepted is put by the same rules as any change, over what stands then;
an answer is given once, and the one who asked reads it.
"""

from __future__ import annotations

from typing import Any

from server.catalogue.changes import Changes
from server.catalogue.fields import Fields, Refused
from server.catalogue.parts import BY_NAME
from server.clock import Clock, new_uuid7
from server.documents.ids import is_uuid
from server.instants import say
from server.problems import Problem
from server.store.databases import Databases
from server.store.scan import scan
from sync.errors import Conflict, NotFound

Json = dict[str, Any]

#: Requests that are listed, the newest; some years of a municipality's.
_MOST = 500


class Wishes:
    def __init__(self, databases: Databases, clock: Clock) -> None:
        self._databases = databases
        self._clock = clock

    async def ask(self, by: str, agency: str, kind: str, key: str | None, fields: Fields, why: str) -> str:
        """Write a request down; ``fields``: only what is to be another. Gives its uuid."""
        uuid = new_uuid7(self._clock)
        doc: Json = {
            "_id": f"asked:{uuid}",
            "schema": "asked.v1",
            "at": say(self._clock.now()),
            "by": by,
            "agency": agency,
            "kind": kind,
            "key": key,
            "fields": fields,
            "why": why,
            "status": "open",
        }
        await self._databases.office.put(doc)
        return uuid

    async def listed(self, agency: str | None = None) -> list[Json]:
        """Requests, those without an answer first, then the newest; of one agency, or all."""
        walk = scan(self._databases.office, "asked:", most=_MOST, backwards=True)
        docs = [found.read() async for found in walk]
        found = [doc for doc in docs if agency is None or doc["agency"] == agency]
        return sorted(found, key=lambda doc: doc["status"] != "open")

    async def answer(self, uuid: str, by: str, accepted: bool, text: str) -> None:
        """Accept a request, which makes the change, or decline it with words.

        Raises ``not_found``; ``edit_conflict`` where it has its answer already; ``Refused`` where what
        it asks for cannot be.
        """
        try:
            doc = await self._databases.office.get(f"asked:{uuid}") if is_uuid(uuid) else None
        except NotFound:
            doc = None
        if doc is None:
            raise Problem("not_found", "no such request")
        if doc["status"] != "open":
            raise Problem("edit_conflict", "the request has its answer")
        if accepted:
            changes = Changes(self._databases, self._clock)
            state = await changes.state()
            kind = BY_NAME[doc["kind"]]
            if doc["key"] is not None and doc["key"] not in kind.items(state):
                raise Refused({"": "Lo que se pidió cambiar ya no está."})
            changed, _ = kind.put(state, doc["key"], doc["fields"])
            # The change first: closing the request twice is refused, making the change twice changes nothing.
            await changes.apply(state, [changed], by, "request")
        closed = {
            **doc, "status": "accepted" if accepted else "declined", "decided_at": say(self._clock.now()),
            "decided_by": by, "answer": text,
        }  # fmt: skip
        try:
            await self._databases.office.put(closed)
        except Conflict:
            raise Problem("edit_conflict", "the request has its answer") from None
