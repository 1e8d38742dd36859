"""What the municipality is at this moment: areas, catalogue, rules, calendar, settings.

Law: this is read, never written, here. It is taken in whole from ``registry`` and ``reference`` and follows
their feeds; what was decided with an earlier state stays in the records and is not decided again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from sys import intern
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from server.accounts.model import Account
from server.cases.scope import Scope
from server.cases.territory import MARK, Territory, mark_of, packed, version_of
from server.documents import reading
from server.documents.shapes import Calendar, MunicipalSettings, PetitionType, Report, Rules
from server.memory import give_back
from server.store.databases import Databases
from sync.interface import ChangesQuery, Database

#: The registry's document of the municipality's outline.
OUTLINE = "outline:municipality"

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

    def __init__(self, database: Database | None, keep: Callable[[Any], Any] = dict) -> None:
        """``keep``: what is kept of a document. Without a database it holds what is put into ``docs``."""
        self.database = database
        self._keep = keep
        self._since = "0"
        self.docs: dict[str, Any] = {}

    async def refresh(self) -> set[str]:
        """Take in what changed since the last call; gives the ids."""
        changed: set[str] = set()
        while self.database is not None:
            query = ChangesQuery(since=self._since, limit=_PAGE, include_docs=True)
            page = await self.database.changes(query)
            for row in page.rows:
                changed.add(row.id)
                if row.deleted or row.doc is None:
                    self.docs.pop(row.id, None)
                else:
                    doc = self._keep(orjson.loads(row.doc))
                    self.docs[row.id] = {**doc, "_id": row.id} | _shared(doc)
            self._since = page.last_seq
            if len(page.rows) < _PAGE:
                break
        return changed

    async def wait(self, timeout: float) -> bool:
        """Until something may have changed; False after ``timeout`` seconds."""
        assert self.database is not None
        return await self.database.wait_for_change(self._since, timeout)

    def kind(self, prefix: str) -> dict[str, Any]:
        """Documents whose id begins with ``<prefix>:``, by the rest of the id."""
        head = prefix + ":"
        return {key[len(head) :]: doc for key, doc in self.docs.items() if key.startswith(head)}


def _shared(doc: dict[str, Any]) -> dict[str, Any]:
    """Members that thousands of documents have alike, as one text each."""
    return {name: intern(doc[name]) for name in ("sector", "colonia") if isinstance(doc.get(name), str)}


class World:
    """``await load()`` before use."""

    def __init__(self, databases: Databases | None) -> None:
        """Without databases it stands still: ``of`` makes such a one."""
        self.registry = Shelf(databases.registry if databases else None, packed)
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
        world.registry.docs = {doc["_id"]: dict(packed(doc)) for doc in registry}
        world.reference.docs = {doc["_id"]: doc for doc in reference}
        world._read_reference()
        world._read_areas()
        return world

    async def load(self) -> tuple[set[str], set[str]]:
        """Take in what changed; gives the ids that did, of ``registry`` and of ``reference``."""
        registry, reference = await asyncio.gather(self.registry.refresh(), self.reference.refresh())
        if reference:
            self._read_reference()
        areas = ("block:", "sector:", "colonia:", "outline:")
        if "settings" in reference or any(key.startswith(areas) for key in registry):
            outline, *kinds = self._areas()
            if self.territory.version != version_of(outline, *kinds):
                await self._read_forms()
            self._read_areas()
        return registry, reference

    def _areas(self) -> tuple[Any, dict[str, Any], dict[str, Any], dict[str, Any]]:
        """The outline's form or its mark, then blocks, sectors and colonias."""
        outline = (self.registry.docs.get(OUTLINE) or {}).get("geometry") or self.settings.get("outline")
        blocks, sectors, colonias = (self.registry.kind(kind) for kind in ("block", "sector", "colonia"))
        return outline, blocks, sectors, colonias

    def _read_areas(self) -> None:
        """The territory anew, where anything that decides has changed; else only the documents of its areas.

        Forms are kept by the territory alone, in metres; the documents keep marks of them.
        """
        outline, blocks, sectors, colonias = self._areas()
        if self.territory.version == version_of(outline, blocks, sectors, colonias):
            self.territory.renew(blocks, sectors, colonias)
        else:
            self.territory = Territory(outline=outline, blocks=blocks, sectors=sectors, colonias=colonias)
        for docs in (blocks, sectors, colonias):
            for doc in docs.values():
                doc["geometry"] = mark_of(doc.get("geometry") or b"") or None
        give_back()

    async def _read_forms(self) -> None:
        """Instead of marks the forms again, for a territory to be made of them."""
        assert self.registry.database is not None
        marked = [doc for doc in self.registry.docs.values() if len(doc.get("geometry") or b"") == MARK]
        for start in range(0, len(marked), _PAGE):
            page = marked[start : start + _PAGE]
            found = await self.registry.database.get_many([doc["_id"] for doc in page])
            for doc in page:
                # What is gone meanwhile is told by the feed, which is read again.
                doc["geometry"] = packed(found.get(doc["_id"], {})).get("geometry")

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
