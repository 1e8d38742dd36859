"""What the municipality already has, as an import needs to know it.

Law: read once before the rows, and completed by the rows themselves, so that a file may refer to what it
brings. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from server.imports.findings import RowRefused
from server.store.databases import Databases
from server.store.scan import scan
from sync.interface import Database

Json = Any

_PAGE = 500


@dataclass(slots=True)
class Known:
    """Documents by id without their kind. ``areas`` are names as rules write them (``colonia:centro``)."""

    settings: Json = field(default_factory=dict)
    types: dict[str, Json] = field(default_factory=dict)
    agencies: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, Json] = field(default_factory=dict)
    rules: Json = field(default_factory=dict)
    blocks: dict[str, Json] = field(default_factory=dict)
    sectors: set[str] = field(default_factory=set)
    colonias: set[str] = field(default_factory=set)
    leaders: dict[str, Json] = field(default_factory=dict)
    accounts: dict[str, Json] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.get("timezone", "America/Mexico_City"))

    @classmethod
    async def load(cls, databases: Databases) -> Known:
        found = cls()
        async for doc in _all(databases.reference, ""):
            kind, _, key = doc["_id"].partition(":")
            if kind == "settings":
                found.settings = doc
            elif kind == "rules":
                found.rules = doc
            elif kind in ("type", "agency", "channel"):
                {"type": found.types, "agency": found.agencies, "channel": found.channels}[kind][key] = doc
        async for doc in _all(databases.registry, ""):
            kind, _, key = doc["_id"].partition(":")
            if kind == "block":
                # The shape is not needed here, and there may be tens of thousands.
                found.blocks[key] = {name: doc.get(name) for name in ("sector", "colonia", "leader")}
            elif kind == "leader":
                found.leaders[key] = doc
            elif kind in ("sector", "colonia"):
                {"sector": found.sectors, "colonia": found.colonias}[kind].add(key)
        async for doc in _all(databases.accounts, "account:"):
            found.accounts[doc["_id"].removeprefix("account:")] = doc
        return found

    def agency(self, column: str, value: str) -> Json:
        if value not in self.agencies:
            raise RowRefused(column, value, "is no agency of this municipality")
        return self.agencies[value]

    def department(self, column: str, agency: Json, value: str) -> str:
        if value not in {department["id"] for department in agency["departments"]}:
            raise RowRefused(column, value, "is no department of that agency")
        return value

    def block(self, column: str, value: str) -> str:
        if value not in self.blocks:
            raise RowRefused(column, value, "is no block of this municipality")
        return value

    def area(self, column: str, value: str) -> str:
        """An area as a rule names it: ``kind:id``, or an id that only one kind of area has."""
        kinds: dict[str, Any] = {"colonia": self.colonias, "sector": self.sectors, "block": self.blocks}
        kind, colon, key = value.partition(":")
        if colon and kind in kinds and key in kinds[kind]:
            return value
        found = [name for name, ids in kinds.items() if value in ids]
        if len(found) != 1:
            problem = "is no area of this municipality" if not found else "write its kind too, as sector:<id>"
            raise RowRefused(column, value, problem)
        return f"{found[0]}:{value}"


async def _all(database: Database, prefix: str) -> AsyncIterator[Json]:
    async for row in scan(database, prefix):
        if not row.id.startswith("_design/"):
            yield row.read()
