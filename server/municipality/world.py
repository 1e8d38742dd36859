"""What the municipality is at this moment: areas, catalogue, rules, calendar, settings.

Law: this is read, never written, here. It is taken in whole from ``registry`` and ``reference`` and follows
their feeds; what was decided with an earlier state stays in the records and is not decided again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from server.accounts.model import Account
from server.cases.scope import Scope
from server.cases.territory import Territory
from server.documents import reading
from server.documents.shapes import Calendar, MunicipalSettings, PetitionType, Report, Rules
from server.store.databases import Databases
from sync.interface import ChangesQuery, Database

#: Documents read per page: bounds memory while thousands of polygons are taken in.
_PAGE = 500

#: What holds before ``manzana init`` has written the settings.
DEFAULTS: dict[str, Any] = {
    "timezone": "America/Mexico_City",
    "folio_prefix": "MZ",
    "answer_hours": 24,
    "late_days": 7,
    "evidence_flag_days": 7,
    "retention_days": 90,
    "position_days": 180,
    "mailbox_cap": 10_000,
}

#: The agency whose petition types are Protección Civil's, unless the settings name another.
CIVIL_AGENCIES = ("proteccion-civil", "civil-protection", "pc")


class Shelf:
    """The documents of one database in memory, kept up by its changes feed."""

    def __init__(self, database: Database | None) -> None:
        """Without a database it holds what is put into ``docs``."""
        self._database = database
        self._since = "0"
        self.docs: dict[str, Any] = {}

    async def refresh(self) -> set[str]:
        """Take in what changed since the last call; gives the ids."""
        changed: set[str] = set()
        while self._database is not None:
            query = ChangesQuery(since=self._since, limit=_PAGE, include_docs=True)
            page = await self._database.changes(query)
            for row in page.rows:
                changed.add(row.id)
                if row.deleted or row.doc is None:
                    self.docs.pop(row.id, None)
                else:
                    self.docs[row.id] = orjson.loads(row.doc)
            self._since = page.last_seq
            if len(page.rows) < _PAGE:
                break
        return changed

    async def wait(self, timeout: float) -> bool:
        """Until something may have changed; False after ``timeout`` seconds."""
        assert self._database is not None
        return await self._database.wait_for_change(self._since, timeout)

    def kind(self, prefix: str) -> dict[str, Any]:
        """Documents whose id begins with ``<prefix>:``, by the rest of the id."""
        head = prefix + ":"
        return {key[len(head) :]: doc for key, doc in self.docs.items() if key.startswith(head)}


class World:
    """``await load()`` before use."""

    def __init__(self, databases: Databases | None) -> None:
        """Without databases it stands still: ``of`` makes such a one."""
        self.registry = Shelf(databases.registry if databases else None)
        self.reference = Shelf(databases.reference if databases else None)
        self.settings: MunicipalSettings = reading.settings(DEFAULTS)
        self.types: dict[str, PetitionType] = {}
        self.rules: Rules | None = None
        self.calendars: dict[str, Calendar] = {}
        self.territory = Territory()
        self.timezone = ZoneInfo(DEFAULTS["timezone"])
        self.civil_types: frozenset[str] = frozenset()

    @classmethod
    def of(cls, registry: Iterable[dict[str, Any]], reference: Iterable[dict[str, Any]]) -> World:
        """A municipality of these documents, which have their revisions."""
        world = cls(None)
        world.registry.docs = {doc["_id"]: doc for doc in registry}
        world.reference.docs = {doc["_id"]: doc for doc in reference}
        world._take_in(set(world.registry.docs), set(world.reference.docs))
        return world

    async def load(self) -> tuple[set[str], set[str]]:
        """Take in what changed; gives the ids that did, of ``registry`` and of ``reference``."""
        registry, reference = await asyncio.gather(self.registry.refresh(), self.reference.refresh())
        self._take_in(registry, reference)
        return registry, reference

    def _take_in(self, registry: set[str], reference: set[str]) -> None:
        if reference:
            self._read_reference()
        areas = ("block:", "sector:", "colonia:")
        if "settings" in reference or any(key.startswith(areas) for key in registry):
            self.territory = Territory(
                outline=self.settings.get("outline"),
                blocks=self.registry.kind("block"),
                sectors=self.registry.kind("sector"),
                colonias=self.registry.kind("colonia"),
            )

    def _read_reference(self) -> None:
        docs = self.reference.docs
        self.settings = reading.settings({**DEFAULTS, **docs.get("settings", {})})
        self.timezone = ZoneInfo(self.settings["timezone"])
        self.types = self.reference.kind("type")
        self.rules = docs.get("rules")
        self.calendars = self.reference.kind("calendar")
        civil = set(self.settings.get("civil_protection_agencies") or CIVIL_AGENCIES)
        self.civil_types = frozenset(key for key, doc in self.types.items() if doc.get("agency") in civil)

    def today(self, now: datetime) -> str:
        """The municipality's date, ``YYYY-MM-DD``."""
        return now.astimezone(self.timezone).date().isoformat()

    def holidays(self) -> dict[str, str]:
        """The municipality's own holidays, date to name."""
        days = (day for doc in self.calendars.values() for day in doc.get("holidays", ()))
        return {day["date"]: day["name"] for day in days}

    def calendar_version(self) -> str:
        """A name for exactly these calendars, recorded with the deadlines they gave."""
        versions = [f"{year}@{doc['_rev'][:8]}" for year, doc in sorted(self.calendars.items())]
        return ",".join(versions) or "official"


def scope_of(account: Account, today: str) -> Scope:
    """An account as the pure modules know it (``cases.scope.account_keys``)."""
    return {
        "account": account.id,
        "role": account.role,
        "blocks": list(account.blocks),
        "sector": account.sector,
        "agency": account.agency,
        "brigade": account.brigade,
        "department": account.department,
        "in_office": account.in_office(today),
    }


def near_blocks(territory: Territory, report: Report) -> tuple[str, ...]:
    """The blocks around a report that may see its card; none where its place is unknown."""
    place = report.get("place")
    if not place or place.get("lat") is None or place.get("lon") is None:
        return ()
    return territory.near_blocks(place["lon"], place["lat"])
