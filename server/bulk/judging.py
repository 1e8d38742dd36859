"""What an act would do to one report of many, or why nothing: the preview and the job ask the same.

Law: no second rule of who may do what: the tables of authorization and transitions decide, as for one report.
What is already so is told and not done again. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.bulk.job import Item
from server.cases.scope import Scope as Actor
from server.cases.scope import is_open
from server.channels.acts import Act, Missing, offered, payload_of, relations
from server.documents.shapes import Payload, PetitionType, Report
from server.documents.words import text
from server.register.scope import Scope, readable

NOT_YOURS = "Ya no es de los suyos."
CLOSED = "Está cerrado: eso ya no se puede hacer."
NOT_ALLOWED = "A su cuenta no le toca hacerlo en este reporte."
SAME = "Ya estaba así."


class Refused(Exception):
    """Why nothing is done to a report, in a sentence (es-MX)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def payload_for(
    act: Act,
    form: Mapping[str, str],
    actor: Actor,
    scope: Scope,
    item: Item,
    report: Report | None,
    petition_type: PetitionType | None,
) -> Payload:
    """The event's payload for one report as it is now. Raises ``Refused``; ``Missing`` for a wrong form.

    ``item`` is the report as whoever confirmed had seen it: a priority is changed from the one they saw.
    """
    if report is None or not readable(report, scope):
        raise Refused(NOT_YOURS)
    held = relations(actor, report, {})
    if act not in offered(actor["role"] or "", held, report, actor["account"] or ""):
        raise Refused(CLOSED if act.when == "open" and not is_open(report) else NOT_ALLOWED)
    if act.name == "prioridad":
        report = {**report, "priority": item.priority}
    payload = payload_of(act, form, report, petition_type, 0)
    if _is_so(act, payload, report):
        raise Refused(SAME)
    return payload


def _is_so(act: Act, payload: Payload, report: Report) -> bool:
    match act.name:
        case "prioridad":
            return bool(payload["priority"] == report["priority"])
        case "clasificar":
            return bool(payload["type"] == report["type"])
        case "asignar":
            return any(
                entry["agency"] == payload["agency"]
                and entry.get("brigade") == payload.get("brigade")
                and entry["status"] in ("assigned", "started", "paused")
                for entry in report["assignments"]
            )
        case "iniciar":
            agency = [entry for entry in report["assignments"] if entry["status"] == "started"]
            return bool(agency)
    return False


def seen(item: Item, report: Report) -> list[str]:
    """The events that whoever confirmed had seen: those up to the version of their list."""
    known = {
        entry["event"]
        for entry in report["timeline"]
        if entry.get("event") and entry["admission"] <= item.version
    }
    return [event for event in report["events"] if event in known][-64:]


def said_of(act: Act, form: Mapping[str, str], names: Mapping[str, str]) -> str:
    """What a job does, in words. ``names``: agencies, brigades and types by the form's value."""
    match act.name:
        case "asignar":
            return f"Asignar a {names.get(form.get('a_quien', ''), form.get('a_quien', ''))}"
        case "prioridad":
            return f"Prioridad {text('priority', form.get('prioridad')).lower()}"
        case "clasificar":
            return f"Clasificar como «{names.get(form.get('tipo', ''), form.get('tipo', ''))}»"
        case "devolver":
            return f"Devolver a la mesa: {text('returned', form.get('razon'))}"
        case "responder":
            return f"Responder ({text('answered', form.get('medio', 'other')).lower()})"
    return act.title


__all__ = [
    "CLOSED",
    "NOT_ALLOWED",
    "NOT_YOURS",
    "SAME",
    "Missing",
    "Refused",
    "payload_for",
    "said_of",
    "seen",
]
