"""What the municipality already has, as an import needs to know it.

Law: read once before the rows, and completed by the rows themselves, so that a file may refer to what it
brings. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from server.accounts.documents import AccountDoc
from server.documents.ground import Ground
from server.documents.ids import key_of
from server.documents.shapes import Agency, Channel, Leader, MunicipalSettings, PetitionType, Rules
from server.imports.dates import Order
from server.imports.findings import RowRefused
from server.imports.values import slug, to_slug
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
    #: Which comes first in the dates of the file at hand.
    order: Order = "day"
    #: Ids by another way to write them, made when first asked for.
    _also: dict[str, dict[str, str | None]] = field(default_factory=dict)

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

    def agency(self, column: str, value: Any) -> Agency:
        """An agency by its id, its name or its short name."""
        key = slug(column, value)
        if key not in self.agencies:
            key = self._named("agency", self.agencies, ("name", "short")).get(key) or key
        if key not in self.agencies:
            why = "is no agency of this municipality: import its agencies first ('manzana import agencies')"
            raise RowRefused(column, value, why)
        return self.agencies[key]

    def department(self, column: str, agency: Agency, value: Any) -> str:
        key = slug(column, value)
        for department in agency["departments"]:
            if key in (department["id"], to_slug(department["name"])):
                return str(department["id"])
        raise RowRefused(column, value, "is no department of that agency")

    def type(self, column: str, value: Any) -> str:
        """A petition type by its id or its name."""
        key = slug(column, value)
        found = key if key in self.types else self._named("type", self.types, ("name",)).get(key)
        if found is None:
            raise RowRefused(column, value, "is no petition type of this municipality")
        return found

    def channel(self, column: str, value: Any) -> str:
        key = slug(column, value)
        found = key if key in self.channels else self._named("channel", self.channels, ("name",)).get(key)
        if found is None:
            raise RowRefused(column, value, "is no channel of this municipality")
        return found

    def block(self, column: str, value: str) -> str:
        """A block by its id, with the zeros before it or without: a column of numbers drops them."""
        if value in self.blocks:
            return value
        if "block" not in self._also:
            self._also["block"] = _unique((key.lstrip("0"), key) for key in self.blocks if key.isdigit())
        found = self._also["block"].get(value.lstrip("0")) if value.isdigit() else None
        if found is None:
            raise RowRefused(column, value, "is no block of this municipality")
        return found

    def _named(self, kind: str, docs: Mapping[str, Any], members: tuple[str, ...]) -> dict[str, str | None]:
        if kind not in self._also:
            pairs = ((to_slug(doc[m]), key) for key, doc in docs.items() for m in members if doc.get(m))
            self._also[kind] = _unique(pairs)
        return self._also[kind]

    def brought(self, kind: str) -> None:
        """The file brought one of this kind: its names are looked up anew."""
        self._also.pop(kind, None)

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


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """One way to write an id to the id; None where it writes several."""
    found: dict[str, str | None] = {}
    for written, key in pairs:
        found[written] = key if found.get(written, key) == key else None
    return found


async def _all(database: Database, prefix: str) -> AsyncIterator[Any]:
    async for row in scan(database, prefix):
        if not row.id.startswith("_design/"):
            yield row.read()
