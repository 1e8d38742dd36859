"""The municipality's own days off, its routing rules and the words that urge. Pure.

Law: rules keep their order, and the first that fits wins; a rule, a word or a day may be taken out, for
nothing else names it.
"""

from __future__ import annotations

import re
from typing import Any

from server.catalogue import defaults
from server.catalogue.directory import attending, brigades, halves
from server.catalogue.fields import Field, Fields, Groups, Reading, Refused
from server.catalogue.kinds import Kind, sound
from server.catalogue.state import State
from server.documents.folding import folded
from server.documents.words import texts

Json = dict[str, Any]

# -- days off --------------------------------------------------------------------------------------------

_DAY = (
    Field("fecha", "Fecha", "day", required=True, fixed=True),
    Field("nombre", "Nombre", required=True),
)


def _days(state: State) -> dict[str, Fields]:
    found = {
        day["date"]: {"fecha": day["date"], "nombre": day["name"]}
        for doc in state.kind("calendar:").values()
        for day in doc.get("holidays") or ()
    }
    return dict(sorted(found.items()))


def _put_day(state: State, key: str | None, given: Fields) -> tuple[Json, str]:
    stands = _days(state).get(key or "", {})
    reading = Reading(_DAY, {**stands, **given, **({"fecha": key} if key else {})}, state, stands)
    day, name = reading.day("fecha"), reading.line("nombre")
    if not 2000 <= int(day[:4]) <= 2999:
        reading.refuse("fecha", "Ese año no se usa.")
    if key is None and day in _days(state):
        reading.refuse("fecha", "Ese día ya está.")
    reading.done()
    doc = _year(state, day)
    listed = [entry for entry in doc["holidays"] if entry["date"] != day]
    at = next((n for n, entry in enumerate(doc["holidays"]) if entry["date"] == day), None)
    entry = {"date": day, "name": name}
    holidays = sorted([*listed, entry], key=lambda one: one["date"])
    if at is not None:
        holidays = [entry if one["date"] == day else one for one in doc["holidays"]]
    return sound("calendar.v1", {**doc, "holidays": holidays}), day


def _year(state: State, day: str) -> Json:
    year = int(day[:4])
    empty: Json = {"_id": f"calendar:{year}", "schema": "calendar.v1", "year": year, "holidays": []}
    return state.docs.get(f"calendar:{year}") or empty


def _drop_day(state: State, key: str, _active: bool) -> Json:
    doc = _year(state, key)
    return {**doc, "holidays": [entry for entry in doc["holidays"] if entry["date"] != key]}


DAYS = Kind(
    name="dias",
    title="Días inhábiles del municipio",
    one="día inhábil",
    fields=_DAY,
    schema="calendar.v1",
    items=_days,
    put=_put_day,
    retire=_drop_day,
    lives=lambda key: f"calendar:{key[:4]}",
    removes=True,
    shown=("fecha", "nombre"),
)

# -- rules -----------------------------------------------------------------------------------------------


def _types(state: State, kept: str) -> Groups:
    listed = sorted(state.kind("type:").items(), key=lambda pair: folded(str(pair[1].get("name"))))
    return [("", [(key, str(doc["name"])) for key, doc in listed if doc.get("active", True) or key == kept])]


def _families(_state: State, _kept: str) -> Groups:
    return [("", [(family["id"], family["name"]) for family in defaults.families()])]


def _areas(state: State, kept: str) -> Groups:
    found: Groups = []
    for title, kind in (("Cuarteles", "sector"), ("Colonias", "colonia")):
        inner = [(key, name) for key, name in state.areas.items() if key.startswith(kind + ":")]
        found.append((title, sorted(inner, key=lambda pair: folded(pair[1]))))
    if kept and kept not in state.areas:
        found.append(
            (
                "Otra",
                [(kept, state.areas.get(f"sector:{kept}") or state.areas.get(f"colonia:{kept}") or kept)],
            )
        )
    return found


_RULE = (
    Field(
        "orden",
        "Lugar en el orden",
        "number",
        least=1,
        most=20_000,
        hint="la primera regla que coincide manda",
    ),
    Field("tipo", "Tipo", "choice", options=_types, hint="vacío: cualquiera"),
    Field("familia", "Familia", "choice", options=_families, hint="vacío: cualquiera"),
    Field("zona", "Zona", "choice", options=_areas, hint="cuartel o colonia; vacío: todo el municipio"),
    Field("atiende", "Quién atiende", "choice", required=True, options=attending),
    Field("brigada", "Brigada", "choice", options=brigades),
)


