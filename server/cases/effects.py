"""What each effect of the transition table does to a report's state.

Law: an effect changes state and says which review flags it raises; it never refuses, and never decides the
status of a cell that names one, except that it may keep the status as it is (``KEPT``) where the event asks
for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from server.cases import assignments as orders
from server.cases.case import Case
from server.cases.fixes import corrects_place, located
from server.documents.shapes import Assignment, Event, Payload, Record, RecordScope

#: How an order ends.
Ending = Literal["finished", "not_viable", "returned"]

# An effect's answer: flags it raises, and whether the status must stay.
Answer = tuple[list[str], bool]
DONE: Answer = ([], False)
KEPT: Answer = ([], True)


def _facts(case: Case, record: Record, kind: str) -> None:
    """What intake decided with this record: recorded once, taken as it is."""
    classification, deadlines = record.get("classification"), record.get("deadlines")
    if classification:
        case.classification = classification
    if deadlines:
        case.deadlines = deadlines
    triage = record.get("triage")
    if triage:
        # A new type may lower a priority no person has set; one that a person set, only raise.
        lowest = case.priority if kind == "amended" and case.priority_by is not None else 4
        case.priority = min(lowest, triage["priority"])
    routing = record.get("routing")
    if routing:
        case.routing = routing
        if routing.get("agency"):
            case.agency, case.department = routing["agency"], routing.get("department")


def _routed(record: Record) -> Assignment | None:
    routing = record.get("routing")
    if not routing:
        return None
    agency, brigade = routing.get("agency"), routing.get("brigade")
    if not (agency and brigade):
        return None
    return orders.made(agency, routing.get("department"), brigade, record["effective_at"], None)


def capture(case: Case, record: Record, event: Event) -> Answer:
    payload = event["payload"]
    case.type = payload["type"]
    case.answers = payload.get("answers", {})
    case.text = payload.get("text")
    case.channel = payload.get("channel")
    case.for_whom = payload.get("for_whom")
    case.citizen = payload.get("citizen")
    case.urgent = payload.get("urgent", False)
    case.danger = payload.get("danger", False)
    case.address = payload.get("place", {})
    case.position = located(event["position"])
    if "old_folio" in payload:
        case.aliases.add(payload["old_folio"])
    case.captured_at = record["effective_at"]
    case.captured_by = event["actor"]
    # A record from before months were recorded counts where its reception falls in UTC.
    case.month = record.get("month") or record["received_at"][:7]
    _facts(case, record, "captured")
    entry = _routed(record)
    if entry:
        orders.assign(case.assignments, entry)
    return DONE


def amend(case: Case, record: Record, event: Event) -> Answer:
    payload, flags = event["payload"], []
    by = event["_id"]
    if "type" in payload:
        if case.type_by and payload["type"] != case.type and not case.lineage.saw(event, case.type_by):
            flags.append("amended_at_once")
        case.type, case.type_by = payload["type"], by
    for member in ("answers", "text", "for_whom", "citizen", "urgent"):
        if member in payload:
            setattr(case, member, payload[member])
    if "place" in payload or "place_corrected" in payload:
        if case.place_by and not case.lineage.saw(event, case.place_by):
            flags.append("amended_at_once")
        case.place_by = by
        case.address = payload.get("place", case.address)
    if corrects_place(event):
        case.position = event["position"]
    _facts(case, record, "amended")
    entry = _routed(record)
    if entry and case.status in ("captured", "in_progress", "reopened"):
        flags.extend(_reroute(case, entry))
    return flags, False


def _reroute(case: Case, entry: Assignment) -> list[str]:
    """An order the rules gave and nobody has touched moves; work under way stays, beside the new order."""
    if any(order["brigade"] == entry["brigade"] for order in orders.open_ones(case.assignments)):
        return []
    case.assignments = [
        order for order in case.assignments if not (order["status"] == "assigned" and "by" not in order)
    ]
    busy = bool(orders.open_ones(case.assignments))
    orders.assign(case.assignments, entry)
    return ["rerouted"] if busy else []


def support(case: Case, record: Record, event: Event) -> Answer:
    case.supporters.add((event["actor"], event["payload"].get("citizen", "")))
    return DONE


def prioritize(case: Case, record: Record, event: Event) -> Answer:
    """The more urgent wins; lowering needs to have seen what it lowers."""
    priority, seen = event["payload"]["priority"], event["payload"]["seen_priority"]
    if priority > case.priority:
        saw_raise = case.priority_by is None or case.lineage.saw(event, case.priority_by)
        if seen > case.priority or not saw_raise:
            return ["priority_disputed"], False
    if priority != case.priority or case.priority_by is None:
        case.priority, case.priority_by = priority, event["_id"]
    return DONE


def take(case: Case, record: Record, event: Event) -> Answer:
    if any(taken["account"] == event["actor"] for taken in case.taken_by):
        return DONE
    unseen = any(not case.lineage.saw(event, other) for other in case.taken_events)
    case.taken_by.append({"account": event["actor"], "at": record["effective_at"]})
    case.taken_events.append(event["_id"])
    return (["two_takers"] if unseen else []), False


def release(case: Case, record: Record, event: Event) -> Answer:
    """Who had taken it lets it go; who had not changes nothing."""
    for index, taken in enumerate(case.taken_by):
        if taken["account"] == event["actor"]:
            del case.taken_by[index], case.taken_events[index]
            return DONE
    return KEPT


def assign(case: Case, record: Record, event: Event) -> Answer:
    payload = event["payload"]
    others = [order["by"] for order in orders.open_ones(case.assignments) if "by" in order]
    asked_in = _asks_in(case, record, event)
    entry = orders.made(
        payload["agency"],
        payload.get("department"),
        payload.get("brigade"),
        record["effective_at"],
        event["_id"],
    )
    new = orders.assign(case.assignments, entry)
    if not asked_in:
        case.agency, case.department = payload["agency"], payload.get("department")
    if new and any(not case.lineage.saw(event, other) for other in others):
        return ["two_brigades"], False
    return DONE


def _asks_in(case: Case, record: Record, event: Event) -> bool:
    """An agency that assigns another one asks it in: the report stays its own, and it keeps work of its own
    in it, so that the report is finished when both are. Handing a report over is ``returned``.
    """
    scope: RecordScope = record.get("scope") or {}
    own = scope.get("agency")
    if event["role"] != "agency" or own is None or own == event["payload"]["agency"]:
        return False
    if not any(entry["agency"] == own for entry in case.assignments):
        kept = orders.made(own, scope.get("department"), None, record["effective_at"], event["_id"])
        orders.assign(case.assignments, kept)
    return True


def _targets(case: Case, record: Record, event: Event) -> tuple[list[Assignment], list[str]]:
    scope: RecordScope = record.get("scope") or {}
    payload: Payload = event["payload"] if event["kind"] == "returned" else {}
    found, own = orders.targets(case.assignments, event["role"], scope, payload, record["effective_at"])
    return found, ([] if own else ["unassigned_work"])


def _work(case: Case, record: Record, event: Event, status: Literal["started", "paused"]) -> Answer:
    """Work on the actor's orders that leaves them open; an order already closed stays so."""
    found, flags = _targets(case, record, event)
    for entry in found:
        if entry["status"] in ("finished", "not_viable"):
            return [*flags, "after_closing"], True
        if "started_at" not in entry:
            entry["started_at"] = record["effective_at"]
        entry["status"] = status
        if event["kind"] == "visited":
            entry["outcome"] = event["payload"]["outcome"]
            if "return_on" in event["payload"]:
                entry["return_on"] = event["payload"]["return_on"]
    return flags, False


