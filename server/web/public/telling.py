"""What a neighbour is told of a report: by its folio alone, and with the code of its ticket.

Law: each member that is told is named here; whatever else a report holds is not. Of a confidential report, of
one that nobody has classified yet (it may become one) and of one that was withdrawn, the status is told and
nothing else, with the code too. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from server.cases.semaforo import Semaforo, semaforo
from server.documents.shapes import PetitionType, Report
from server.documents.words import text, told
from server.evidence.access import lists_photo
from server.instants import parse

#: What each status means for whoever waits.
MEANING = {
    "captured": "Ya lo recibimos. Falta que empiecen a atenderlo.",
    "in_progress": "Ya lo están atendiendo.",
    "finished": "El trabajo se terminó.",
    "not_viable": "Se revisó y no se puede atender.",
    "duplicate": "Otro vecino ya lo había reportado: se atiende con ese reporte.",
    "withdrawn": "Se retiró. Ya no se atiende.",
    "reopened": "Se abrió de nuevo para atenderlo otra vez.",
}
#: Steps of the history that are told, and never by whom.
STEPS = (
    "captured", "assigned", "started", "visited", "answered", "finished", "not_viable", "reopened",
    "marked_duplicate", "unmerged",
)  # fmt: skip
#: What came by a channel was said by the citizen, and is told to who holds the ticket.
OWN = {
    "noted": "Usted agregó un comentario",
    "evidence_added": "Usted agregó una foto",
    "verified": "Usted dijo que no quedó",
}


@dataclass(frozen=True, slots=True)
class Told:
    """``reserved``: status and meaning are all there is. Days as ``23/11/2026``."""

    status: str
    meaning: str
    reserved: bool
    type: str | None = None
    colonia: str | None = None
    captured: str | None = None
    promised: str | None = None
    closed: str | None = None
    light: Semaforo | None = None


@dataclass(frozen=True, slots=True)
class Step:
    day: str
    what: str
    #: The holder's own words.
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the citizen was answered: how (``Por teléfono``, ``Se cambió la lámpara``) and in what words."""

    day: str
    what: str
    how: str
    text: str | None


@dataclass(frozen=True, slots=True)
class WithCode:
    steps: list[Step] = field(default_factory=list)
    answers: list[Said] = field(default_factory=list)
    #: SHA-256 of the photos of its closing.
    photos: list[str] = field(default_factory=list)
    #: It may be rated and said not to be solved; the latter was said already.
    finished: bool = False
    not_solved: bool = False


def reserved(report: Report, petition_type: PetitionType | None) -> bool:
    return (
        bool(report["confidential"])
        or report["type"] == "unknown"
        or report["status"] == "withdrawn"
        or petition_type is None
        or bool(petition_type.get("confidential"))
    )


def tell(
    report: Report, petition_type: PetitionType | None, colonia: str | None, now: str, zone: ZoneInfo
) -> Told:
    """What anybody may know who has the folio. ``colonia``: its name in the padrón."""
    status, meaning = text("status", report["status"]), MEANING[report["status"]]
    if petition_type is None or reserved(report, petition_type):
        return Told(status, meaning, reserved=True)
    return Told(
        status,
        meaning,
        reserved=False,
        type=petition_type["name"],
        colonia=colonia,
        captured=_day(report["captured_at"], zone),
        promised=_day(report["due_at"], zone),
        closed=_day(report["finished_at"], zone),
        light=semaforo(
            now,
            zone,
            status=report["status"],
            priority=report["priority"],
            amber_at=report["amber_at"],
            due_at=report["due_at"],
            finished_at=report["finished_at"],
        ),
    )


def tell_with_code(report: Report, petition_type: PetitionType | None, zone: ZoneInfo) -> WithCode:
    """What the holder of the ticket may know besides."""
    if petition_type is None or reserved(report, petition_type):
        return WithCode()
    steps: list[Step] = []
    answers: list[Said] = []
    for entry in report["timeline"]:
        kind, payload = entry["kind"], entry["payload"]
        if entry.get("fact"):
            continue
        day = _day(entry["at"], zone) or "—"
        if kind in OWN and entry.get("role") == "channel":
            steps.append(Step(day, OWN[kind], payload.get("text")))
        if kind not in STEPS:
            continue
        steps.append(Step(day, told("kind", kind)))
        if kind in ("answered", "finished", "not_viable"):
            answers.append(
                Said(day, told("kind", kind), _how(kind, payload, petition_type), payload.get("text"))
            )
    return WithCode(
        steps, answers, closing_photos(report), report["status"] == "finished", says_not_solved(report)
    )


def says_not_solved(report: Report) -> bool:
    """Whether somebody's "no quedó" stands: nobody has opened it again since, nor said that it is solved."""
    verified = report["verified"]
    return verified is not None and not verified["solved"]


def closing_photos(report: Report) -> list[str]:
    """SHA-256 of the photos that show how it was left, each found good."""
    named = [
        photo["sha256"]
        for entry in report["timeline"]
        if entry["kind"] == "finished" and not entry.get("late")
        for photo in entry["photos"]
    ]
    return [sha256 for sha256 in dict.fromkeys(named) if lists_photo(report, sha256)]


def _how(kind: str, payload: Mapping[str, Any], petition_type: PetitionType) -> str:
    if kind == "answered":
        return text("answered", payload.get("by", "other"))
    if kind == "not_viable":
        return text("not_viable", payload.get("reason"))
    codes = petition_type["closing"].get("codes") or ()
    done = payload.get("done")
    return next((str(code["text"]) for code in codes if code["value"] == done), str(done or ""))


def _day(instant: str | None, zone: ZoneInfo) -> str | None:
    return parse(instant).astimezone(zone).strftime("%d/%m/%Y") if instant else None
