"""Changing the catalogue: at once, with who did it and what stood before, and undone by whoever may.

Law: a change is written down before it is made, so none is without its line; nothing is overwritten that the
changer had not seen; several documents change all or none. Phones get it with their next pull of
``reference``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from server.catalogue.fields import Refused
from server.catalogue.parts import check
from server.catalogue.state import State, load
from server.clock import Clock, new_uuid7
from server.instants import say
from server.problems import Problem
from server.store.databases import Databases
from server.store.scan import scan
from sync.errors import NotFound

Json = dict[str, Any]
How = Literal["page", "import", "command", "undo", "request"]

#: Lines of a document's history that are read at once; the newest.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Change:
    """``how`` it came; ``before`` None: it was new. Documents are without ``_rev``."""

    id: str
    at: str
    by: str
    how: str
    before: Json | None
    after: Json

    @property
    def doc_id(self) -> str:
        return str(self.after["_id"])


def bare(doc: Json) -> Json:
    return {name: value for name, value in doc.items() if name != "_rev"}


class Changes:
    """The catalogue's changes, in ``reference`` and, written down, in ``office``."""

    def __init__(self, databases: Databases, clock: Clock) -> None:
        self._databases = databases
        self._clock = clock

    async def state(self) -> State:
        return await load(self._databases)

    async def apply(self, state: State, docs: Sequence[Json], by: str, how: How) -> int:
        """Make these documents stand, all or none; gives how many differed.

        ``state``: what the changer had seen. Raises ``edit_conflict`` where another one came between.
        """
        at = say(self._clock.now())
        wanted = [doc for doc in docs if bare(doc) != bare(state.docs.get(doc["_id"], {}))]
        if not wanted:
            return 0
        # The version goes into each record's routing: it says which rules decided.
        wanted = [{**doc, "version": at} if doc["_id"] == "rules" else doc for doc in wanted]
        lines: list[Json] = [
            {
                "_id": f"change:{doc['_id']}:{new_uuid7(self._clock)}",
                "schema": "change.v1",
                "at": at,
                "by": by,
                "how": how,
                "before": bare(state.docs[doc["_id"]]) if doc["_id"] in state.docs else None,
                "after": bare(doc),
            }
            for doc in wanted
        ]
        written = await self._databases.office.bulk_docs(lines)
        revs = [{**bare(doc), **_rev(state.docs.get(doc["_id"]))} for doc in wanted]
        rows = await self._databases.reference.bulk_docs(revs)
        if all(row.ok for row in rows):
            return len(wanted)
        # Somebody came between: what was made is unmade, and neither it nor its line stays.
        made = {row.id: row.rev for row in rows if row.ok}
        await self._databases.reference.bulk_docs(
            [
                {**line["before"], "_rev": made[line["after"]["_id"]]}
                if line["before"] is not None
                else {"_id": line["after"]["_id"], "_rev": made[line["after"]["_id"]], "_deleted": True}
                for line in lines
                if line["after"]["_id"] in made
            ]
        )
        await self._databases.office.bulk_docs(
            [{"_id": row.id, "_rev": row.rev, "_deleted": True} for row in written if row.ok]
        )
        raise Problem("edit_conflict", "somebody else changed the catalogue meanwhile")

    async def history(self, doc_id: str = "") -> list[Change]:
        """The changes of a document, or of all, the newest first."""
        head = f"change:{doc_id}:" if doc_id else "change:"
        walk = scan(self._databases.office, head, most=_MOST, backwards=True)
        found = [_change(line.read()) async for line in walk]
        return sorted(found, key=lambda change: (change.at, change.id[-36:]), reverse=True)

    async def undo(self, change_id: str, by: str) -> Change:
        """Put back what stood before a change: its document's newest; what was new is retired.

        Raises ``not_found``; ``Refused`` where it can no longer stand, or another change came after.
        """
        try:
            line = _change(await self._databases.office.get(change_id))
        except NotFound:
            raise Problem("not_found", "no such change") from None
        state = await self.state()
        now = state.docs.get(line.doc_id)
        if now is None or _content(bare(now)) != _content(line.after):
            raise Refused({"": "Después de ese cambio hubo otro: deshaga primero el más nuevo."})
        before = line.before
        if before is None:
            if line.doc_id.startswith("calendar:"):
                before = {**line.after, "holidays": []}
            elif line.doc_id == "rules":
                before = {**line.after, "rules": [], "words": []}
            else:
                before = {**line.after, "active": False}
        if wrong := check(state, before):
            raise Refused({"": f"Ya no puede quedar como estaba. {wrong[0]}"})
        await self.apply(state, [{**before, **_rev(now)}], by, "undo")
        return line


def _content(doc: Json) -> Json:
    """A document without its version, which the moment of a change gives it."""
    return {name: value for name, value in doc.items() if name != "version"}


def _rev(doc: Json | None) -> Json:
    return {"_rev": doc["_rev"]} if doc is not None and "_rev" in doc else {}


def _change(doc: Json) -> Change:
    return Change(doc["_id"], doc["at"], doc["by"], doc["how"], doc["before"], doc["after"])
