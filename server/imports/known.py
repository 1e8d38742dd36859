"""What the municipality already has, as an import needs to know it.

Law: read once before the rows, and completed by the rows themselves, so that a file may refer to what it
brings. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from server.accounts.documents import AccountDoc
from server.documents.ground import Ground
from server.documents.ids import key_of
from server.documents.shapes import Agency, Channel, Leader, MunicipalSettings, PetitionType, Rules
from server.imports.findings import RowRefused
from server.store.databases import Databases
from server.store.scan import scan
from sync.interface import Database

_PAGE = 500


@dataclass(slots=True)
class Known:
    """Documents by id without their kind. ``areas`` are names as rules write them (``colonia:centro``)."""

    settings: MunicipalSettings | None = None
    types: dict[str, PetitionType] = field(default_factory=dict)
    agencies: dict[str, Agency] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    rules: Rules | None = None
    blocks: dict[str, Ground] = field(default_factory=dict)
    sectors: set[str] = field(default_factory=set)
    colonias: set[str] = field(default_factory=set)
    leaders: dict[str, Leader] = field(default_factory=dict)
    accounts: dict[str, AccountDoc] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings["timezone"] if self.settings else "America/Mexico_City")

    @classmethod
    async def load(cls, databases: Databases) -> Known:
        found = cls()
        async for doc in _all(databases.reference, ""):
            kind, _, key = doc["_id"].partition(":")
            if kind == "settings":
                found.settings = doc
            elif kind == "rules":
                found.rules = doc
            elif kind == "type":
                found.types[key] = doc
            elif kind == "agency":
                found.agencies[key] = doc
            elif kind == "channel":
                found.channels[key] = doc
        async for doc in _all(databases.registry, ""):
            kind, _, key = doc["_id"].partition(":")
            if kind == "block":
                # The shape is not needed here, and there may be tens of thousands.
                found.blocks[key] = {
                    "sector": doc.get("sector"),
                    "colonia": doc.get("colonia"),
                    "leader": doc.get("leader"),
                }
            elif kind == "leader":
                found.leaders[key] = doc
            elif kind in ("sector", "colonia"):
                {"sector": found.sectors, "colonia": found.colonias}[kind].add(key)
        async for doc in _all(databases.accounts, "account:"):
            found.accounts[key_of(doc["_id"])] = doc
        return found

    def agency(self, column: str, value: str) -> Agency:
        if value not in self.agencies:
            raise RowRefused(column, value, "is no agency of this municipality")
        return self.agencies[value]

    def department(self, column: str, agency: Agency, value: str) -> str:
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


async def _all(database: Database, prefix: str) -> AsyncIterator[Any]:
    async for row in scan(database, prefix):
        if not row.id.startswith("_design/"):
            yield row.read()
