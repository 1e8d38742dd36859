"""The names of what ids stand for, for pages: types, agencies, channels, areas, accounts.

Law: an id is never shown where the municipality has a name for it; what is gone keeps its id, for there is
nothing better.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from server.context import Context
from server.documents.shapes import Agency, Area, Channel, Named, PetitionType
from server.store.scan import scan
from sync.interface import Database


@dataclass(slots=True)
class Names:
    """Documents by id, per kind."""

    types: dict[str, PetitionType]
    agencies: dict[str, Agency]
    channels: dict[str, Channel]
    colonias: dict[str, str] = field(default_factory=dict)
    sectors: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    #: Simplified areas with their geometry, by kind and id (``colonia:centro``).
    areas: dict[str, Area] = field(default_factory=dict)

    def type(self, key: object) -> str:
        return _name_of(self.types.get(str(key))) or str(key or "—")

    def agency(self, key: object, *, short: bool = False) -> str:
        doc = self.agencies.get(str(key))
        return (doc.get("short") if doc and short else None) or _name_of(doc) or str(key or "Sin dependencia")

    def channel(self, key: object) -> str:
        return _name_of(self.channels.get(str(key))) or str(key or "—")

    def colonia(self, key: object) -> str:
        return str(self.colonias.get(str(key)) or key or "")

    def sector(self, key: object) -> str:
        return str(self.sectors.get(str(key)) or key or "")

    def account(self, key: object) -> str:
        return str(self.accounts.get(str(key)) or key or "—")

    def department(self, agency: object, key: object) -> str:
        doc = self.agencies.get(str(agency))
        return _named(doc.get("departments") if doc else None, key)

    def any_brigade(self, key: object) -> str:
        """A brigade's name, whosever it is."""
        return dict(self.parts("brigades")).get(str(key), str(key))

    def any_department(self, key: object) -> str:
        """A department's name, whosever it is."""
        return dict(self.parts("departments")).get(str(key), str(key))

    def parts(self, kind: Literal["departments", "brigades"]) -> list[tuple[str, str]]:
        """Ids and names of all ``departments`` or ``brigades``, by name."""
        found = {
            entry["id"]: entry["name"]
            for doc in self.agencies.values()
            for entry in (doc.get("departments") if kind == "departments" else doc.get("brigades")) or ()
        }
        return sorted(found.items(), key=lambda item: str(item[1]).casefold())

    def families(self) -> list[str]:
        return sorted({str(doc["family"]) for doc in self.types.values() if doc.get("family")})

    def brigade(self, agency: object, key: object) -> str:
        doc = self.agencies.get(str(agency))
        return _named(doc.get("brigades") if doc else None, key)


def _name_of(doc: PetitionType | Agency | Channel | None) -> str | None:
    return doc.get("name") if doc else None


def _named(entries: Iterable[Named] | None, key: object) -> str:
    return str(next((entry["name"] for entry in entries or () if entry["id"] == key), key or ""))


async def names(context: Context) -> Names:
    """Everything a list needs, read anew when ``reference`` has changed; nobody changes what is given."""
    seq = (await context.databases.reference.info()).update_seq
    if context.reference_read is None or context.reference_read[0] != seq:
        context.reference_read = seq, await _read(context.databases.reference)
    kept: Names = context.reference_read[1]
    return replace(kept, accounts={account.id: account.name for account in context.directory.accounts()})


async def _read(reference: Database) -> Names:
    kinds = {kind: await _kind(reference, f"{kind}:") for kind in ("type", "agency", "channel", "area")}
    areas: Mapping[str, Area] = kinds["area"]
    return Names(
        types=kinds["type"],
        agencies=kinds["agency"],
        channels=kinds["channel"],
        colonias=_areas(areas, "colonia:"),
        sectors=_areas(areas, "sector:"),
        areas=kinds["area"],
    )


def _areas(areas: Mapping[str, Area], head: str) -> dict[str, str]:
    return {
        key.removeprefix(head): str(doc.get("name") or key)
        for key, doc in areas.items()
        if key.startswith(head)
    }


async def _kind(database: Database, head: str) -> dict[str, Any]:
    return {row.id.removeprefix(head): row.read() async for row in scan(database, head)}
