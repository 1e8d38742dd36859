"""Where a report is, in the names people use.

Law: an id is never shown where the padrón has a name; an area that is gone keeps its id.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from server.documents import reading
from server.documents.ground import Ground
from server.documents.ids import key_of
from server.documents.shapes import Report, ReportPlace
from server.store.databases import Databases
from server.store.scan import scan

#: Members of a place that are words of whoever took it down.
Text = Literal["street", "between", "reference"]


async def named_places(
    databases: Databases, reports: Iterable[Report], texts: tuple[Text, ...] = ("street",)
) -> list[str]:
    """The given texts of each report's place, its colonia and block; a dash where nothing is known."""
    places = [report["place"] for report in reports]
    wanted = {f"colonia:{place['colonia']}" for place in places if place.get("colonia")}
    wanted |= {f"block:{place['block']}" for place in places if place.get("block")}
    docs = await databases.registry.get_many(sorted(wanted)) if wanted else {}

    def name(place: ReportPlace, kind: Literal["colonia", "block"]) -> str | None:
        area = place.get(kind)
        known: str | None = docs.get(f"{kind}:{area}", {}).get("name") or area
        return known

    said = []
    for place in places:
        colonia = name(place, "colonia")
        parts = [*(place.get(text) for text in texts), colonia and f"Col. {colonia}", name(place, "block")]
        said.append(", ".join(part for part in parts if part) or "—")
    return said


async def sectors_of(databases: Databases) -> dict[str, str]:
    """Every sector's name, by id."""
    found = {key_of(one.id): one.read() async for one in scan(databases.registry, "sector:")}
    return {key: str(doc.get("name") or key) for key, doc in found.items()}


async def delegations_of(databases: Databases) -> list[str]:
    """The delegaciones that the sectors lie in."""
    docs = [one.read() async for one in scan(databases.registry, "sector:")]
    return sorted({str(doc["delegation"]) for doc in docs if doc.get("delegation")})


async def blocks_of(databases: Databases, ids: Iterable[str] | None = None) -> dict[str, Ground]:
    """Blocks by id, without their shape: all of them, or those that are asked for and are there."""
    if ids is not None:
        wanted = [f"block:{key}" for key in ids]
        docs = await databases.registry.get_many(wanted) if wanted else {}
    else:
        docs = {one.id: one.read() async for one in scan(databases.registry, "block:")}
    return {
        key_of(key): reading.ground({name: doc.get(name) for name in ("name", "sector", "colonia")})
        for key, doc in docs.items()
    }
