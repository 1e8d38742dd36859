"""The facts of an event's admission: what the server decides once, when the event is taken in.

Law: whatever depends on the catalogue, the areas, the rules, the calendar or the clock is decided here and
written into the record with the versions it rests on. Nobody computes it again.
Pure: values in, decisions out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NotRequired, TypedDict

from server.cases.deadlines import clock_start, deadlines
from server.cases.fixes import corrects_place, located
from server.cases.presence import ON_SITE, judge
from server.cases.routing import routing
from server.cases.scope import Scope
from server.cases.urgency import triage
from server.documents.shapes import (
    Classification,
    Deadlines,
    Event,
    Incident,
    Judgement,
    Payload,
    PetitionType,
    Place,
    Position,
    RecordScope,
    Report,
    ReportPlace,
    Routing,
    Triage,
)
from server.instants import parse, say
from server.intake.judging.receipt import Raw
from server.intake.memory.casefile import CaseFile
from server.municipality.world import World

#: Kinds that close work, of which the petition type may demand proof.
CLOSINGS = frozenset({"finished"})

#: A device clock this far from the server's corrected time is flagged; the work counts all the same.
CLOCK_TOLERANCE = timedelta(days=1)


class Decided(TypedDict):
    """What the admission decides of a report; each kind of event asks for some of it."""

    classification: NotRequired[Classification]
    routing: NotRequired[Routing]
    triage: NotRequired[Triage]
    deadlines: NotRequired[Deadlines]
    position: NotRequired[Judgement]


#: A record without its admission number, which the draft gives it.
Unnumbered = dict[str, Any]


def record_of(
    event: Event,
    receipt: Raw,
    file: CaseFile,
    actor: Scope,
    world: World,
    *,
    effective_at: str,
    flags: list[str],
    incidents: Mapping[str, Incident],
    month: str,
    lost: tuple[str, str] | None = None,
) -> Unnumbered:
    """The record of an admitted event, but for its admission number.

    ``lost``: between which instants a restore lost what was admitted. ``month``: the period this counts in.
    ``actor``: the actor's scope then. ``flags``: what was odd about its number, chain and basis.
    """
    received_at = receipt["received_at"]
    raised = list(flags)
    decided: Decided = {}
    unknown = False
    kind = event["kind"]
    imported = "trusted" in receipt
    start = clock_start(received_at, effective_at, trusted=imported)
    if kind == "captured":
        place = located(event["position"])
        decided, unknown = _decide(event["payload"], place, actor, world, incidents, start)
    elif kind == "amended" and file.report is not None:
        first = _first_start(file) or start
        decided, unknown = _decide_again(event, file.report, actor, world, incidents, first)
    elif kind == "reopened" and file.report is not None:
        decided["deadlines"] = _deadlines(world.types.get(file.report["type"]), start, world)
    if "routing" in decided and decided["routing"].get("outside"):
        raised.append("outside")
    if unknown:
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
        "scope": _scope(actor),
        "late": late,
        "flags": sorted(set(raised)),
        **decided,
    }


def _scope(actor: Scope) -> RecordScope:
    return {
        "blocks": actor["blocks"],
        "sector": actor["sector"],
        "agency": actor["agency"],
        "department": actor["department"],
        "brigade": actor["brigade"],
    }


def _first_start(file: CaseFile) -> str | None:
    """When the clock of the capture started: a change of type keeps it."""
    decided = [record.get("deadlines") for record in file.records.values()]
    return min((found["clock_start"] for found in decided if found), default=None)


def is_late(effective_at: str, received_at: str, file: CaseFile, late_days: float) -> bool:
    """Admitted more than ``late_days`` after its time, and after records of a later time."""
    if effective_at >= say(parse(received_at) - timedelta(days=late_days)):
        return False
    return any("event" in r and r["effective_at"] > effective_at for r in file.records.values())


def in_open_incident(type_id: str, incidents: Mapping[str, Incident]) -> bool:
    """Whether an incident is open that covers this petition type (one that names none covers all)."""
    return any(
        incident["closed_at"] is None and (not incident["types"] or type_id in incident["types"])
        for incident in incidents.values()
    )


def _decide(
    payload: Payload,
    position: Position,
    actor: Scope,
    world: World,
    incidents: Mapping[str, Incident],
    start: str,
) -> tuple[Decided, bool]:
    """Classification, routing, triage and deadlines of a report with this payload at this position, and
    whether the catalogue does not know its type.
    """
    type_id = payload["type"]
    petition_type = world.types.get(type_id)
    place = payload.get("place") or {}
    own = actor["blocks"] if actor["role"] == "block_leader" else ()
    triaged = triage(
        petition_type, payload, world.rules, in_open_incident=in_open_incident(type_id, incidents)
    )
    decided: Decided = {
        "classification": {
            "family": petition_type.get("family") if petition_type else None,
            "confidential": bool(petition_type and petition_type.get("confidential")),
        },
        "routing": routing(world.territory, world.rules, type_id, petition_type, position, place, own),
        "triage": triaged,
        "deadlines": _deadlines(petition_type, start, world),
    }
    return decided, petition_type is None


def _decide_again(
    event: Event, report: Report, actor: Scope, world: World, incidents: Mapping[str, Incident], start: str
) -> tuple[Decided, bool]:
    """What an ``amended`` changes: everything for a new type, the routing for a new place, else nothing."""
    change = event["payload"]
    retyped = "type" in change and change["type"] != report["type"]
    moved = "place" in change or "place_corrected" in change
    if not (retyped or moved):
        return {}, False
    names = ("type", "answers", "text", "urgent", "danger")
    place = change.get("place", _address(report["place"]))
    # A report says these as its capture did; its place says where it is as a position does.
    now: Any = report
    payload: Any = {**{name: now[name] for name in names}, **change, "place": place}
    position: Position = event["position"] if corrects_place(event) else now["place"]
    decided, unknown = _decide(payload, position, actor, world, incidents, start)
    if not retyped:
        return {"routing": decided["routing"]}, False
    return decided, unknown


def _address(place: ReportPlace) -> Place:
    address: Place = {}
    if "block" in place:
        address["block"] = place["block"]
    if "colonia" in place:
        address["colonia"] = place["colonia"]
    if "street" in place:
        address["street"] = place["street"]
    if "reference" in place:
        address["reference"] = place["reference"]
    return address


def _deadlines(petition_type: PetitionType | None, start: str, world: World) -> Deadlines:
    """The ``deadlines`` of a record; a type the catalogue does not know has only the answer's."""
    found = deadlines(
        petition_type,
        start,
        world.timezone,
        world.holidays(),
        answer_hours=world.settings["answer_hours"],
    )
    return {
        **found,
        "catalogue": petition_type.get("_rev") if petition_type else None,
        "calendar": world.calendar_version(),
    }


def _closing_flags(event: Event, verdict: str, petition_type: PetitionType | None) -> list[str]:
    """What a closing lacks of what its type demands: flags for a person to look at, never a bounce."""
    demands = petition_type.get("closing") if petition_type else None
    flags = []
    if demands and demands.get("photo") and not event["photos"]:
        flags.append("closed_without_photo")
    if (demands and demands.get("position")) or verdict == "far":
        flags += {"far": ["closed_from_afar"], "ok": []}.get(verdict, ["closing_unverifiable"])
    return flags