def _rule_row(rule: Json, number: int) -> Fields:
    agency, brigade = rule.get("agency") or "", rule.get("brigade")
    return {
        "orden": str(number),
        "tipo": rule.get("type") or "",
        "familia": rule.get("family") or "",
        "zona": rule.get("area") or "",
        "atiende": "/".join(part for part in (agency, rule.get("department")) if part),
        "brigada": f"{agency}/{brigade}" if brigade else "",
    }


def _put_rule(state: State, key: str | None, given: Fields) -> tuple[Json, str]:
    doc = state.rules
    rules: list[Json] = list(doc["rules"])
    stands = _rule_row(rules[int(key) - 1], int(key)) if key is not None else {"orden": str(len(rules) + 1)}
    reading = Reading(_RULE, {**stands, **given}, state, stands)
    place = reading.number("orden")
    agency, department = halves(reading.choice("atiende"))
    home, brigade = halves(reading.choice("brigada"))
    if brigade and home != agency:
        reading.refuse("brigada", "Esa brigada es de otra dependencia.")
    rule: Json = {
        "type": reading.choice("tipo"),
        "family": reading.choice("familia"),
        "area": reading.choice("zona"),
    }
    rule |= {"agency": agency, "department": department, "brigade": brigade}
    reading.done()
    if key is not None:
        del rules[int(key) - 1]
    place = min(place, len(rules) + 1)
    rules.insert(place - 1, {name: value for name, value in rule.items() if value})
    return sound("rules.v1", {**doc, "rules": rules}), str(place)


def _drop_rule(state: State, key: str, _active: bool) -> Json:
    rules = list(state.rules["rules"])
    del rules[int(key) - 1]
    return {**state.rules, "rules": rules}


RULES = Kind(
    name="reglas",
    title="Reglas de turno",
    one="regla de turno",
    fields=_RULE,
    schema="rules.v1",
    items=lambda state: {str(n): _rule_row(rule, n) for n, rule in enumerate(state.rules["rules"], 1)},
    put=_put_rule,
    retire=_drop_rule,
    lives=lambda _key: "rules",
    ordered=True,
    removes=True,
    shown=("orden", "tipo", "familia", "zona", "atiende", "brigada"),
)

# -- words that urge -------------------------------------------------------------------------------------


def _priorities(_state: State, _kept: str) -> Groups:
    return [("", list(texts("priority").items()))]


_WORDS = (
    Field(
        "palabras",
        "Palabras o frases",
        "text",
        required=True,
        most=6000,
        hint="con comas; * al final: cualquier terminación",
    ),
    Field("prioridad", "Prioridad", "choice", required=True, options=_priorities),
    Field("tipo", "Sólo en este tipo", "choice", options=_types, hint="vacío: en todos"),
)


def _word_row(entry: Json) -> Fields:
    return {
        "palabras": ", ".join(entry["words"]),
        "prioridad": str(entry["priority"]),
        "tipo": entry.get("type") or "",
    }


def _put_word(state: State, key: str | None, given: Fields) -> tuple[Json, str]:
    doc = state.rules
    entries: list[Json] = list(doc["words"])
    stands = _word_row(entries[int(key) - 1]) if key is not None else {}
    reading = Reading(_WORDS, {**stands, **given}, state, stands)
    words = [" ".join(word.split()) for word in re.split(r"[,\n]", reading.text("palabras")) if word.strip()]
    if len(words) > 200 or any(len(word) > 200 for word in words):
        reading.refuse("palabras", "A lo más 200 palabras o frases, de 200 letras.")
    entry: Json = {"words": words, "priority": int(reading.choice("prioridad") or 3)}
    if kind := reading.choice("tipo"):
        entry["type"] = kind
    reading.done()
    number = int(key) if key is not None else len(entries) + 1
    entries[number - 1 : number] = [entry]
    return sound("rules.v1", {**doc, "words": entries}), str(number)


def _drop_word(state: State, key: str, _active: bool) -> Json:
    entries = list(state.rules["words"])
    del entries[int(key) - 1]
    return {**state.rules, "words": entries}


WORDS = Kind(
    name="palabras",
    title="Palabras que urgen",
    one="renglón de palabras",
    fields=_WORDS,
    schema="rules.v1",
    items=lambda state: {str(n): _word_row(entry) for n, entry in enumerate(state.rules["words"], 1)},
    put=_put_word,
    retire=_drop_word,
    lives=lambda _key: "rules",
    ordered=True,
    removes=True,
    shown=("palabras", "prioridad", "tipo"),
)


def emptied(state: State, kind: Kind) -> State:
    """The state with no thing of an ordered kind, as before a workbook that replaces all of them."""
    member = {"reglas": "rules", "palabras": "words"}.get(kind.name)
    if member is None:
        raise Refused({"": "Esto no se reemplaza."})
    return state.with_doc({**state.rules, member: []})
