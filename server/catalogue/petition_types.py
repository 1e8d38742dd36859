"""Petition types: what is asked, until when, who attends, what closing demands. Pure."""

from __future__ import annotations

import re
from typing import Any

from server.catalogue import defaults, questions
from server.catalogue.directory import attending, halves
from server.catalogue.fields import Field, Fields, Groups, Reading, said_yes
from server.catalogue.kinds import Kind, sound
from server.catalogue.state import State
from server.documents.folding import folded
from server.documents.words import texts

Json = dict[str, Any]

#: What the app falls back on when nobody knows what it is: it cannot be retired.
ALWAYS = "unknown"


def _families(_state: State, kept: str) -> Groups:
    listed = [(family["id"], family["name"]) for family in defaults.families()]
    return [("", listed + [(kept, kept)] * bool(kept and kept not in dict(listed)))]


def _pictograms(state: State, kept: str) -> Groups:
    names = {str(doc.get("pictogram")) for doc in state.kind("type:").values()} | {kept} - {""}
    named = {family["pictogram"]: family["name"] for family in defaults.families()}
    return [("", [(key, named.get(key, key)) for key in sorted(names | named.keys())])]


def _priorities(_state: State, _kept: str) -> Groups:
    return [("", list(texts("priority").items()))]


FIELDS = (
    Field("clave", "Clave", hint="se pone sola si la deja vacía", most=64, fixed=True),
    Field("nombre", "Nombre", required=True),
    Field("familia", "Familia", "choice", required=True, options=_families),
    Field("pictograma", "Dibujo", "choice", required=True, options=_pictograms),
    Field("atiende", "Quién atiende", "choice", required=True, options=attending),
    Field("dias", "Días para resolver", "number", most=3650),
    Field("habiles", "Contar sólo días hábiles", "yes"),
    Field("ambar", "Avisar cuántos días antes", "number", most=3650),
    Field("prioridad", "Prioridad", "choice", required=True, options=_priorities),
    Field("urgente", "Siempre urgente", "yes"),
    Field("confidencial", "Confidencial", "yes", hint="sólo lo ve quien lo atiende"),
    Field(
        "preguntas", "Preguntas", "text", most=6000,
        hint="una por renglón: ¿Cuántas?: número · ¿Cómo está? *: apagada | parpadea (* es obligatoria; "
        "también sí/no y texto)",
    ),
    Field("cierre_hecho", "Al cerrar: decir qué se hizo", "yes"),
    Field("cierre_foto", "Al cerrar: foto", "yes"),
    Field("cierre_lugar", "Al cerrar: estar en el lugar", "yes"),
    Field("cierre_lista", "Qué se pudo haber hecho", "text", hint="una cosa por renglón", most=6000),
    Field("palabras", "Palabras con que la gente lo dice", "text", hint="separadas por comas", most=20_000),
    Field("radio", "Metros para avisar de un repetido", "number", most=5000),
    Field("activo", "En uso", "yes"),
)  # fmt: skip


def row(doc: Json, key: str) -> Fields:
    closing = doc.get("closing") or {}
    return {
        "clave": key,
        "nombre": str(doc.get("name") or ""),
        "familia": str(doc.get("family") or ""),
        "pictograma": str(doc.get("pictogram") or ""),
        "atiende": "/".join(part for part in (doc.get("agency"), doc.get("department")) if part),
        "dias": str(doc.get("days", 0)),
        "habiles": said_yes(doc.get("working_days")),
        "ambar": str(doc.get("amber_days", 0)),
        "prioridad": str(doc.get("priority", 3)),
        "urgente": said_yes(doc.get("urgent")),
        "confidencial": said_yes(doc.get("confidential")),
        "preguntas": questions.written(doc.get("questions") or []),
        "cierre_hecho": said_yes(closing.get("done")),
        "cierre_foto": said_yes(closing.get("photo")),
        "cierre_lugar": said_yes(closing.get("position")),
        "cierre_lista": "\n".join(code["text"] for code in closing.get("codes") or ()),
        "palabras": ", ".join(doc.get("words") or ()),
        "radio": f"{doc.get('duplicate_radius', 0):g}",
        "activo": said_yes(doc.get("active", True)),
    }


