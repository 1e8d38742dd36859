"""The municipality's directory: agencies, their departments and brigades. Pure.

Law: nothing is deleted: what is retired is offered no more and stays readable wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from server.catalogue.fields import Field, Fields, Groups, Reading, Refused, said_yes
from server.catalogue.kinds import Kind, sound
from server.catalogue.state import State
from server.documents.folding import folded

Json = dict[str, Any]


def _agencies(state: State) -> list[tuple[str, Json]]:
    return sorted(state.kind("agency:").items(), key=lambda pair: folded(str(pair[1].get("name"))))


def agencies(state: State, kept: str) -> Groups:
    listed = [pair for pair in _agencies(state) if pair[1].get("active", True) or pair[0] == kept]
    return [("", [(key, str(doc["name"])) for key, doc in listed])]


def attending(state: State, kept: str) -> Groups:
    """Agencies and their departments, as ``agency`` and ``agency/department``."""
    found: Groups = []
    for key, doc in _agencies(state):
        if doc.get("active", True) or kept.partition("/")[0] == key:
            inner = [
                (f"{key}/{part['id']}", f"{doc['name']} · {part['name']}")
                for part in doc.get("departments") or ()
                if part.get("active", True) or kept == f"{key}/{part['id']}"
            ]
            found.append((str(doc["name"]), [(key, str(doc["name"])), *inner]))
    return found


def brigades(state: State, kept: str) -> Groups:
    """Brigades as ``agency/brigade``."""
    found: Groups = []
    for key, doc in _agencies(state):
        inner = [
            (f"{key}/{part['id']}", f"{doc['name']} · {part['name']}")
            for part in doc.get("brigades") or ()
            if (part.get("active", True) and doc.get("active", True)) or kept == f"{key}/{part['id']}"
        ]
        if inner:
            found.append((str(doc["name"]), inner))
    return found


def halves(value: str) -> tuple[str, str | None]:
    first, _, second = value.partition("/")
    return first, second or None


# -- agencies ---------------------------------------------------------------------------------------------

_AGENCY = (
    Field("clave", "Clave", hint="se pone sola si la deja vacía", most=64, fixed=True),
    Field("nombre", "Nombre", required=True),
    Field("corto", "Nombre corto", hint="como se dice en las listas", required=True),
    Field("telefono", "Teléfono", most=40),
    Field("activo", "En uso", "yes"),
)


def _agency_row(doc: Json, key: str) -> Fields:
    return {
        "clave": key,
        "nombre": str(doc.get("name") or ""),
        "corto": str(doc.get("short") or ""),
        "telefono": str(doc.get("phone") or ""),
        "activo": said_yes(doc.get("active", True)),
    }


def _put_agency(state: State, key: str | None, given: Fields) -> tuple[Json, str]:
    known = state.kind("agency:")
    before = known[key] if key is not None else {"departments": [], "brigades": []}
    stands = _agency_row(before, key) if key is not None else {}
    reading = Reading(_AGENCY, {"activo": "si", **stands, **given}, state, stands)
    name = reading.line("nombre")
    key = key if key is not None else reading.key("clave", name, known)
    doc: Json = {**before, "_id": f"agency:{key}", "schema": "agency.v1", "name": name}
    doc["short"] = reading.line("corto")
    phone = reading.line("telefono")
    if not re.fullmatch(r"[0-9+(). -]*", phone):
        reading.refuse("telefono", "Escriba sólo los números del teléfono.")
    doc.pop("phone", None)
    if phone:
        doc["phone"] = phone
    active = reading.yes("activo")
    if active != doc.get("active", True):
        doc["active"] = active
    if twin(name, key, known):
        reading.refuse("nombre", "Ya hay una dependencia con ese nombre.")
    if not active and (hanging := attended(state, key)):
        reading.refuse("activo", hanging[0])
    reading.done()
    return sound("agency.v1", doc), key


def twin(name: str, key: str, known: dict[str, Json]) -> bool:
    return any(other != key and folded(str(doc.get("name"))) == folded(name) for other, doc in known.items())


def attended(
    state: State, agency: str, department: str | None = None, brigade: str | None = None
) -> list[str]:
    """Why it cannot be retired: what would go on sending new reports to it, in sentences."""
    found = []
    if brigade is None:
        types = [
            str(doc["name"])
            for doc in state.kind("type:").values()
            if doc.get("active", True)
            and doc.get("agency") == agency
            and department in (None, doc.get("department"))
        ]
        if types:
            some = ", ".join(sorted(types)[:3]) + (" y más" if len(types) > 3 else "")
            many = "un tipo en uso" if len(types) == 1 else f"{len(types)} tipos en uso"
            found.append(f"Atiende {many} ({some}): elija antes quién los atiende.")
    wanted = {"agency": agency, "department": department, "brigade": brigade}
    rules = [
        rule
        for rule in state.rules.get("rules") or ()
        if all(rule.get(name) == value for name, value in wanted.items() if value is not None)
    ]
    if rules:
        many = "una regla que le turna" if len(rules) == 1 else f"{len(rules)} reglas que le turnan"
        found.append(f"Hay {many} reportes: cámbielo antes.")
    return found


def _retire_agency(state: State, key: str, active: bool) -> Json:
    return _put_agency(state, key, {"activo": said_yes(active)})[0]


AGENCIES = Kind(
    name="dependencias",
    title="Dependencias",
    one="dependencia",
    fields=_AGENCY,
    schema="agency.v1",
    items=lambda state: {key: _agency_row(doc, key) for key, doc in _agencies(state)},
    put=_put_agency,
    retire=_retire_agency,
    lives=lambda key: f"agency:{key}",
    agency=lambda _state, key: key,
    shown=("nombre", "corto", "telefono"),
)


# -- departments and brigades: parts of an agency, keyed ``agency~part`` ----------------------------------

_PART = (
    Field("clave", "Clave", hint="se pone sola si la deja vacía", most=64, fixed=True),
    Field("dependencia", "Dependencia", "choice", required=True, fixed=True, options=agencies),
    Field("nombre", "Nombre", required=True),
    Field("activo", "En uso", "yes"),
)


def _parts(member: str) -> Callable[[State], dict[str, Fields]]:
    def items(state: State) -> dict[str, Fields]:
        return {
            f"{key}~{part['id']}": {
                "clave": part["id"],
                "dependencia": key,
                "nombre": part["name"],
                "activo": said_yes(part.get("active", True)),
            }
            for key, doc in _agencies(state)
            for part in doc.get(member) or ()
        }

    return items


def _put_part(member: str) -> Callable[[State, str | None, Fields], tuple[Json, str]]:
    items = _parts(member)

    def put(state: State, key: str | None, given: Fields) -> tuple[Json, str]:
        stands = items(state)[key] if key is not None else {}
        fixed: Fields = {name: stands[name] for name in ("clave", "dependencia") if name in stands}
        reading = Reading(_PART, {"activo": "si", **stands, **given, **fixed}, state, stands)
        agency, name, active = reading.choice("dependencia"), reading.line("nombre"), reading.yes("activo")
        doc = state.docs.get(f"agency:{agency}")
        if doc is None:
            raise Refused(reading.wrong or {"dependencia": "Elija de la lista."})
        parts: list[Json] = list(doc.get(member) or ())
        taken = {part["id"] for part in parts}
        if member == "brigades":
            # A brigade's id is its own in the whole municipality: orders name it without its agency.
            taken = {part["id"] for _, entry in _agencies(state) for part in entry.get(member) or ()}
        own = stands["clave"] if key is not None else reading.key("clave", name, taken)
        if any(part["id"] != own and folded(part["name"]) == folded(name) for part in parts):
            reading.refuse("nombre", "Ya hay otra con ese nombre en esa dependencia.")
        which = {"departments": (own, None), "brigades": (None, own)}[member]
        if not active and (hanging := attended(state, agency, *which)):
            reading.refuse("activo", hanging[0])
        reading.done()
        before = next((part for part in parts if part["id"] == own), {})
        entry: Json = {**before, "id": own, "name": name}
        if active != before.get("active", True):
            entry["active"] = active
        listed = [entry if part["id"] == own else part for part in parts]
        changed = {**doc, member: listed if before else [*parts, entry]}
        return sound("agency.v1", changed), f"{agency}~{own}"

    return put


def _part_kind(name: str, title: str, one: str, member: str) -> Kind:
    put = _put_part(member)
    return Kind(
        name=name,
        title=title,
        one=one,
        fields=_PART,
        schema="agency.v1",
        items=_parts(member),
        put=put,
        retire=lambda state, key, active: put(state, key, {"activo": said_yes(active)})[0],
        lives=lambda key: f"agency:{key.partition('~')[0]}",
        agency=lambda _state, key: key.partition("~")[0],
        shown=("nombre", "dependencia"),
    )


DEPARTMENTS = _part_kind("departamentos", "Departamentos", "departamento", "departments")
BRIGADES = _part_kind("brigadas", "Brigadas", "brigada", "brigades")