def start(case: Case, record: Record, event: Event) -> Answer:
    return _work(case, record, event, "started")


def visit(case: Case, record: Record, event: Event) -> Answer:
    payload = event["payload"]
    flags, kept = _work(case, record, event, "paused")
    return ([*flags, "left_for_risk"] if payload["outcome"] == "unsafe" else flags), kept


def _end(
    case: Case, record: Record, event: Event, status: Literal["finished", "not_viable", "returned"]
) -> Answer:
    found, flags = _targets(case, record, event)
    if found and all(entry["status"] in ("finished", "not_viable") for entry in found):
        same = all(entry["status"] == status for entry in found)
        return [*flags, "second_closing" if same else "contradictory_closing"], True
    for entry in found:
        entry["status"] = status
        if status != "returned":
            entry["finished_at"] = record["effective_at"]
    return flags, status == "returned" and bool(orders.open_ones(case.assignments))


def finish(case: Case, record: Record, event: Event) -> Answer:
    return _end(case, record, event, "finished")


def give_up(case: Case, record: Record, event: Event) -> Answer:
    return _end(case, record, event, "not_viable")


def give_back(case: Case, record: Record, event: Event) -> Answer:
    return _end(case, record, event, "returned")


def answer(case: Case, record: Record, event: Event) -> Answer:
    if case.answered_at is None:
        case.answered_at = record["effective_at"]
    return DONE


def verify(case: Case, record: Record, event: Event) -> Answer:
    case.verified = {"solved": event["payload"]["solved"], "at": record["effective_at"]}
    return DONE


def reopen(case: Case, record: Record, event: Event) -> Answer:
    """The order returns to whoever closed it, and somebody has to take it anew."""
    for index, entry in enumerate(case.assignments):
        if entry["status"] in ("finished", "not_viable"):
            case.assignments[index] = orders.made(
                entry["agency"],
                entry["department"],
                entry["brigade"],
                record["effective_at"],
                event["_id"],
            )
    case.finished_at = case.verified = None
    case.taken_by, case.taken_events = [], []
    _facts(case, record, "reopened")
    return DONE


def merge(case: Case, record: Record, event: Event) -> Answer:
    of = event["payload"]["of"]
    if of == case.report:
        return ["duplicate_of_itself"], True
    if "duplicate_cycle" in record.get("flags", ()):
        return KEPT
    if case.duplicate_of not in (None, of):
        return ["duplicate_disputed"], True
    case.duplicate_of = of
    return DONE


def unmerge(case: Case, record: Record, event: Event) -> Answer:
    case.duplicate_of = None
    return DONE


def join(case: Case, record: Record, event: Event) -> Answer:
    incident, flags = event["payload"]["incident"], []
    if case.incident_by and case.incident != incident and not case.lineage.saw(event, case.incident_by):
        flags.append("incident_disputed")
    case.incident, case.incident_by = incident, event["_id"]
    return flags, False


EFFECTS: dict[str, Callable[[Case, Record, Event], Answer]] = {
    "capture": capture,
    "amend": amend,
    "support": support,
    "prioritize": prioritize,
    "take": take,
    "release": release,
    "assign": assign,
    "return": give_back,
    "start": start,
    "visit": visit,
    "finish": finish,
    "give_up": give_up,
    "answer": answer,
    "verify": verify,
    "reopen": reopen,
    "merge": merge,
    "unmerge": unmerge,
    "join": join,
}
