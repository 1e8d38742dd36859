"""Blocks on phones: light, valid, touching where they touched, and the same every time."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pytest
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from server.cases.territory import Territory
from server.delivery.drawings import Drawings, drawn

pytestmark = pytest.mark.anyio
#: Degrees of about a metre.
METRE = 1e-5


def wavy(column: int, row: int) -> BaseGeometry:
    """A block of a hundred metres whose four borders, shared with its neighbours, wave by a metre."""
    corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
    ring = []
    for (x, y), (z, w) in zip(corners, [*corners[1:], corners[0]], strict=True):
        for n in range(20):
            px, py = x + (z - x) * n / 20, y + (w - y) * n / 20
            # Of the place, not of the direction, and none at corners: neighbours have the same points.
            wave = 0.01 * math.sin(2 * math.pi * 5 * (px if y == w else py))
            ring.append((px + (wave if x == z else 0), py + (wave if y == w else 0)))
    return shapely.Polygon(
        [(round(-101 + 100 * METRE * x, 7), round(20 + 100 * METRE * y, 7)) for x, y in ring]
    )


BLOCKS: dict[str, Any] = {
    f"{c}-{r}": {"geometry": mapping(wavy(c, r)), "sector": "s"} for c in range(4) for r in range(3)
}


def forms(blocks: dict[str, bytes]) -> dict[str, BaseGeometry]:
    return {key: shape(orjson.loads(text)) for key, text in blocks.items()}


def test_neighbours_keep_touching_and_lose_their_corners() -> None:
    assert shapely.coverage_is_valid([shape(doc["geometry"]) for doc in BLOCKS.values()])
    found = forms(drawn(Territory(blocks=BLOCKS), BLOCKS))
    exact = {key: shape(doc["geometry"]) for key, doc in BLOCKS.items()}
    assert found.keys() == exact.keys()
    before, after = (sum(shapely.get_num_coordinates(list(forms.values()))) for forms in (exact, found))
    assert after * 2 < before
    assert all(form.is_valid for form in found.values())
    assert shapely.coverage_is_valid(list(found.values()))
    # No gap and no overlap: the sum of the areas is the area of all together.
    together = shapely.union_all(list(found.values()))
    assert together.area == pytest.approx(sum(form.area for form in found.values()), rel=1e-9)
    assert len(getattr(together, "interiors", [1])) == 0
    for key, form in found.items():
        assert form.hausdorff_distance(exact[key]) < 5 * METRE


def test_the_same_blocks_give_the_same_drawing_in_any_order() -> None:
    one = drawn(Territory(blocks=BLOCKS), BLOCKS)
    other = drawn(Territory(blocks=dict(reversed(BLOCKS.items()))), reversed(BLOCKS))
    assert one == other


def test_what_simplifying_would_take_away_stays() -> None:
    speck = shapely.box(-101, 20, -101 + 2 * METRE, 20 + 2 * METRE)
    (text,) = drawn(Territory(blocks={"a": {"geometry": mapping(speck), "sector": "s"}}), ["a"]).values()
    assert shape(orjson.loads(text)).area > 0


async def test_only_the_sectors_that_are_asked_for_are_drawn_until_the_ground_changes() -> None:
    drawings, ground = Drawings(), Territory(blocks={**BLOCKS, "z": {**BLOCKS["0-0"], "sector": "t"}})
    await drawings.ready(ground, ["s"])
    assert drawings.of("1-1") is not None
    assert drawings.of("z") is None
    assert drawings.of("nowhere") is None
    await drawings.ready(Territory(blocks={"1-1": BLOCKS["1-1"]}), [])
    assert drawings.of("1-1") is None
