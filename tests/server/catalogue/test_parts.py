"""The catalogue's parts: what stands is put back unchanged, what is wrong is said at its field."""

from __future__ import annotations

from typing import Any

import pytest

from server.cases.validation import reasons
from server.catalogue import defaults, questions
from server.catalogue.fields import Refused, words_of
from server.catalogue.parts import BY_NAME, KINDS, check, differences
from server.catalogue.state import State

Json = dict[str, Any]


def state(**more: Json) -> State:
    docs = {key: doc for key, doc in defaults.documents().items() if not key.startswith("notice:")}
    docs["agency:alumbrado-publico"]["brigades"] = [{"id": "luz-1", "name": "Cuadrilla 1"}]
    docs["rules"]["rules"] = [
        {"type": "bache", "area": "s-1", "agency": "obra-publica", "department": "bacheo"},
        {"family": "lamp", "agency": "alumbrado-publico", "brigade": "luz-1"},
    ]
    for doc in docs.values():
        doc["_rev"] = "1-a"
    areas = {"sector:s-1": "Cuartel 1", "colonia:centro": "Centro", "sector:s-2": "Cuartel 2"}
    found = State({**docs, **more}, areas)
    bacheo = found.kind("agency:")["obra-publica"]["departments"]
    if "bacheo" not in {part["id"] for part in bacheo}:
        bacheo.append({"id": "bacheo", "name": "Bacheo"})
    if "type:bache" not in found.docs:
        some = next(iter(found.kind("type:")))
        found.docs["rules"]["rules"][0]["type"] = some
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_stands_put_back_is_the_same_document(kind: Any) -> None:
    there = state()
    items = kind.items(there)
    assert items, "there must be something to put back"
    for key, fields in items.items():
        doc, same = kind.put(there, key, fields)
        assert (doc, same) == (there.docs[kind.lives(key)], key)
        # As a workbook says it, in words, too.
        said = {field.name: words_of(field, fields[field.name], there) for field in kind.fields}
        assert kind.put(there, key, said)[0] == there.docs[kind.lives(key)]
    for doc_id in {kind.lives(key) for key in items}:
        assert check(there, there.docs[doc_id]) == []
        assert differences(there, there.docs[doc_id], there.docs[doc_id]) == []


LAMP = "luminaria"


