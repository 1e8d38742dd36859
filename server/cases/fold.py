"""report = fold(records).

Law FOLD-1: the same report for every permutation and duplication of the same records. Records are put in
order by (effective_at, admission number), the capture first of all, and each goes once through the transition
table. What does not fit stays in the timeline and raises a review flag; evidence always accumulates; a
``late`` record changes nothing else. Adding a record to a folded state gives what folding everything anew
would.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from typing import Any

from server.cases.assignments import open_ones, status_after
from server.cases.case import Case
from server.cases.effects import EFFECTS
from server.cases.facts import apply_fact, redacted, redactions
from server.cases.transitions import BY_ASSIGNMENTS, BY_PROGRESS, CLOSED, KEEP, TABLE, Cell
from server.documents.shapes import Event, Fact, JudgedPosition, Record, Report, Status, TimelineEntry

_Key = tuple[str, int, str]

# What the report falls back to where no assignment decides: a closing closes, a return brings it back to
# the desk.
_CLOSING: dict[str, Status] = {"finished": "finished", "not_viable": "not_viable", "returned": "captured"}
_START = Cell("captured", "capture")
# An event whose kind is not about reports (an incident's, say) under a report's id.
_FOREIGN = Cell(KEEP, flag="not_about_reports")


def _key(record: Record) -> _Key:
    return (record["effective_at"], record["admission"], record["_id"])


def fold(records: Iterable[Record]) -> Report | None:
    """The report of these records (``record.v1``, all of one report); None where its capture is missing."""
    state = FoldState()
    state.extend(records)
    return state.report()


class FoldState:
    """A report that can take one more record without folding all of them again."""

    __slots__ = ("_capture", "_case", "_hidden", "_records", "_sorted", "_stale")

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._records: dict[str, Record] = {}
        self._sorted: list[Record] = []
        self._capture: Record | None = None
        self._case: Case | None = None
        self._hidden: dict[str, set[str]] = {}
        self._stale = False
        self.extend(records)

    def fork(self) -> FoldState:
        """The same state, to take records of its own. What was folded goes with it: the one left behind folds
        anew if it is asked.
        """
        other = FoldState()
        other._records, other._sorted = dict(self._records), list(self._sorted)
        other._capture, other._hidden, other._stale = self._capture, self._hidden, self._stale
        other._case, self._case = self._case, None
        return other

    def extend(self, records: Iterable[Record]) -> None:
        for record in records:
            self.add(record)

    def add(self, record: Record) -> bool:
        """Take a record in; False where it was there already."""
        if record["_id"] in self._records:
            return False
        self._records[record["_id"]] = record
        event = record.get("event")
        if event is not None and event["kind"] == "captured" and not self._is_second(record):
            self._capture, self._stale = record, True
        fact = record.get("fact")
        in_order = not self._sorted or _key(self._sorted[-1]) < _key(record)
        if in_order:
            self._sorted.append(record)
        else:
            insort(self._sorted, record, key=_key)
        if not in_order or (fact is not None and fact["kind"] == "redaction"):
            self._stale = True
        if not self._stale and self._case is not None:
            _apply(self._case, record, self._hidden)
        return True

    def _is_second(self, record: Record) -> bool:
        """The true capture is the one admitted first: nobody can backdate the server's numbers."""
        return self._capture is not None and self._capture["admission"] < record["admission"]

    def report(self) -> Report | None:
        """The report document as of the records taken in, or None while the capture is missing."""
        case = self.case()
        return None if case is None else case.document()

    def case(self) -> Case | None:
        """The state the document is made of, to look at: cheaper where a member or two are wanted."""
        if self._capture is None:
            return None
        if self._stale or self._case is None:
            self._refold(self._capture)
        return self._case

    def _refold(self, capture: Record) -> None:
        hidden = self._hidden = redactions(self._sorted)
        case = Case(capture["report"])
        _apply(case, capture, hidden, start=True)
        for record in self._sorted:
            if record is not capture:
                _apply(case, record, hidden)
        self._case, self._stale = case, False


