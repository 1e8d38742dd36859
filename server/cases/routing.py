"""To whom a report goes: areas from its place, agency, department and brigade from the rules.

Law: routing never refuses. What lies outside the municipality or fits no rule is accepted, and says so.
The first rule that matches wins; where none does, the petition type's own agency is responsible.
Pure: values in, decisions out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from server.cases.territory import NOWHERE, Spot, Territory
from server.documents.shapes import PetitionType, Place, Position, Routing, Rules


class Responsible(TypedDict):
    """To whom a report goes: each an id, or None."""

    agency: str | None
    department: str | None
    brigade: str | None


def place_spot(
    territory: Territory, position: Position, place: Place, own_blocks: Iterable[str] = ()
) -> Spot:
    """The areas of an event's place.

    A block chosen by hand (position source ``block``) is believed; a fix or a pin decides by geometry, with
    the chosen block where geometry finds none; without either, a leader of one block means that block.
    """
    own = tuple(own_blocks)
    named = place.get("block")
    has_point = isinstance(position.get("lat"), int | float) and isinstance(position.get("lon"), int | float)
    if position.get("source") == "block" and named in territory.block_docs:
        return territory.spot_of_block(named)
    if has_point:
        spot = territory.spot(position["lon"], position["lat"], own)
        if spot.blocks or named not in territory.block_docs:
            return spot
        chosen = territory.spot_of_block(named)
        return Spot(chosen.blocks, spot.colonia or chosen.colonia, spot.sector or chosen.sector, spot.outside)
    if named in territory.block_docs:
        return territory.spot_of_block(named)
    if place.get("colonia") in territory.colonia_docs:
        return Spot((), place["colonia"], None, False)
    return territory.spot_of_block(own[0]) if len(own) == 1 else NOWHERE


def responsible(
    rules: Rules | None, type_id: str, petition_type: PetitionType | None, spot: Spot
) -> Responsible:
    """``{agency, department, brigade}``, each an id or None."""
    family = petition_type.get("family") if petition_type else None
    areas = _area_names(spot)
    for rule in (rules.get("rules") if rules else None) or ():
        if rule.get("type") not in (None, type_id) or rule.get("family") not in (None, family):
            continue
        if rule.get("area") is not None and rule["area"] not in areas:
            continue
        return {
            "agency": rule.get("agency"),
            "department": rule.get("department"),
            "brigade": rule.get("brigade"),
        }
    if not petition_type:
        return {"agency": None, "department": None, "brigade": None}
    agency, department = petition_type.get("agency"), petition_type.get("department")
    return {"agency": agency, "department": department, "brigade": None}


def routing(
    territory: Territory,
    rules: Rules | None,
    type_id: str,
    petition_type: PetitionType | None,
    position: Position,
    place: Place,
    own_blocks: Iterable[str] = (),
) -> Routing:
    """The ``routing`` of a record (docs/documents.md), with the versions of areas and rules it rests on."""
    spot = place_spot(territory, position, place, own_blocks)
    # Whoever goes there knows no block of that sector by its id: the name it had then goes with the report.
    name = territory.block_docs[spot.blocks[0]].get("name") if spot.blocks else None
    return {
        "areas_version": territory.version,
        "rules_version": rules.get("version") if rules else None,
        "block": spot.blocks[0] if spot.blocks else None,
        "blocks_tied": list(spot.blocks[1:]),
        "colonia": spot.colonia,
        "sector": spot.sector,
        "outside": spot.outside,
        **({"block_name": name} if name else {}),
        **responsible(rules, type_id, petition_type, spot),
    }


def _area_names(spot: Spot) -> set[str]:
    """The names by which a rule may mean these areas: the bare id, or with its kind before it."""
    named = [("block", block) for block in spot.blocks]
    named += [("colonia", spot.colonia)] if spot.colonia else []
    named += [("sector", spot.sector)] if spot.sector else []
    return {name for kind, area in named for name in (area, f"{kind}:{area}")}
