"""The semáforo: how a deadline stands at this moment, as colour, shape and words.

Law: it is computed where it is shown, from the recorded deadlines and the clock, and never stored. It
survives greyscale: every colour has a shape and words of its own. Days are the calendar's, at the
municipality's midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from server.cases.transitions import CLOSED, OPEN
from server.documents.words import text
from server.instants import parse

_ENDED = {status: text("status", status) for status in ("finished", "not_viable", "duplicate", "withdrawn")}


@dataclass(frozen=True, slots=True)
class Semaforo:
    """``colour``: green, amber, red, emergency, none. ``shape``: circle, triangle, octagon, bar, none."""

    colour: str
    shape: str
    words: str


def _days(count: int) -> str:
    return "1 día" if count == 1 else f"{count} días"


def semaforo(
    now: str,
    timezone: ZoneInfo,
    status: str,
    priority: int,
    amber_at: str | None,
    due_at: str | None,
    finished_at: str | None = None,
) -> Semaforo:
    """The semáforo at ``now`` (an instant), by the report's members of the same names."""

    def days_between(earlier: str, later: str) -> int:
        first, last = (parse(text).astimezone(timezone).date() for text in (earlier, later))
        return (last - first).days

    if status not in OPEN:
        words = _ENDED[status]
        if status in CLOSED and due_at is not None and finished_at is not None:
            overdue = days_between(due_at, finished_at) if finished_at > due_at else 0
            words += f" con {_days(overdue)} de retraso" if overdue > 0 else " a tiempo"
        return Semaforo("none", "none", words)
    if priority == 1:
        return Semaforo("emergency", "bar", "Emergencia")
    if due_at is None:
        return Semaforo("none", "none", "Sin plazo")
    if now > due_at:
        overdue = days_between(due_at, now)
        return Semaforo("red", "octagon", f"Vencido {_days(overdue)}" if overdue else "Venció hoy")
    left = days_between(now, due_at)
    if amber_at is not None and now >= amber_at:
        when = {0: "hoy", 1: "mañana"}.get(left, f"en {_days(left)}")
        return Semaforo("amber", "triangle", f"Vence {when}")
    return Semaforo("green", "circle", f"A tiempo · {_days(left)}" if left else "A tiempo · vence hoy")
