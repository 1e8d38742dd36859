"""Words people say find the type they mean: the shared table, and what the search learned from."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from server.catalogue.defaults import petition_types
from server.catalogue.finding import Finder, Found, finder, said
from server.catalogue.sounding import fold, stem
from server.documents.contracts import contract

TYPES = {doc["_id"].removeprefix("type:"): doc for doc in petition_types()}
FINDER = Finder(TYPES)
TABLE = orjson.loads(contract("cases/type_words.json"))


def right(case: dict[str, Any], found: Found) -> bool:
    types, others = case.get("types", case.get("first", [])), case.get("elsewhere", [])
    if not (types or others or case.get("help")):
        return found == Found([], False, [])
    if case.get("help") and not found.help:
        return False
    among = set(types) & set(found.types[:3]) or set(others) & set(found.elsewhere)
    return bool(among) or not (types or others)


def test_nine_of_ten_phrases_it_never_learned_from_find_their_type() -> None:
    cases = TABLE["cases"]
    learned = {fold(text) for _, text in ways()}
    assert len(cases) >= 150
    assert not [case["said"] for case in cases if fold(case["said"]) in learned]
    wrong = [case["said"] for case in cases if not right(case, FINDER.find(case["said"]))]
    print(f"unseen: {len(cases) - len(wrong)} of {len(cases)}")
    assert len(wrong) <= len(cases) // 10, wrong


def ways() -> list[tuple[str, str]]:
    table = said()
    found = [(key, text) for key, texts in table["types"].items() for text in texts]
    found += [("!", text) for text in table["help"]]
    return found + [(f"@{key}", text) for key, each in table["elsewhere"].items() for text in each["said"]]


def test_nearly_every_way_it_learned_from_finds_its_type() -> None:
    every, wrong = ways(), []
    for key, text in every:
        found = FINDER.find(text)
        answers = [
            *found.types[:3],
            *(f"@{other}" for other in found.elsewhere),
            *("!" if found.help else ""),
        ]
        if key not in answers:
            wrong.append((key, text))
    print(f"learned: {len(every) - len(wrong)} of {len(every)}")
    assert len(every) >= 600
    assert len(wrong) <= len(every) // 100, wrong


@pytest.mark.parametrize("case", TABLE["firm"], ids=lambda case: case["said"])
def test_what_may_never_be_missed(case: dict[str, Any]) -> None:
    found = FINDER.find(case["said"])
    assert found.types[: len(case.get("first", []))] == case.get("first", [])
    assert right(case, found), found
    assert found.help == case.get("help", found.help)


def test_the_stems_are_the_phones() -> None:
    assert {word: stem(fold(word)) for word in TABLE["stems"]} == TABLE["stems"]


def test_every_way_of_saying_speaks_of_a_type_there_is() -> None:
    assert set(said()["types"]) <= set(TYPES)
    assert set(TYPES) - set(said()["types"]) == {"unknown"}
    assert set(said()["told"]) <= set(TYPES)


def test_a_mistake_is_forgiven_only_where_nothing_exact_stands() -> None:
    assert finder(TYPES).find("semaforro").types[0] == "semaforo-apagado"
    assert FINDER.find("bache xyzzyq") == FINDER.find("bache")
    # "vache" strays from "bache" in spelling only; "cache" would be forgiven alone, not beside a known word.
    assert FINDER.find("tope cachex") == FINDER.find("tope")


@pytest.mark.parametrize("text", ["", "   ", "asdfgh qwertyu", "de la en el", "12345"])
def test_nonsense_finds_nothing(text: str) -> None:
    assert FINDER.find(text) == Found([], False, [])


def test_each_types_own_name_finds_it_first() -> None:
    for key, doc in TYPES.items():
        if doc["active"] and key != "unknown":
            assert finder(TYPES).find(doc["name"]).types[0] == key, doc["name"]


def test_a_type_put_to_rest_is_not_found() -> None:
    resting: Any = {**TYPES, "bache": {**TYPES["bache"], "active": False}}
    assert "bache" not in finder(resting).find("hay un bache").types


def test_a_letter_that_nobody_hears_finds_nothing() -> None:
    assert finder(TYPES).find("H").types == []
    assert finder(TYPES).find("h bache") == finder(TYPES).find("bache")
