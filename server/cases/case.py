"""The state of one report while its records are folded, and the report document it becomes.

Law: state is a pure function of the records applied so far, in order; it never holds on to, nor changes, a
record's own objects. What does not depend on order (folio, verdicts, reviews) is kept by admission number,
so it comes out the same whenever it arrives.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from server.cases.flags import Flags
from server.cases.folio import provisional
from server.cases.lineage import Lineage
from server.documents.ids import report_id
from server.documents.shapes import (
    Answer,
    Assignment,
    Classification,
    Deadlines,
    EvidenceItem,
    ForWhom,
    Place,
    Position,
    Report,
    ReportPlace,
    ReportTakenBy,
    ReportVerified,
    Routing,
    Status,
    TimelineEntry,
)

#: What routing says of a place in words of its own.
_AREAS: tuple[Literal["block", "block_name", "colonia", "sector"], ...] = (
    "block",
    "block_name",
    "colonia",
    "sector",
)


class PhotoVerdict(TypedDict):
    """What the examination of a photo found: it stands on every evidence item of that hash."""

    verdict: Literal["ok", "refused"]
    code: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]


class Case:
    """Open for the effects of ``effects.py``; ``document`` makes the report."""

    __slots__ = (
        "address",
        "agency",
        "aliases",
        "answered_at",
        "answers",
        "assignments",
        "captured_at",
        "captured_by",
        "channel",
        "citizen",
        "classification",
        "danger",
        "deadlines",
        "department",
        "duplicate_of",
        "duplicates",
        "events",
        "evidence",
        "finished_at",
        "flags",
        "folios",
        "for_whom",
        "incident",
        "incident_by",
        "lineage",
        "month",
        "photo_verdicts",
        "photos_missing",
        "place_by",
        "position",
        "priority",
        "priority_by",
        "report",
        "routing",
        "status",
        "supporters",
        "taken_by",
        "taken_events",
        "text",
        "timeline",
        "type",
        "type_by",
        "urgent",
        "verified",
        "version",
    )

    def __init__(self, report: str) -> None:
        self.report = report
        self.version = 0
        self.events: list[str] = []
        self.timeline: list[TimelineEntry] = []
        self.lineage = Lineage()
        self.flags = Flags()
        self.status: Status = "captured"
        self.type = ""
        self.answers: dict[str, Answer] = {}
        self.text: str | None = None
        self.channel: str | None = None
        self.for_whom: ForWhom | None = None
        self.citizen: str | None = None
        self.urgent = False
        self.danger = False
        self.classification: Classification = {"family": None, "confidential": False}
        self.routing: Routing = {}
        self.agency: str | None = None
        self.department: str | None = None
        self.deadlines: Deadlines | None = None
        self.address: Place = {}
        self.position: Position = {"source": "none"}
        self.priority = 3  # media, until intake's triage says otherwise
        self.priority_by: str | None = None
        self.type_by: str | None = None
        self.place_by: str | None = None
        self.captured_at = ""
        self.captured_by: str | None = None
        self.month: str | None = None
        self.answered_at: str | None = None
        self.finished_at: str | None = None
        self.verified: ReportVerified | None = None
        self.assignments: list[Assignment] = []
        self.taken_by: list[ReportTakenBy] = []
        self.taken_events: list[str] = []
        self.supporters: set[tuple[str, str]] = set()
        self.duplicate_of: str | None = None
        self.duplicates: dict[str, tuple[int, bool]] = {}
        self.incident: str | None = None
        self.incident_by: str | None = None
        self.evidence: dict[tuple[str, str], EvidenceItem] = {}
        self.photo_verdicts: dict[str, tuple[int, PhotoVerdict]] = {}
        self.photos_missing: dict[str, int] = {}
        self.folios: dict[str, int] = {}
        self.aliases: set[str] = set()

    def _place(self) -> ReportPlace:
        joined: Any = {**self.position, **self.address}  # Two shapes make a third: mypy joins none.
        place: ReportPlace = joined
        for area in _AREAS:
            found = self.routing.get(area)
            if found is not None:
                place[area] = found
        if tied := self.routing.get("blocks_tied"):
            place["blocks_tied"] = tied
        if self.routing.get("outside"):
            place["outside"] = True
        return place

    def _evidence(self) -> list[EvidenceItem]:
        items: list[EvidenceItem] = []
        for item in self.evidence.values():
            verdict = self.photo_verdicts.get(item["sha256"])
            items.append({**item, **verdict[1]} if verdict else item.copy())
        return items

    def _flag_codes(self) -> list[str]:
        late = {
            code: admission
            for code, admission in (
                ("returned", self._returned()),
                ("not_solved", self._not_solved()),
                ("photo_missing", self._photo_missing()),
            )
            if admission
        }
        return self.flags.codes(late)

    def _returned(self) -> int:
        """Raised while everybody it was assigned to has given it back; 0 where not."""
        if self.status != "captured" or not self.assignments:
            return 0
        if any(entry["status"] != "returned" for entry in self.assignments):
            return 0
        return max((entry["admission"] for entry in self.timeline if entry["kind"] == "returned"), default=0)

    def _not_solved(self) -> int:
        """Raised by the leader's "no", lowered by reopening or a later "yes"."""
        if self.verified is None or self.verified["solved"]:
            return 0
        return max((entry["admission"] for entry in self.timeline if entry["kind"] == "verified"), default=0)

    def _photo_missing(self) -> int:
        return max(
            (admission for sha, admission in self.photos_missing.items() if sha not in self.photo_verdicts),
            default=0,
        )

    def document(self) -> Report:
        """The report (``report.v1``): new objects, but for the payloads and photos of events."""
        folios = sorted(self.folios, key=lambda folio: (self.folios[folio], folio))
        return {
            "_id": report_id(self.report),
            "schema": "report.v1",
            "version": self.version,
            "events": list(self.events),
            "folio": folios[0] if folios else None,
            "provisional_folio": provisional(self.report),
            "aliases": sorted(self.aliases.union(folios[1:]).difference(folios[:1])),
            "type": self.type,
            "answers": self.answers,
            "text": self.text,
            "family": self.classification.get("family"),
            "confidential": self.classification.get("confidential", False),
            "channel": self.channel,
            "for_whom": self.for_whom,
            "citizen": self.citizen,
            "agency": self.agency,
            "department": self.department,
            "status": self.status,
            "priority": self.priority,
            "urgent": self.urgent,
            "danger": self.danger,
            "captured_at": self.captured_at,
            "captured_by": self.captured_by,
            "answer_due_at": self.deadlines["answer_due_at"] if self.deadlines else None,
            "answered_at": self.answered_at,
            "amber_at": self.deadlines["amber_at"] if self.deadlines else None,
            "due_at": self.deadlines["due_at"] if self.deadlines else None,
            "finished_at": self.finished_at,
            "verified": self.verified.copy() if self.verified else None,
            "place": self._place(),
            "assignments": [entry.copy() for entry in self.assignments],
            "taken_by": [taken.copy() for taken in self.taken_by],
            "incident": self.incident,
            "timeline": [entry.copy() for entry in self.timeline],
            "evidence": self._evidence(),
            "supports": len(self.supporters),
            "duplicate_of": self.duplicate_of,
            "duplicates": sorted(report for report, (_, joined) in self.duplicates.items() if joined),
            "flags": self._flag_codes(),
            "month": self.month,
        }
