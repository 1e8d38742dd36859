"""The catalogue and directory as they stand: types, agencies, channels, calendars, rules, and areas' names.

Law: a value; changing it changes nothing in the database (``changes.py`` does). Reading is all it does there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from server.store.databases import Databases
from server.store.scan import scan

Json = dict[str, Any]

#: Documents of ``reference`` that are the catalogue's: everything else there is another matter.
HEADS = ("agency:", "calendar:", "channel:", "type:")


@dataclass(frozen=True, slots=True)
class State:
    """``docs`` by id, with their ``_rev``; ``areas``: name by ``<kind>:<id>`` of colonias and sectors."""

    docs: dict[str, Json] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)

    def kind(self, head: str) -> dict[str, Json]:
        """Documents whose id begins with ``head``, by the rest of it."""
        return {key.removeprefix(head): doc for key, doc in self.docs.items() if key.startswith(head)}

    def with_doc(self, doc: Json) -> State:
        return replace(self, docs={**self.docs, doc["_id"]: doc})

    def without(self, doc_id: str) -> State:
        return replace(self, docs={key: doc for key, doc in self.docs.items() if key != doc_id})

    @property
    def rules(self) -> Json:
        """The rules, empty ones where there are none."""
        empty = {"_id": "rules", "schema": "rules.v1", "version": "0", "rules": [], "words": []}
        return self.docs.get("rules") or empty


async def load(databases: Databases) -> State:
    docs: dict[str, Json] = {}
    areas: dict[str, str] = {}
    for head in (*HEADS, "rules"):
        docs |= {found.id: found.read() async for found in scan(databases.reference, head)}
    async for found in scan(databases.reference, "area:"):
        key = found.id.removeprefix("area:")
        areas[key] = str(found.read().get("name") or key)
    return State(docs, areas)