#: What a new one is where its form says nothing.
PLAIN: Fields = {
    "dias": "10", "habiles": "si", "ambar": "2", "prioridad": "3", "urgente": "no", "confidencial": "no",
    "cierre_hecho": "si", "cierre_foto": "no", "cierre_lugar": "no", "radio": "30", "activo": "si",
}  # fmt: skip


def put(state: State, key: str | None, given: Fields) -> tuple[Json, str]:
    known = state.kind("type:")
    before = known[key] if key is not None else {}
    stands = row(before, key) if key is not None else {}
    reading = Reading(FIELDS, {**(stands or PLAIN), **given}, state, stands)
    name = reading.line("nombre")
    key = key if key is not None else reading.key("clave", name, known)
    agency, department = halves(reading.choice("atiende"))
    doc: Json = {
        **before,
        "_id": f"type:{key}",
        "schema": "type.v1",
        "name": name,
        "family": reading.choice("familia"),
        "pictogram": reading.choice("pictograma"),
        "agency": agency,
        "days": reading.number("dias"),
        "working_days": reading.yes("habiles"),
        "amber_days": reading.number("ambar"),
        "priority": int(reading.choice("prioridad") or 3),
        "urgent": reading.yes("urgente"),
        "confidential": reading.yes("confidencial"),
        "active": reading.yes("activo"),
    }
    doc.pop("department", None)
    if department:
        doc["department"] = department
    radius = reading.number("radio")
    if radius != before.get("duplicate_radius"):
        doc["duplicate_radius"] = radius
    _lists(doc, before, reading)
    if doc["active"] and any(
        other != key and folded(str(entry.get("name"))) == folded(name) and entry.get("active", True)
        for other, entry in known.items()
    ):
        reading.refuse("nombre", "Ya hay un tipo con ese nombre.")
    if doc["amber_days"] > doc["days"]:
        reading.refuse("ambar", "No puede avisar antes de que empiece el plazo.")
    if key == ALWAYS and not doc["active"]:
        reading.refuse("activo", "La aplicación lo necesita cuando nadie sabe qué es.")
    reading.done()
    return sound("type.v1", doc), key


def _lists(doc: Json, before: Json, reading: Reading) -> None:
    try:
        doc["questions"] = questions.read(reading.text("preguntas"), before.get("questions") or [])
    except ValueError as error:
        reading.refuse("preguntas", str(error))
    closing = {
        **(before.get("closing") or {}),
        "done": reading.yes("cierre_hecho"),
        "photo": reading.yes("cierre_foto"),
        "position": reading.yes("cierre_lugar"),
    }
    listed = reading.text("cierre_lista").splitlines()
    try:
        if any(line.strip() for line in listed):
            closing["codes"] = questions.options(listed, closing.get("codes") or [])
        elif closing.get("codes"):
            del closing["codes"]
    except ValueError as error:
        reading.refuse("cierre_lista", str(error))
    doc["closing"] = closing
    words = [" ".join(word.split()) for word in re.split(r"[,\n]", reading.text("palabras")) if word.strip()]
    if len(words) > 200 or any(len(word) > 200 for word in words):
        reading.refuse("palabras", "A lo más 200 palabras o frases, de 200 letras.")
    doc["words"] = words


def _retire(state: State, key: str, active: bool) -> Json:
    doc, _ = put(state, key, {"activo": said_yes(active)})
    return doc


TYPES = Kind(
    name="tipos",
    title="Tipos de petición",
    one="tipo de petición",
    fields=FIELDS,
    schema="type.v1",
    items=lambda state: {
        key: row(doc, key)
        for key, doc in sorted(state.kind("type:").items(), key=lambda pair: folded(str(pair[1].get("name"))))
    },
    put=put,
    retire=_retire,
    lives=lambda key: f"type:{key}",
    agency=lambda state, key: state.kind("type:").get(key, {}).get("agency"),
    shown=("nombre", "familia", "atiende", "dias", "prioridad"),
)
