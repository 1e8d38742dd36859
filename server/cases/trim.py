"""What a role's copy of a report holds.

Law TRIM-1: a copy is made by naming what goes in, never by deleting what must not: a member added to reports
tomorrow reaches nobody until it is named here. Contact data enters only where ``CONTACT`` says so and
only while the report is open. Where a worker stood is for the worker's own copy (design: workers' privacy).
Pure: values in, decisions out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.cases.scope import Scope, View, holds_order, is_open
from server.documents.shapes import CitizenContent, Report, TimelineEntry

#: Members of the report that a full view shows as they are. ``citizen`` is not among them: see ``contact``.
FULL = (
    "_id",
    "schema",
    "version",
    "events",
    "folio",
    "provisional_folio",
    "aliases",
    "type",
    "answers",
    "text",
    "family",
    "confidential",
    "channel",
    "for_whom",
    "agency",
    "department",
    "status",
    "priority",
    "urgent",
    "danger",
    "captured_at",
    "captured_by",
    "answer_due_at",
    "answered_at",
    "amber_at",
    "due_at",
    "finished_at",
    "verified",
    "place",
    "assignments",
    "taken_by",
    "incident",
    "evidence",
    "supports",
    "duplicate_of",
    "duplicates",
    "flags",
    "month",
)
#: A neighbour's card: what is wrong, where, and how it goes; no person, text, timeline or photos.
CARD = (
    "_id",
    "schema",
    "version",
    "folio",
    "provisional_folio",
    "type",
    "family",
    "status",
    "priority",
    "supports",
    "due_at",
    "amber_at",
    "captured_at",
)
CARD_PLACE = (
    "lat",
    "lon",
    "source",
    "block",
    "block_name",
    "colonia",
    "sector",
    "street",
    "between",
    "outside",
)
#: The capturer's receipt of a confidential report. ``events`` lets the device drop its pending copy.
OWN = (
    "_id",
    "schema",
    "version",
    "events",
    "folio",
    "provisional_folio",
    "type",
    "family",
    "confidential",
    "status",
    "priority",
    "captured_at",
    "captured_by",
    "answer_due_at",
    "answered_at",
    "amber_at",
    "due_at",
    "finished_at",
)
TIMELINE = (
    "event",
    "kind",
    "at",
    "admission",
    "actor",
    "role",
    "name",
    "payload",
    "photos",
    "flags",
    "late",
    "fact",
)
EVIDENCE = ("sha256", "origin", "event", "at", "verdict", "code", "width", "height")

#: Who gets the citizen's name and telephone, beside whoever took them down: those who must go, or call.
CONTACT = frozenset({"brigade", "civil_protection", "desk"})

#: Payload members that identify a citizen or belong to no copy.
_PRIVATE_PAYLOAD = frozenset({"citizen"})


def needs_contact(report: Report, account: Scope, view: View) -> bool:
    """Whether this copy carries contact data.

    ``account``: ``{account, role, brigade}``. A brigade has it while its own order is unfinished; the
    capturer of an open report keeps it to follow up. A confidential report's reaches only the brigade
    that must go.
    """
    if view != "full" or not report.get("citizen") or not is_open(report):
        return False
    if account["role"] == "brigade":
        return any(
            a.get("brigade") == account.get("brigade") and holds_order(a) and a["status"] in _UNFINISHED
            for a in report.get("assignments") or ()
        )
    if report.get("confidential"):
        return False
    return account["role"] in CONTACT or report.get("captured_by") == account["account"]


_UNFINISHED = frozenset({"assigned", "started", "paused"})


def copy_of(report: Report, account: Scope, view: View, contact: CitizenContent | None = None) -> Report:
    """The copy of a report for one account; ``contact`` is the citizen's content where ``needs_contact``."""
    copy: Report
    if view == "card":
        copy = _pick(report, CARD)
        copy["place"] = _pick(report["place"], CARD_PLACE)
    elif view == "own":
        copy = _pick(report, OWN)
    else:
        copy = _pick(report, FULL)
        copy["citizen"] = None
        copy["timeline"] = [_entry(entry, account["account"]) for entry in report["timeline"]]
        copy["evidence"] = [_pick(item, EVIDENCE) for item in report["evidence"]]
        if contact and needs_contact(report, account, view):
            copy["contact"] = _pick(dict(contact), ("name", "phone"))
    copy["view"] = view
    return copy


def _entry(entry: TimelineEntry, account: str | None) -> TimelineEntry:
    copy: TimelineEntry = _pick(entry, TIMELINE)
    private = _PRIVATE_PAYLOAD & entry["payload"].keys()
    if private:
        copy["payload"] = {name: value for name, value in entry["payload"].items() if name not in private}
    position = entry.get("position")
    if position:
        if entry.get("actor") == account:
            copy["position"] = position
        elif "verdict" in position:
            # Others learn whether the person was there, not where exactly.
            copy["position"] = {"source": position["source"], "verdict": position["verdict"]}
    return copy


def _pick(source: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """Some members of a document. A part of a shape has no type of its own: whoever asks says what it is."""
    return {name: source[name] for name in names if name in source}


class Variants:
    """The different copies of one report, each made once."""

    __slots__ = ("_actors", "_contact", "_made", "_report")

    def __init__(self, report: Report, contact: CitizenContent | None) -> None:
        self._report = report
        self._contact = contact
        self._actors = {entry.get("actor") for entry in report["timeline"]}
        self._made: dict[tuple[View, str | None, bool], Report] = {}

    def of(self, scope: Scope, view: View) -> Report:
        """The copy for the account of this scope."""
        # What a copy depends on: the view, whether the account acted here, whether it may call.
        own = scope["account"] if view == "full" and scope["account"] in self._actors else None
        variant = (view, own, needs_contact(self._report, scope, view))
        copy = self._made.get(variant)
        if copy is None:
            copy = self._made[variant] = copy_of(self._report, scope, view, self._contact)
        return copy
