"""The facts of an event's admission: what the server decides once, when the event is taken in.

Law: whatever depends on the catalogue, the areas, the rules, the calendar or the clock is decided here and
written into the record with the versions it rests on. Nobody computes it again.
Pure: values in, decisions out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from server.cases.deadlines import clock_start, deadlines
from server.cases.fixes import corrects_place, located
from server.cases.presence import ON_SITE, judge
from server.cases.routing import routing
from server.cases.urgency import triage
from server.instants import parse, say
from server.intake.memory.casefile import CaseFile
from server.municipality.world import World

Json = dict[str, Any]

#: Kinds that close work, of which the petition type may demand proof.
CLOSINGS = frozenset({"finished"})

#: A device clock this far from the server's corrected time is flagged; the work counts all the same.
CLOCK_TOLERANCE = timedelta(days=1)


def record_of(
    event: Json,
    receipt: Json,
    file: CaseFile,
    actor: Json,
    world: World,
    *,
    effective_at: str,
    flags: list[str],
    incidents: dict[str, Json],
    month: str,
    lost: tuple[str, str] | None = None,
) -> Json:
    """The record of an admitted event, but for its admission number.

    ``lost``: between which instants a restore lost what was admitted. ``month``: the period this counts in.
    ``actor``: the actor's scope then. ``flags``: what was odd about its number, chain and basis.
    """
    received_at = receipt["received_at"]
    raised = list(flags)
    decided: Json = {}
    kind = event["kind"]
    imported = "trusted" in receipt
    start = clock_start(received_at, effective_at, trusted=imported)
    if kind == "captured":
        decided = _decide(event["payload"], located(event["position"]), actor, world, incidents, start)
    elif kind == "amended" and file.report is not None:
        decided = _decide_again(event, file.report, actor, world, incidents, _first_start(file) or start)
    elif kind == "reopened" and file.report is not None:
        decided["deadlines"] = _deadlines(world.types.get(file.report["type"]), start, world)
    if decided.get("routing", {}).get("outside"):
        raised.append("outside")
    if decided.pop("unknown_type", False):
        raised.append("type_unknown")
    # An old system's closings come without place or proof; nobody can look into them any more.
    if kind in ON_SITE and not imported and file.report is not None:
        instants = (event["occurred_at"], effective_at)
        decided["position"] = judge(event["position"], file.report["place"], instants)
    if kind in CLOSINGS and not imported and file.report is not None:
        raised += _closing_flags(event, decided["position"]["verdict"], world.types.get(file.report["type"]))
    if kind == "captured" and abs(parse(event["occurred_at"]) - parse(effective_at)) > CLOCK_TOLERANCE:
        raised.append("clock_wrong")
    # What a restore lost comes back late through nobody's fault: it may have counted before.
    regained = lost is not None and lost[0] <= effective_at <= lost[1]
    late = not regained and is_late(effective_at, received_at, file, world.settings["late_days"])
    return {
        "_id": f"record:{event['_id'].removeprefix('event:')}",
        "schema": "record.v1",
        "report": file.subject,
        "received_at": received_at,
        "effective_at": effective_at,
        "month": month,
        "event": event,
        "account": actor["account"],
        "role": event["role"],
        "scope": {name: actor[name] for name in ("blocks", "sector", "agency", "department", "brigade")},
        "late": late,
        "flags": sorted(set(raised)),
        **decided,
    }


def _first_start(file: CaseFile) -> str | None:
    """When the clock of the capture started: a change of type keeps it."""
    starts = [r["deadlines"]["clock_start"] for r in file.records.values() if r.get("deadlines")]
    return min(starts, default=None)


def is_late(effective_at: str, received_at: str, file: CaseFile, late_days: int) -> bool:
    """Admitted more than ``late_days`` after its time, and after records of a later time."""
    if effective_at >= say(parse(received_at) - timedelta(days=late_days)):
        return False
    return any("event" in r and r["effective_at"] > effective_at for r in file.records.values())


def in_open_incident(type_id: str, incidents: dict[str, Json]) -> bool:
    """Whether an incident is open that covers this petition type (one that names none covers all)."""
    return any(
        incident["closed_at"] is None and (not incident["types"] or type_id in incident["types"])
        for incident in incidents.values()
    )


def _decide(
    payload: Json, position: Json, actor: Json, world: World, incidents: dict[str, Json], start: str
) -> Json:
    """Classification, routing, triage and deadlines of a report with this payload at this position."""
    type_id = payload["type"]
    petition_type = world.types.get(type_id)
    place = payload.get("place") or {}
    own = actor["blocks"] if actor["role"] == "block_leader" else ()
    known = petition_type or {}
    triaged = triage(
        petition_type, payload, world.rules, in_open_incident=in_open_incident(type_id, incidents)
    )
    return {
        "classification": {
            "family": known.get("family"),
            "confidential": bool(known.get("confidential")),
        },
        "routing": routing(world.territory, world.rules, type_id, petition_type, position, place, own),
        "triage": triaged,
        "deadlines": _deadlines(petition_type, start, world),
        "unknown_type": petition_type is None,
    }


def _decide_again(
    event: Json, report: Json, actor: Json, world: World, incidents: dict[str, Json], start: str
) -> Json:
    """What an ``amended`` changes: everything for a new type, the routing for a new place, else nothing."""
    change = event["payload"]
    retyped = "type" in change and change["type"] != report["type"]
    moved = "place" in change or "place_corrected" in change
    if not (retyped or moved):
        return {}
    names = ("type", "answers", "text", "urgent", "danger")
    place = change.get("place", _address(report["place"]))
    payload = {**{name: report[name] for name in names}, **change, "place": place}
    position = event["position"] if corrects_place(event) else report["place"]
    decided = _decide(payload, position, actor, world, incidents, start)
    if not retyped:
        return {"routing": decided["routing"], "unknown_type": False}
    return decided


def _address(place: Json) -> Json:
    return {name: place[name] for name in ("block", "colonia", "street", "reference") if name in place}


def _deadlines(petition_type: Json | None, start: str, world: World) -> Json:
    """The ``deadlines`` of a record; a type the catalogue does not know has only the answer's."""
    found = deadlines(
        petition_type or {},
        start,
        world.timezone,
        world.holidays(),
        answer_hours=world.settings["answer_hours"],
    )
    return {
        **found,
        "catalogue": (petition_type or {}).get("_rev"),
        "calendar": world.calendar_version(),
    }


def _closing_flags(event: Json, verdict: str, petition_type: Json | None) -> list[str]:
    """What a closing lacks of what its type demands: flags for a person to look at, never a bounce."""
    demands = (petition_type or {}).get("closing") or {}
    flags = []
    if demands.get("photo") and not event["photos"]:
        flags.append("closed_without_photo")
    if demands.get("position") or verdict == "far":
        flags += {"far": ["closed_from_afar"], "ok": []}.get(verdict, ["closing_unverifiable"])
    return flags
