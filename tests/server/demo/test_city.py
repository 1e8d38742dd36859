"""The invented ground: blocks between streets, the same for the same seed."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import Any

import pytest
from shapely import STRtree
from shapely.geometry import Point, Polygon, shape

from server.cases.territory import Territory
from server.demo.city import HALF_STREET, City, degrees, geojson, make_city


@pytest.fixture(scope="module")
def city() -> City:
    return make_city(Random(7))


def test_size(city: City) -> None:
    assert len(city.blocks) == 120
    assert len(city.sectors) == 12
    assert len(city.colonias) == 6
    assert {b.sector for b in city.blocks.values()} == set(city.sectors)
    assert {b.colonia for b in city.blocks.values()} == set(city.colonias)


def test_same_seed_same_city(city: City) -> None:
    again = make_city(Random(7))
    assert [geojson(b.shape) for b in again.blocks.values()] == [
        geojson(b.shape) for b in city.blocks.values()
    ]
    assert geojson(make_city(Random(8)).outline) != geojson(city.outline)


def test_a_street_lies_between_any_two_blocks(city: City) -> None:
    shapes = [b.shape for b in city.blocks.values()]
    tree = STRtree(shapes)
    for i, one in enumerate(shapes):
        for j in tree.query(one.buffer(30)):
            if i != j:
                assert one.distance(shapes[j]) > HALF_STREET


def test_areas_hold_their_blocks_and_do_not_overlap(city: City) -> None:
    for block in city.blocks.values():
        assert city.sectors[block.sector][1].contains(block.shape)
        assert city.colonias[block.colonia][1].contains(block.shape)
        assert city.outline.contains(block.shape)
    for areas in (city.sectors, city.colonias):
        for (_, one), (_, other) in combinations(areas.values(), 2):
            assert one.intersection(other).area < 1e-6


def test_every_place_in_front_of_a_house_routes_to_its_block(city: City) -> None:
    territory = Territory(
        outline=geojson(city.outline),
        blocks={
            b.id: {"geometry": geojson(b.shape), "sector": b.sector, "colonia": b.colonia}
            for b in city.blocks.values()
        },
        sectors={i: {"geometry": geojson(s)} for i, (_, s) in city.sectors.items()},
        colonias={i: {"geometry": geojson(s)} for i, (_, s) in city.colonias.items()},
    )
    rng = Random(1)
    for block in city.blocks.values():
        point, street, between = block.on_street(rng)
        assert block.shape.distance(Point(point)) < HALF_STREET
        assert street in block.edges
        assert street not in between
        spot = territory.spot(*degrees(point))
        assert block.id in spot.blocks
        assert not spot.outside


def test_geojson_is_valid_and_small(city: City) -> None:
    for block in city.blocks.values():
        geometry: Any = geojson(block.shape)
        drawn = shape(geometry)
        assert drawn.is_valid
        assert isinstance(drawn, Polygon)
        assert len(drawn.exterior.coords) == 5