def lamp(there: State) -> str:
    return next(key for key, doc in there.kind("type:").items() if doc["questions"])


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("tipos", {"dias": "cinco"}, "dias"),
        ("tipos", {"dias": "-1"}, "dias"),
        ("tipos", {"dias": "3651"}, "dias"),
        ("tipos", {"dias": "٣"}, "dias"),
        ("tipos", {"dias": "1", "ambar": "2"}, "ambar"),
        ("tipos", {"nombre": "  "}, "nombre"),
        ("tipos", {"nombre": "x" * 201}, "nombre"),
        ("tipos", {"nombre": "mal\x00"}, "nombre"),
        ("tipos", {"atiende": "nadie"}, "atiende"),
        ("tipos", {"atiende": ""}, "atiende"),
        ("tipos", {"familia": "ovni"}, "familia"),
        ("tipos", {"urgente": "quizá"}, "urgente"),
        ("tipos", {"preguntas": "Cuántas"}, "preguntas"),
        ("tipos", {"preguntas": "¿A?: número\n¿a?: número"}, "preguntas"),
        ("tipos", {"preguntas": "\n".join(f"¿P{n}?: número" for n in range(13))}, "preguntas"),
        ("tipos", {"cierre_lista": "Sí\nsi"}, "cierre_lista"),
        ("dependencias", {"corto": ""}, "corto"),
        ("dependencias", {"telefono": "llámeme"}, "telefono"),
        ("dependencias", {"activo": "no"}, "activo"),
        ("canales", {"nombre": ""}, "nombre"),
        ("reglas", {"atiende": ""}, "atiende"),
        ("reglas", {"zona": "la luna"}, "zona"),
        ("reglas", {"atiende": "obra-publica", "brigada": "alumbrado-publico/luz-1"}, "brigada"),
        ("palabras", {"palabras": ""}, "palabras"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(kind: str, given: dict[str, str], field: str) -> None:
    there = state()
    part = BY_NAME[kind]
    key = lamp(there) if kind == "tipos" else next(iter(part.items(there)))
    with pytest.raises(Refused) as refused:
        part.put(there, key, given)
    assert field in refused.value.wrong
    assert all(why.endswith(".") for why in refused.value.wrong.values())


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(Refused) as refused:
        BY_NAME["tipos"].put(state(), None, {"nombre": "", "dias": "x", "atiende": "nadie"})
    assert {"nombre", "dias", "atiende"} <= refused.value.wrong.keys()


def test_what_is_new_gets_its_id_from_its_name_once() -> None:
    there = state()
    given = {
        "nombre": "Fuga de agua potable en escuela",
        "familia": "leak",
        "pictograma": "leak",
        "atiende": "obra-publica",
    }
    doc, key = BY_NAME["tipos"].put(there, None, given)
    assert key == "fuga-de-agua-potable-en-escuela"
    assert reasons("type.v1", {name: value for name, value in doc.items() if name != "_rev"}) == []
    with pytest.raises(Refused):
        BY_NAME["tipos"].put(there.with_doc(doc), None, given)
    doc, key = BY_NAME["brigadas"].put(there, None, {"dependencia": "obra-publica", "nombre": "Bacheo Norte"})
    assert key == "obra-publica~bacheo-norte"
    assert doc["brigades"][-1] == {"id": "bacheo-norte", "name": "Bacheo Norte"}
    with pytest.raises(Refused):
        # Another agency's brigade has that id already: orders name a brigade without its agency.
        BY_NAME["brigadas"].put(
            there, None, {"dependencia": "obra-publica", "nombre": "Otra", "clave": "luz-1"}
        )
    doc, key = BY_NAME["dias"].put(there, None, {"fecha": "2031-05-10", "nombre": "Día de las madres"})
    assert doc == {
        "_id": "calendar:2031",
        "schema": "calendar.v1",
        "year": 2031,
        "holidays": [{"date": "2031-05-10", "name": "Día de las madres"}],
    }


def test_a_retired_thing_stays_where_it_stands_and_is_offered_no_more() -> None:
    there = state()
    there = there.with_doc(BY_NAME["reglas"].retire(there, "2", False))
    doc = BY_NAME["brigadas"].retire(there, "alumbrado-publico~luz-1", False)
    assert doc["brigades"] == [{"id": "luz-1", "name": "Cuadrilla 1", "active": False}]
    assert reasons("agency.v1", doc) == []
    retired = there.with_doc(doc)
    with pytest.raises(Refused):
        BY_NAME["reglas"].put(
            retired, None, {"atiende": "alumbrado-publico", "brigada": "alumbrado-publico/luz-1"}
        )
    assert BY_NAME["brigadas"].items(retired)["alumbrado-publico~luz-1"]["activo"] == "no"
    back = BY_NAME["brigadas"].retire(retired, "alumbrado-publico~luz-1", True)
    assert back["brigades"][0].get("active", True) is True


def test_what_would_still_get_reports_is_not_retired_and_says_why() -> None:
    there = state()
    with pytest.raises(Refused) as refused:
        BY_NAME["dependencias"].retire(there, "alumbrado-publico", False)
    assert "tipos en uso" in refused.value.wrong["activo"]
    with pytest.raises(Refused) as refused:
        BY_NAME["brigadas"].retire(there, "alumbrado-publico~luz-1", False)
    assert "una regla" in refused.value.wrong["activo"]
    for channel in ("jefe-de-manzana", "ventanilla"):
        with pytest.raises(Refused):
            BY_NAME["canales"].retire(there, channel, False)
    with pytest.raises(Refused):
        BY_NAME["tipos"].retire(there, "unknown", False)


def test_rules_keep_their_order_and_move() -> None:
    there, rules = state(), BY_NAME["reglas"]
    first, second = there.rules["rules"]
    doc, key = rules.put(there, "2", {"orden": "1"})
    assert (doc["rules"], key) == ([second, first], "1")
    doc, key = rules.put(there, None, {"orden": "1", "atiende": "obra-publica", "zona": "Cuartel 2"})
    assert doc["rules"][0] == {"area": "sector:s-2", "agency": "obra-publica"}
    assert doc["rules"][1:] == [first, second]
    assert differences(there, there.docs["rules"], doc) == [
        "Se puso: Cuartel 2, " + named(there, "obra-publica")
    ]
    assert rules.retire(there, "1", False)["rules"] == [second]


def named(there: State, agency: str) -> str:
    return str(there.kind("agency:")[agency]["name"])


def test_reworded_questions_keep_their_ids_and_so_do_their_answers() -> None:
    known: list[Json] = [
        {"id": "how_many", "text": "¿Cuántas?", "kind": "number", "hint": "a ojo"},
        {"id": "state", "text": "¿Cómo está?", "kind": "choice", "required": True,
         "options": [{"value": "off", "text": "Apagada"}, {"value": "flickers", "text": "Parpadea"}]},
    ]  # fmt: skip
    text = questions.written(known)
    assert text == "¿Cuántas?: número\n¿Cómo está? *: Apagada | Parpadea"
    assert questions.read(text, known) == known
    changed = questions.read(
        "¿Cómo se ve?: Apagada | Titila\n¿Cuántas hay?: número\n¿Hay peligro?: sí/no", known
    )
    assert [question["id"] for question in changed] == ["como-se-ve", "cuantas-hay", "hay-peligro"]
    placed = questions.read("¿Cuántas hay?: número\n¿Cómo se ve?: Apagada | Titila", known)
    assert [question["id"] for question in placed] == ["how_many", "state"]
    assert placed[0]["hint"] == "a ojo"
    assert placed[1]["options"] == [
        {"value": "off", "text": "Apagada"},
        {"value": "flickers", "text": "Titila"},
    ]
    moved = questions.read("¿Cómo está?: Parpadea | Apagada\n¿Cuántas?: número", known)
    assert [question["id"] for question in moved] == ["state", "how_many"]
    assert [option["value"] for option in moved[0]["options"]] == ["flickers", "off"]


def test_a_change_is_told_in_words() -> None:
    there, types = state(), BY_NAME["tipos"]
    key = lamp(there)
    before = there.docs[f"type:{key}"]
    after, _ = types.put(there, key, {"dias": str(before["days"] + 2), "urgente": "sí"})
    said = differences(there, before, after)
    name, days = before["name"], before["days"]
    assert said == [f"{name}, Días para resolver: {days} → {days + 2}", f"{name}, Siempre urgente: no → sí"]
    assert differences(there, None, before) == [f"Nuevo: tipo de petición «{name}»"]
