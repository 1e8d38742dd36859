"""What a person of the office may do to a report: each act, what it asks for, and what is missing.

Law: an act is offered only to whom the table of authorization gives it, in a state where it means something;
what a closing must document is said before the button is pressed, and asked again after it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.cases.authorization import allowed, relations_to_report
from server.cases.scope import Scope, View, is_open
from server.cases.transitions import CLOSED
from server.documents.shapes import Kind, Payload, PayloadMaterial, PetitionType, Report
from server.documents.words import texts

#: A line of material: number, unit, name. Units as people write them; another word is part of the name.
_UNITS = "m2|m3|m|kg|g|l|lt|ton|pzas?|bultos?|costal|costales|sacos?|rollos?"
_MATERIAL = re.compile(rf"(\d{{1,7}}(?:[.,]\d{{1,3}})?) ?(?:({_UNITS})(?: de)? )?(\S.*)\Z", re.IGNORECASE)
#: As events have them (``schemas/event.v1.json``).
_MOST_MATERIALS = 40
#: Characters of a text in a form, as events have them.
LONGEST = 4_000


class Missing(Exception):
    """What an act lacks: the field's name and a sentence for the person (es-MX)."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Act:
    """``kind`` is the event's; ``name`` the form's, where one kind has several forms."""

    name: str
    kind: Kind
    title: str
    button: str
    when: str
    danger: bool = False


#: In the order in which they stand on the page. ``when``: open, closed, duplicate, any, captured.
ACTS = (
    Act("clasificar", "amended", "Clasificar", "Clasificar", "open"),
    Act("atender", "taken", "Yo lo atiendo", "Lo atiendo", "open"),
    Act("soltar", "released", "Ya no lo atiendo", "Soltarlo", "open"),
    Act("iniciar", "started", "Empezar el trabajo", "Empezar", "open"),
    Act("responder", "answered", "Responder a la persona", "Responder", "any"),
    Act("asignar", "assigned", "Asignar o pedir a otra dependencia", "Asignar", "open"),
    Act("terminar", "finished", "Terminar", "Terminar", "open"),
    Act("devolver", "returned", "Devolver a la mesa", "Devolver", "open"),
    Act("no-procede", "not_viable", "No procede", "Cerrar: no procede", "open", danger=True),
    Act("prioridad", "prioritized", "Cambiar la prioridad", "Cambiar", "open"),
    Act("anotar", "noted", "Nota interna", "Anotar", "any"),
    Act("unir", "marked_duplicate", "Es un reporte repetido", "Unir", "open", danger=True),
    Act("separar", "unmerged", "No es repetido", "Separar", "duplicate"),
    Act("reabrir", "reopened", "Abrir de nuevo", "Reabrir", "closed"),
)
BY_NAME = {act.name: act for act in ACTS}


def _means(act: Act, report: Report) -> bool:
    status = report["status"]
    match act.when:
        case "open":
            return is_open(report)
        case "closed":
            return status in CLOSED
        case "duplicate":
            return status == "duplicate"
    return status != "withdrawn"


def relations(actor: Scope, report: Report, keys: Mapping[str, View]) -> frozenset[str]:
    """How an account stands to a report (``cases.authorization``)."""
    return relations_to_report(actor, report, keys)


def offered(role: str, held: frozenset[str], report: Report, account: str = "") -> list[Act]:
    """The acts this role may do in these relations, now. ``account``: whose acts, for what only one's own
    earlier act gives a meaning.
    """
    found = [act for act in ACTS if allowed(act.kind, role, held) and _means(act, report)]
    # Changing the type is the desk's; others may amend other members, which no page offers.
    found = [act for act in found if act.name != "clasificar" or role == "desk"]
    mine = any(taken["account"] == account for taken in report.get("taken_by") or ())
    return [act for act in found if act.name != ("atender" if mine else "soltar")]


def demands(report: Report, petition_type: PetitionType | None) -> list[str]:
    """What a closing must document, in sentences, as its type says."""
    closing = petition_type.get("closing") if petition_type else None
    said = ["Qué se hizo: de la lista o con sus palabras."]
    if closing and closing.get("photo") and not has_closing_photo(report):
        said.append("Una foto de cómo quedó.")
    return said


def has_closing_photo(report: Report) -> bool:
    """Whether somebody who works on the report has added a photo since it was assigned."""
    working = {"brigade", "agency", "civil_protection"}
    events = {entry.get("event") for entry in report["timeline"] if entry.get("role") in working}
    return any(item["event"] in events and item["verdict"] != "refused" for item in report["evidence"])


