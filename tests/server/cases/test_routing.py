"""To whom a report goes."""

from __future__ import annotations

from typing import Any

import pytest

from server.cases.routing import place_spot, responsible, routing
from server.cases.territory import Spot, Territory
from tests.server.cases.test_territory import BLOCKS, metres

Json = Any
TOWN = Territory(blocks={**BLOCKS, "far": {"sector": "s3"}}, colonias={"centro": {}})
RULES: Json = {
    "version": "7",
    "rules": [
        {"type": "lampara", "area": "sector:s1", "agency": "luz", "brigade": "luz-1"},
        {"type": "lampara", "area": "b", "agency": "luz", "brigade": "luz-2"},
        {"family": "lamp", "agency": "luz"},
        {"type": "bache", "agency": "obras", "department": "bacheo"},
    ],
}
LAMP: Json = {"family": "lamp", "agency": "otra"}


@pytest.mark.parametrize(
    ("type_id", "petition_type", "spot", "expected"),
    [
        ("lampara", LAMP, Spot(("a",), None, "s1", False), ("luz", None, "luz-1")),
        ("lampara", LAMP, Spot(("b",), None, "s2", False), ("luz", None, "luz-2")),
        ("lampara", LAMP, Spot((), None, None, False), ("luz", None, None)),
        (
            "bache",
            {"family": "pothole", "agency": "x"},
            Spot((), None, None, False),
            ("obras", "bacheo", None),
        ),
        (
            "fuga",
            {"agency": "agua", "department": "redes"},
            Spot((), None, None, True),
            ("agua", "redes", None),
        ),
        ("nunca", None, Spot((), None, None, False), (None, None, None)),
    ],
)
def test_the_first_rule_that_matches_wins(
    type_id: str, petition_type: Json | None, spot: Spot, expected: tuple[str | None, ...]
) -> None:
    found = responsible(RULES, type_id, petition_type, spot)
    assert (found["agency"], found["department"], found["brigade"]) == expected


def fix(east: float, source: str = "gps") -> Json:
    lon, lat = metres(east, 40)
    return {"source": source, "lat": lat, "lon": lon}


@pytest.mark.parametrize(
    ("position", "place", "own", "blocks"),
    [
        (fix(40), {}, (), ("a",)),
        (fix(40), {"block": "b"}, (), ("a",)),
        (fix(40, "block"), {"block": "b"}, (), ("b",)),
        (fix(-900), {"block": "b"}, (), ("b",)),
        ({"source": "none"}, {"block": "b"}, (), ("b",)),
        ({"source": "none"}, {"block": "unheard"}, (), ()),
        ({"source": "none"}, {}, ("far",), ("far",)),
        ({"source": "none"}, {}, ("a", "b"), ()),
        ({"source": "none"}, {"colonia": "centro"}, ("far",), ()),
    ],
)
def test_fix_pin_chosen_block_or_the_leaders_own(
    position: Json, place: Json, own: tuple[str, ...], blocks: tuple[str, ...]
) -> None:
    assert place_spot(TOWN, position, place, own).blocks == blocks


def test_the_block_goes_by_the_name_it_has_then() -> None:
    blocks: Json = {block: {**doc, "name": f"Manzana {block}"} for block, doc in BLOCKS.items()}
    named = Territory(blocks=blocks)
    assert routing(named, RULES, "lampara", LAMP, fix(88), {}, ("b",))["block_name"] == "Manzana b"
    assert "block_name" not in routing(named, RULES, "lampara", LAMP, {"source": "none"}, {})


def test_what_is_decided_names_its_versions() -> None:
    found = routing(TOWN, RULES, "lampara", LAMP, fix(88), {}, ("b",))
    assert found == {
        "areas_version": TOWN.version,
        "rules_version": "7",
        "block": "b",
        "blocks_tied": ["a"],
        "colonia": None,
        "sector": "s2",
        "outside": False,
        "agency": "luz",
        "department": None,
        "brigade": "luz-2",
    }
