"""Whether whoever closed a report was there.

Law PRESENCE-1: a verdict never bounces work and is no sanction; it is a flag for a person to look at. A fix
is compared with the report's place by what the phone itself claims of its accuracy, counted up to ``TRUSTED``
metres; beyond that, and where its own time is not the act's, the closing is "no comprobable": neither pass
nor fail. The phone says the same beforehand: both run ``schemas/cases/presence.json``. Pure: values in,
decisions out.
"""

from __future__ import annotations

from collections.abc import Iterable

from server.cases.fixes import is_of, located
from server.cases.territory import Plane
from server.documents.shapes import Judgement, Position, ReportPlace

#: Metres of claimed accuracy that still say something about one address (design, pwa).
TRUSTED = 50.0
#: Metres from the report's place within which a person is there: the place may be a block's middle.
THERE = 100.0

#: Kinds of event that say "I am there".
ON_SITE = frozenset({"started", "visited", "finished", "not_viable"})


def metres(position: Position | ReportPlace, place: Position | ReportPlace) -> float:
    """Metres between two places with ``lat`` and ``lon``, on the plane that touches WGS 84 between them.

    Over a kilometre, within a centimetre of the geodesic. The phone measures the same.
    """
    plane = Plane((position["lat"] + place["lat"]) / 2)
    return plane.distance((position["lon"], position["lat"]), (place["lon"], place["lat"]))


def judge(position: Position, place: Position | ReportPlace, instants: Iterable[str]) -> Judgement:
    """The ``position`` of a record: ``{verdict: ok|far|unverifiable|none, distance?}``, metres, rounded.

    ``instants``: when the act was, by the phone and by the server.
    """
    position = located(position)
    if position.get("source") == "none" or position.get("lat") is None or position.get("lon") is None:
        return {"verdict": "none"}
    if place.get("lat") is None or place.get("lon") is None:
        return {"verdict": "unverifiable"}
    distance = metres(position, place)
    rounded = round(distance)
    if position.get("source") != "gps" or position.get("accuracy") is None or position["accuracy"] > TRUSTED:
        return {"verdict": "unverifiable", "distance": rounded}
    if not is_of(position, instants):
        return {"verdict": "unverifiable", "distance": rounded}
    near = distance - position["accuracy"] <= THERE
    return {"verdict": "ok" if near else "far", "distance": rounded}