def payload_of(
    act: Act, form: Mapping[str, str], report: Report, petition_type: PetitionType | None, photos: int
) -> Payload:
    """The event's payload from a form. ``photos``: how many come with it. Raises ``Missing``.

    ``unir`` needs ``of``, the other report's uuid, which the caller has found by its folio.
    """
    text = _text(form, "texto")
    own: Payload = {"text": text} if text else {}
    match act.name:
        case "clasificar":
            return {"type": _need(form, "tipo", "Elija de qué se trata.")}
        case "responder":
            by: Any = _choice(form, "medio", "answered") or "other"
            return {"text": _need(form, "texto", "Escriba lo que se le respondió."), "by": by}
        case "asignar":
            agency, _, brigade = _need(form, "a_quien", "Elija a quién se asigna.").partition("/")
            if brigade:
                own["brigade"] = brigade
            return {**own, "agency": agency}
        case "terminar":
            return _finished(form, report, petition_type, photos, own)
        case "devolver":
            reason = _choice(form, "razon", "returned")
            if reason is None:
                raise Missing("razon", "Elija por qué se devuelve.")
            if reason == "other" and not text:
                raise Missing("texto", "Diga la razón con sus palabras.")
            return {"reason": reason, **own}
        case "no-procede":
            reason = _choice(form, "razon", "not_viable")
            if reason is None:
                raise Missing("razon", "Elija por qué no procede.")
            return {
                "reason": reason,
                "text": _need(form, "texto", "Explique por qué no procede: la persona lo leerá."),
            }
        case "prioridad":
            wanted = _choice(form, "prioridad", "priority")
            if wanted is None:
                raise Missing("prioridad", "Elija la prioridad.")
            return {"priority": int(wanted), "seen_priority": report["priority"], **own}
        case "anotar":
            return {"text": _need(form, "texto", "Escriba la nota.")}
        case "unir":
            return {"of": _need(form, "of", "Escriba el folio del reporte que se queda.")}
        case "reabrir":
            return {"text": _need(form, "texto", "Diga por qué se abre de nuevo.")}
    return own


def _finished(
    form: Mapping[str, str], report: Report, petition_type: PetitionType | None, photos: int, own: Payload
) -> Payload:
    """León's own weakness was the closing without an intervention: here none passes undocumented."""
    closing = petition_type.get("closing") if petition_type else None
    codes = {code["value"] for code in (closing.get("codes") if closing else None) or ()}
    code, words = form.get("hecho", "").strip(), own.get("text", "")
    if code and code not in codes:
        raise Missing("hecho", "Elija lo que se hizo de la lista.")
    if not code and not words:
        raise Missing("hecho", "Diga qué se hizo: de la lista o con sus palabras.")
    if closing and closing.get("photo") and not photos and not has_closing_photo(report):
        raise Missing("foto", "Falta la foto de cómo quedó: este tipo de reporte la pide.")
    used = materials(form)
    listed: Payload = {"materials": used} if used else {}
    return {**own, **listed, "done": code} if code else {**listed, "done": words}


def materials(form: Mapping[str, str]) -> list[PayloadMaterial]:
    """What was used, a line each: a number, perhaps its unit, and what it is. Raises ``Missing``."""
    found: list[PayloadMaterial] = []
    for line in _text(form, "materiales").splitlines():
        if not line.strip():
            continue
        read = _MATERIAL.match(" ".join(line.split()))
        quantity = float(read[1].replace(",", ".")) if read else 0.0
        if read is None or not 0 < quantity <= 1_000_000 or len(read[3]) > 200:
            raise Missing("materiales", f"Escriba cada uno como «2 focos»: no se entiende «{line[:40]}».")
        whole = int(quantity) if quantity.is_integer() else quantity
        used: PayloadMaterial = {"name": read[3], "quantity": whole}
        found.append({**used, "unit": read[2].lower()} if read[2] else used)
    if len(found) > _MOST_MATERIALS:
        raise Missing("materiales", f"A lo más {_MOST_MATERIALS} materiales.")
    return found


def _text(form: Mapping[str, str], name: str) -> str:
    text = form.get(name, "").strip().replace("\r\n", "\n")
    if len(text) > LONGEST:
        raise Missing(name, f"El texto es muy largo: a lo más {LONGEST} letras.")
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
        raise Missing(name, "El texto tiene signos que no se pueden guardar.")
    return text


def _need(form: Mapping[str, str], name: str, sentence: str) -> str:
    text = _text(form, name)
    if not text:
        raise Missing(name, sentence)
    return text


def _choice(form: Mapping[str, str], name: str, chapter: str) -> Any:
    """A code of a chapter of the book of words, which is the schema's list of them; None for anything
    else.
    """
    given = form.get(name, "")
    return given if given in texts(chapter) else None
