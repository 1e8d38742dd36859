"""The assignments of a report: one per brigade, or per agency where no brigade is named.

Law: assigning adds, never takes away; only ``returned`` and the closings end an assignment. A brigade's
work counts even where it had not been assigned, and then is flagged.
"""

from __future__ import annotations

from collections.abc import Iterable

from server.documents.shapes import Assignment, Payload, RecordScope, Status

OPEN = frozenset({"assigned", "started", "paused"})


def open_ones(assignments: Iterable[Assignment]) -> list[Assignment]:
    return [entry for entry in assignments if entry["status"] in OPEN]


def made(agency: str, department: str | None, brigade: str | None, at: str, by: str | None) -> Assignment:
    """A fresh entry; ``by`` is the event that assigned, None where the routing rules did."""
    entry: Assignment = {
        "agency": agency,
        "department": department,
        "brigade": brigade,
        "status": "assigned",
        "assigned_at": at,
    }
    if by is not None:
        entry["by"] = by
    return entry


def _index(assignments: list[Assignment], agency: str, brigade: str | None) -> int | None:
    for index, entry in enumerate(assignments):
        if brigade is not None:
            if entry["brigade"] == brigade:
                return index
        elif entry["brigade"] is None and entry["agency"] == agency:
            return index
    return None


def assign(assignments: list[Assignment], entry: Assignment) -> Assignment | None:
    """Put ``entry`` in; the entry that is now new, or None where that one was already open.

    A closed assignment of the same brigade opens again. An open one of the same agency without brigade is
    what the new one makes precise, so it takes its place.
    """
    index = _index(assignments, entry["agency"], entry["brigade"])
    if index is None and entry["brigade"] is not None:
        index = _index(assignments, entry["agency"], None)
        if index is not None and assignments[index]["status"] not in OPEN:
            index = None
    elif index is not None and assignments[index]["status"] in OPEN:
        return None
    if index is None:
        assignments.append(entry)
    else:
        assignments[index] = entry
    return entry


def targets(
    assignments: list[Assignment], role: str, scope: RecordScope, payload: Payload, at: str
) -> tuple[list[Assignment], bool]:
    """The entries an action is about, and whether they were the actor's to act on.

    ``returned`` may name them. Else a brigade acts on its own entry (or on its agency's, where that names
    no brigade), an agency on all open ones of its own, desk and Protección Civil on all open ones. Work by
    a brigade or agency that has no entry gets one, and the answer's second part is False.
    """
    agency, brigade = payload.get("agency"), payload.get("brigade")
    if brigade is not None or agency is not None:
        named = [
            entry
            for entry in open_ones(assignments)
            if brigade in (None, entry["brigade"]) and agency in (None, entry["agency"])
        ]
        return named, bool(named)
    agency, brigade = scope.get("agency"), scope.get("brigade")
    if role == "brigade":
        index = _index(assignments, agency or "", brigade)
        if index is None and agency is not None:
            index = _index(assignments, agency, None)
            if index is not None and assignments[index]["status"] not in OPEN:
                index = None
        if index is not None:
            return [assignments[index]], True
    elif role == "agency":
        own = [entry for entry in assignments if entry["agency"] == agency]
        if own or not assignments:
            return open_ones(own) or own, True
    else:
        return open_ones(assignments), True
    if agency is None:
        return [], False
    entry = made(agency, scope.get("department"), brigade, at, None)
    assignments.append(entry)
    return [entry], False


def status_after(assignments: list[Assignment], closing: Status) -> Status:
    """The report's status once an action has changed its assignments.

    Open ones left: in progress. Else finished if one is, or not viable if one is. Else, everything was
    given back or nothing was ever assigned: ``closing``.
    """
    states = {entry["status"] for entry in assignments}
    if states & OPEN:
        return "in_progress"
    if "finished" in states:
        return "finished"
    if "not_viable" in states:
        return "not_viable"
    return closing
