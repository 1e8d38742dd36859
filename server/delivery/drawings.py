"""Blocks as phones draw them: light, and touching where they touched.

Law: the blocks of a sector are simplified together, as one coverage, so that neighbours keep their common
border;
the same blocks give the same drawing. Routing never sees these: it has the exact forms.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson
import shapely

from server.cases.territory import Territory

Json = dict[str, Any]

#: Corners that take away or add less than the half of five metres square are left out: two metres on the
#: ground,
#: half of what a phone's position is worth at best, a tenth of what a block reaches into its streets.
TOLERANCE = 5.0
#: A metre.
_DECIMALS = 5
#: Names how drawings are made: where it changes, mailboxes are filled anew.
FORM = f"coverage-{TOLERANCE:g} geos-{'.'.join(map(str, shapely.geos_version))}"


class Drawings:
    """``await ready(…)`` before ``of``. Kept as JSON text: parsed, a large town's would take ten times as
    much.
    """

    def __init__(self) -> None:
        self._version = ""
        self._sectors: set[str] = set()
        self._drawn: dict[str, bytes] = {}

    async def ready(self, territory: Territory, sectors: Iterable[str]) -> None:
        """Draw the blocks of these sectors, unless they are drawn; in a thread, since it takes half a
        second.
        """
        if territory.version != self._version:
            self._version, self._sectors, self._drawn = territory.version, set(), {}
        for sector in sorted(set(sectors) - self._sectors):
            found = await asyncio.to_thread(drawn, territory, territory.blocks_in(sector))
            if territory.version == self._version:
                self._drawn |= found
                self._sectors.add(sector)

    def of(self, block: str) -> Json | None:
        """The block's drawing; None where nobody has drawn it."""
        text = self._drawn.get(block)
        if text is None:
            return None
        found: Json = orjson.loads(text)
        return found


def drawn(territory: Territory, blocks: Iterable[str]) -> dict[str, bytes]:
    """GeoJSON of these blocks, at five decimals, as one coverage simplified."""
    places = territory.blocks.places
    ids = [block for block in sorted(blocks) if block in places]
    if not ids:
        return {}
    exact = territory.blocks.shapes[[places[block] for block in ids]]
    scale = np.array([territory.plane.x, territory.plane.y])

    def degrees(forms: Any, decimals: int) -> Any:
        return shapely.transform(forms, lambda metres: np.round(metres / scale, decimals))

    light = degrees(shapely.coverage_simplify(exact, TOLERANCE), _DECIMALS)
    usable = shapely.is_valid(light) & (shapely.area(light) > 0)
    light[~usable] = degrees(exact[~usable], _DECIMALS + 1)
    return {block: text.encode() for block, text in zip(ids, shapely.to_geojson(light), strict=True)}
