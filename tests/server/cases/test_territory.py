"""Where points lie: smallest polygons, blocks across streets, ties."""

from __future__ import annotations

import random
from typing import Any

import pytest

from server.cases.territory import NEARBY, REACH, TIE, Plane, Territory, packed, version_of

Json = Any
LAT, LON = 21.12, -101.68
PLANE = Plane(LAT)


def metres(east: float, north: float) -> tuple[float, float]:
    """(lon, lat) of a point so far from the corner."""
    return LON + east / PLANE.x, LAT + north / PLANE.y


def box(east: float, north: float, width: float, height: float) -> Json:
    corners = [(0, 0), (width, 0), (width, height), (0, height), (0, 0)]
    return {"type": "Polygon", "coordinates": [[list(metres(east + x, north + y)) for x, y in corners]]}


def area(geometry: Json, **members: Any) -> Json:
    return {"geometry": geometry, **members}


#: Two blocks with a street of 16 m between them.
BLOCKS = {"a": area(box(0, 0, 80, 80), sector="s1"), "b": area(box(96, 0, 80, 80), sector="s2")}


@pytest.mark.parametrize(
    ("east", "own", "expected"),
    [
        (40, (), ("a",)),
        (84, (), ("a",)),
        (88, (), ("a", "b")),
        (90.4, (), ("b", "a")),
        (92, (), ("b",)),
        (92, ("a",), ("a", "b")),
        (40, ("b",), ("a",)),
        (76 + REACH, (), ("b",)),
        (-REACH + 1, (), ("a",)),
        (-REACH - 1, (), ()),
    ],
)
def test_the_nearest_block_within_reach_and_its_ties(
    east: float, own: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    lon, lat = metres(east, 40)
    assert Territory(blocks=BLOCKS).spot(lon, lat, own).blocks == expected


def test_the_smallest_polygon_wins_then_the_lower_id() -> None:
    colonias = {
        "big": area(box(0, 0, 500, 500)),
        "small": area(box(100, 100, 50, 50)),
        "twin-b": area(box(300, 300, 50, 50)),
        "twin-a": area(box(300, 300, 50, 50)),
    }
    shuffled = list(colonias.items())
    for seed in range(10):
        random.Random(seed).shuffle(shuffled)
        territory = Territory(colonias=dict(shuffled))
        points = [metres(120, 120), metres(10, 10), metres(320, 320), metres(900, 900)]
        assert [territory.spot(*point).colonia for point in points] == ["small", "big", "twin-a", None]


def test_looking_ahead_changes_nothing() -> None:
    """A whole batch is searched at once; each place gets what it would get alone."""
    colonias, sectors = {"low": area(box(-50, -50, 120, 300))}, {"all": area(box(0, 0, 900, 900))}
    alone, ahead = (Territory(blocks=BLOCKS, colonias=colonias, sectors=sectors) for _ in range(2))
    draw = random.Random(7)
    places = [metres(draw.uniform(-150, 400), draw.uniform(-150, 400)) for _ in range(200)]
    ahead.look_ahead(places)
    assert [ahead.spot(*place) for place in places] == [alone.spot(*place) for place in places]
    assert len({alone.spot(*place).blocks for place in places}) == 3
    ahead.look_ahead([])
    assert ahead.spot(*places[0]) == alone.spot(*places[0])


def test_a_hole_is_outside_and_broken_rings_are_mended() -> None:
    ring = box(0, 0, 300, 300)["coordinates"] + box(100, 100, 100, 100)["coordinates"]
    bow = {
        "type": "Polygon",
        "coordinates": [[list(metres(*p)) for p in ((0, 0), (9, 9), (9, 0), (0, 9), (0, 0))]],
    }
    territory = Territory(
        colonias={"ring": area({"type": "Polygon", "coordinates": ring})}, sectors={"bow": area(bow)}
    )
    assert territory.spot(*metres(150, 150)).colonia is None
    assert territory.spot(*metres(50, 50)).colonia == "ring"
    assert territory.spot(*metres(8, 4)).sector == "bow"


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [0, 0], [0, 0]]]},
        {"type": "Polygon", "coordinates": "x"},
    ],
)
def test_what_is_no_area_is_left_out(geometry: Any) -> None:
    territory = Territory(blocks={"x": area(geometry), **BLOCKS})
    assert territory.spot(*metres(40, 40)).blocks == ("a",)


def test_outside_is_said_only_where_it_is_known() -> None:
    outline = box(-1000, -1000, 3000, 3000)
    territory = Territory(outline=outline, blocks=BLOCKS)
    assert territory.spot(*metres(-500, -500)).outside is False
    assert territory.spot(*metres(5000, 0)).outside is True
    assert Territory(blocks=BLOCKS).spot(*metres(5000, 0)).outside is True
    assert Territory().spot(0, 0).outside is False
    assert territory.spot(180.0, 90.0).outside is True


def test_the_blocks_sector_is_used_where_no_sector_polygon_holds_the_point() -> None:
    assert Territory(blocks=BLOCKS).spot(*metres(40, 40)).sector == "s1"
    assert Territory(blocks=BLOCKS).spot_of_block("b").sector == "s2"
    assert Territory(blocks=BLOCKS).spot_of_block("nowhere").blocks == ()


def test_cards_reach_a_hundred_metres() -> None:
    territory = Territory(blocks=BLOCKS)
    assert territory.near_blocks(*metres(-NEARBY + 1, 40)) == ("a",)
    assert territory.near_blocks(*metres(-NEARBY - 1, 40)) == ()
    assert territory.near_blocks(*metres(40, 40)) == ("a", "b")


def test_distances_are_true_to_a_few_parts_in_a_thousand() -> None:
    # One minute of latitude is a nautical mile, by its old definition 1,852 m (45 degrees, mean).
    assert Plane(45.0).distance((0.0, 45.0), (0.0, 45.0 + 1 / 60)) == pytest.approx(1852, rel=0.001)
    assert Plane(0.0).distance((0.0, 0.0), (1.0, 0.0)) == pytest.approx(111_319.49, rel=1e-6)
    assert TIE < REACH


def test_the_version_names_the_areas() -> None:
    one, same = Territory(blocks=BLOCKS), Territory(blocks=dict(reversed(BLOCKS.items())))
    assert one.version == same.version
    assert one.version != Territory(blocks={"a": BLOCKS["a"]}).version


def test_packed_documents_are_the_same_ground() -> None:
    plain, tight = (
        Territory(blocks=BLOCKS),
        Territory(blocks={key: packed(doc) for key, doc in BLOCKS.items()}),
    )
    assert plain.version == tight.version
    assert plain.spot(*metres(40, 40)) == tight.spot(*metres(40, 40))
    assert all(isinstance(doc["geometry"], bytes) for doc in plain.block_docs.values())


def test_who_leads_a_block_leaves_the_ground_as_it_is() -> None:
    town = Territory(blocks=BLOCKS)
    version, layer = town.version, town.blocks
    led = {key: {**doc, "leader": "ana", "name": "Uno"} for key, doc in BLOCKS.items()}
    assert version_of(None, {key: packed(doc) for key, doc in led.items()}, {}, {}) == version
    town.renew(led, {}, {})
    assert town.blocks is layer
    assert {doc["leader"] for doc in town.block_docs.values()} == {"ana"}
