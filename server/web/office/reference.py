"""The names of what ids stand for, for pages: types, agencies, channels, areas, accounts.

Law: an id is never shown where the municipality has a name for it; what is gone keeps its id, for there is
nothing better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.context import Context
from server.store.scan import scan
from sync.interface import Database

Json = Any


@dataclass(slots=True)
class Names:
    """Documents by id, per kind."""

    types: dict[str, Json]
    agencies: dict[str, Json]
    channels: dict[str, Json]
    colonias: dict[str, str] = field(default_factory=dict)
    sectors: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)

    def type(self, key: object) -> str:
        return str(self.types.get(str(key), {}).get("name") or key or "—")

    def agency(self, key: object, *, short: bool = False) -> str:
        doc = self.agencies.get(str(key), {})
        return str((doc.get("short") if short else None) or doc.get("name") or key or "Sin dependencia")

    def channel(self, key: object) -> str:
        return str(self.channels.get(str(key), {}).get("name") or key or "—")

    def colonia(self, key: object) -> str:
        return str(self.colonias.get(str(key)) or key or "")

    def sector(self, key: object) -> str:
        return str(self.sectors.get(str(key)) or key or "")

    def account(self, key: object) -> str:
        return str(self.accounts.get(str(key)) or key or "—")

    def department(self, agency: object, key: object) -> str:
        return _named(self.agencies.get(str(agency), {}).get("departments") or (), key)

    def brigade(self, agency: object, key: object) -> str:
        return _named(self.agencies.get(str(agency), {}).get("brigades") or (), key)


def _named(entries: Any, key: object) -> str:
    return str(next((entry["name"] for entry in entries if entry["id"] == key), key or ""))


async def names(context: Context) -> Names:
    """Everything a list needs; some thousand small documents at most, read again for each page."""
    databases = context.databases
    reference = {
        kind: await _kind(databases.reference, f"{kind}:") for kind in ("type", "agency", "channel", "area")
    }
    areas: Mapping[str, Json] = reference["area"]
    return Names(
        types=reference["type"],
        agencies=reference["agency"],
        channels=reference["channel"],
        colonias=_areas(areas, "colonia:"),
        sectors=_areas(areas, "sector:"),
        accounts={account.id: account.name for account in context.directory.accounts()},
    )


def _areas(areas: Mapping[str, Json], head: str) -> dict[str, str]:
    return {
        key.removeprefix(head): str(doc.get("name") or key)
        for key, doc in areas.items()
        if key.startswith(head)
    }


async def _kind(database: Database, head: str) -> dict[str, Json]:
    return {row.id.removeprefix(head): row.read() async for row in scan(database, head)}