def _apply(case: Case, record: Record, hidden: dict[str, set[str]], *, start: bool = False) -> None:
    admission = record["admission"]
    case.version = max(case.version, admission)
    fact = record.get("fact")
    if fact is not None:
        apply_fact(case, fact, admission)
        flags = sorted(record.get("flags", ()))
        case.flags.raise_(flags, admission)
        case.timeline.append(_fact_entry(record, fact, flags))
        return
    event = record["event"]
    found = set(record.get("flags", ()))
    if event["_id"] in hidden:
        event = redacted(event, hidden[event["_id"]])
        found.add("redacted")
    case.lineage.add(event)
    case.events.append(event["_id"])
    _gather(case, event, record["effective_at"])
    if record.get("late") and not start:
        found.add("late")
    else:
        found.update(_transition(case, record, event, _START if start else _cell(event, case)))
    flags = sorted(found)
    case.flags.raise_(flags, admission)
    case.timeline.append(_entry(record, event, flags))


def _cell(event: Event, case: Case) -> Cell:
    return TABLE.get((event["kind"], case.status), _FOREIGN)


def _transition(case: Case, record: Record, event: Event, cell: Cell) -> list[str]:
    flags = [cell.flag] if cell.flag else []
    kept = False
    if cell.apply:
        raised, kept = EFFECTS[cell.apply](case, record, event)
        flags += raised
    if kept or cell.to == KEEP:
        return flags
    if cell.to == BY_ASSIGNMENTS:
        status: Status = status_after(case.assignments, _CLOSING[event["kind"]])
    elif cell.to == BY_PROGRESS:
        status = _by_progress(case)
    else:
        status = cell.to
    if status in CLOSED and case.status not in CLOSED:
        case.finished_at = record["effective_at"]
    case.status = status
    return flags


def _by_progress(case: Case) -> Status:
    """Where an unmerged report goes on: somebody is at it, or nobody is yet."""
    busy = any(order["status"] != "assigned" or "by" in order for order in open_ones(case.assignments))
    return "in_progress" if busy or case.taken_by else "captured"


def _gather(case: Case, event: Event, at: str) -> None:
    of = event["_id"]
    if event["kind"] == "evidence_added":
        of = event["payload"].get("of", of)
    for photo in event["photos"]:
        key = (of, photo["sha256"])
        if key not in case.evidence:
            case.evidence[key] = {
                "sha256": photo["sha256"],
                "origin": photo["origin"],
                "event": of,
                "at": at,
                "verdict": "pending",
            }


def _entry(record: Record, event: Event, flags: list[str]) -> TimelineEntry:
    entry: TimelineEntry = {
        "event": event["_id"],
        "kind": event["kind"],
        "at": record["effective_at"],
        "admission": record["admission"],
        "actor": event["actor"],
        "role": event["role"],
        "payload": event["payload"],
        "photos": event["photos"],
        "flags": flags,
    }
    if event["position"]["source"] != "none":
        widened: Any = {**event["position"]}  # A shape with more members than its own: mypy widens none.
        position: JudgedPosition = widened
        judged = record.get("position")
        if judged:
            position["verdict"] = judged["verdict"]
            if (distance := judged.get("distance")) is not None:
                position["distance"] = distance
        entry["position"] = position
    if record.get("late"):
        entry["late"] = True
    return entry


def _fact_entry(record: Record, fact: Fact, flags: list[str]) -> TimelineEntry:
    return {
        "event": record["_id"],
        "kind": fact["kind"],
        "at": record["effective_at"],
        "admission": record["admission"],
        "actor": None,
        "role": None,
        "payload": {member: value for member, value in fact.items() if member != "kind"},
        "photos": [],
        "flags": flags,
        "fact": True,
    }
