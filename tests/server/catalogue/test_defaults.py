"""The default catalogue holds together: every name it uses is there, and people find their types."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from server.cases.urgency import fold_text, triage
from server.catalogue import defaults
from server.documents.shapes import Payload

TYPES = {doc["_id"].removeprefix("type:"): doc for doc in defaults.petition_types()}
AGENCIES = {doc["_id"].removeprefix("agency:"): doc for doc in defaults.agencies()}
FAMILIES = {family["id"] for family in defaults.families()}
SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")


def test_there_are_enough_types_agencies_and_channels() -> None:
    assert len(TYPES) >= 80
    assert len(TYPES) == len(defaults.petition_types())
    assert len(AGENCIES) >= 12
    assert len({doc["_id"] for doc in defaults.channels()}) == 31
    assert len(FAMILIES) <= 16


#: Protección Civil's family shows a flame; what does not burn must not.
OWN_PICTOGRAMS = {
    "protection", "shelter", "gas", "flood", "collapse", "chemical", "rescue",
    "bees", "crash", "pole", "manhole", "home-danger",
}  # fmt: skip
SPRITE = Path(__file__).parents[3] / "pwa" / "src" / "app" / "ui" / "sprite.svg"


def test_every_family_has_a_type_and_a_name() -> None:
    assert {doc["family"] for doc in TYPES.values()} == FAMILIES
    assert all(family["name"] and family["pictogram"] == family["id"] for family in defaults.families())


def test_no_two_urgent_types_look_the_same() -> None:
    drawn = [doc["pictogram"] for doc in TYPES.values() if doc["urgent"]]
    assert sorted(set(drawn)) == sorted(drawn)


@pytest.mark.parametrize("type_id", sorted(TYPES))
def test_type_is_complete(type_id: str) -> None:
    doc = TYPES[type_id]
    assert SLUG.match(type_id)
    assert doc["pictogram"] in FAMILIES | OWN_PICTOGRAMS
    assert f'<symbol id="{doc["pictogram"]}"' in SPRITE.read_text()
    departments = {department["id"] for department in AGENCIES[doc["agency"]]["departments"]}
    assert doc["department"] in departments
    assert 1 <= doc["priority"] <= 4
    assert 0 <= doc["amber_days"] < doc["days"] <= 30
    assert doc["urgent"] == (doc["priority"] == 1), "an emergency by type is marked urgent, nothing else is"
    assert doc["closing"]["done"] is True
    questions = doc["questions"]
    assert len(questions) <= 3, "a person in the street answers three questions at most"
    assert len({question["id"] for question in questions}) == len(questions)
    for question in questions:
        assert (question["kind"] == "choice") == bool(question.get("options"))
    for option in [o for q in questions for o in q.get("options", [])] + doc["closing"].get("codes", []):
        assert SLUG.match(option["value"])
        assert option["text"]


@pytest.mark.parametrize("type_id", sorted(TYPES))
def test_search_words_are_words(type_id: str) -> None:
    words = TYPES[type_id]["words"]
    assert len(words) >= 5
    assert all(word == word.strip() and fold_text(word) for word in words)
    assert not [word for word, n in Counter(fold_text(word) for word in words).items() if n > 1]


def test_unknown_goes_to_the_desk() -> None:
    unknown = TYPES["unknown"]
    assert unknown["name"] == "No sé qué es"
    assert unknown["agency"] == "atencion-ciudadana"
    assert not unknown["confidential"]


def test_complaints_about_people_are_confidential() -> None:
    for type_id in ("venta-droga", "violencia-familiar", "denuncia-servidor", "maltrato-animal"):
        assert TYPES[type_id]["confidential"]
        assert TYPES[type_id]["duplicate_radius"] == 0, "a confidential report is nobody's duplicate"


def test_a_complaint_is_no_emergency_unless_somebody_is_in_danger() -> None:
    # Protección Civil sees priorities 1 and 2: a complaint must not reach it by its type alone.
    for type_id, doc in TYPES.items():
        assert not doc["confidential"] or doc["priority"] != 2, type_id


@pytest.mark.parametrize(
    ("said", "type_id"),
    [
        ("se fundió el foco", "luminaria-apagada"),
        ("no pasó el camión", "basura-no-recogida"),
        ("hay un vache", "bache"),
        ("un enjambre de abispas", "enjambre"),
        ("se robaron la tapa", "alcantarilla-sin-tapa"),
        ("zancudos", "mosquitos-fumigar"),
        ("carro abandonado", "auto-abandonado"),
        ("se brota el drenaje", "aguas-negras"),
    ],
)
def test_people_find_it_as_they_say_it(said: str, type_id: str) -> None:
    plain = f" {fold_text(said)} "
    assert any(f" {fold_text(word)} " in plain for word in TYPES[type_id]["words"])


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("HUELE A GÁS en la esquina", 1),
        ("se metió el agua a las casas", 1),
        ("hay un herido", 1),
        ("está frente a la escuela", 2),
        ("una lámpara, la de siempre", 3),
    ],
)
def test_urgent_words_raise_priority(text: str, priority: int) -> None:
    payload: Payload = {"type": "luminaria-apagada", "text": text, "answers": {}, "place": {}}
    assert triage(TYPES["luminaria-apagada"], payload, defaults.rules())["priority"] == priority


def test_ordinary_names_of_types_raise_nothing() -> None:
    for type_id, doc in TYPES.items():
        if doc["priority"] >= 3:
            payload: Payload = {"type": type_id, "text": doc["name"], "answers": {}, "place": {}}
            found = triage(doc, payload, defaults.rules())["priority"]
            assert found >= 2, f"{doc['name']} would call Protección Civil out"


def test_calendars_hold_easter() -> None:
    days = {day["date"] for doc in defaults.calendars() for day in doc["holidays"]}
    assert {"2026-04-02", "2026-04-03", "2027-03-25", "2027-03-26"} <= days


def test_documents_are_fresh_each_time() -> None:
    defaults.documents()["type:bache"]["name"] = "changed"
    assert defaults.documents()["type:bache"]["name"] == "Bache"
