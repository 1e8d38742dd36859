"""The blocks around a place, for whoever draws where something is.

Law: taken in from ``registry`` once and followed by its feed; nothing is decided by it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.documents import ground, reading
from sync.interface import ChangesQuery, Database

Ring = tuple[tuple[float, float], ...]

_PAGE = 500
_DEGREE = 110_700.0


@dataclass(frozen=True, slots=True)
class Block:
    """``rings``: outer ones, ``(lon, lat)``; ``box``: west, south, east, north."""

    name: str
    rings: tuple[Ring, ...]
    box: tuple[float, float, float, float]


class Ground:
    """One per process that prints."""

    def __init__(self, registry: Database) -> None:
        self._registry = registry
        self._since = "0"
        self._blocks: dict[str, Block] = {}

    async def refresh(self) -> None:
        """Take in what changed since the last call."""
        while True:
            query = ChangesQuery(since=self._since, limit=_PAGE, include_docs=True)
            page = await self._registry.changes(query)
            for row in page.rows:
                if not row.id.startswith("block:"):
                    continue
                made = None if row.deleted or row.doc is None else block_of(reading.ground(row.doc))
                if made is None:
                    self._blocks.pop(row.id, None)
                else:
                    self._blocks[row.id] = made
            self._since = page.last_seq
            if not page.rows:
                return

    def near(self, lat: float, lon: float, metres: float) -> list[Block]:
        """The blocks whose box comes within so many metres, in no order."""
        high = metres / _DEGREE
        wide = high / max(0.1, math.cos(math.radians(lat)))
        return [
            block
            for block in self._blocks.values()
            if block.box[0] <= lon + wide
            and block.box[2] >= lon - wide
            and block.box[1] <= lat + high
            and block.box[3] >= lat - high
        ]

    def middle(self, block: str) -> tuple[float, float] | None:
        """Latitude and longitude of the middle of a block's box; None for one without a shape."""
        found = self._blocks.get(f"block:{block}")
        if found is None:
            return None
        west, south, east, north = found.box
        return (south + north) / 2, (west + east) / 2


def block_of(doc: ground.Ground) -> Block | None:
    """A block of its document; None where it has no polygon."""
    geometry: Mapping[str, Any] = doc.get("geometry") or {}
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        return None
    polygons = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
    rings = tuple(
        tuple((float(lon), float(lat)) for lon, lat, *_ in polygon[0]) for polygon in polygons if polygon
    )
    lons = [lon for ring in rings for lon, _ in ring]
    lats = [lat for ring in rings for _, lat in ring]
    if not lons:
        return None
    name = str(doc.get("name") or doc["_id"].removeprefix("block:"))
    return Block(name, rings, (min(lons), min(lats), max(lons), max(lats)))
