"""Words people say find the type they mean."""

from __future__ import annotations

import pytest

from server.catalogue.defaults import petition_types
from server.catalogue.finding import find_types

TYPES = {doc["_id"].removeprefix("type:"): doc for doc in petition_types()}


def named(found: list[str]) -> list[str]:
    return [TYPES[key]["name"] for key in found[:3]]


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("hay un bache enorme frente a mi casa", "Bache"),
        ("lampara fundida", "Lámpara"),
        ("no pasó la basura", "basura"),
        ("hay una fuga de agua", "Fuga"),
        ("incendio", "Incendio"),
        ("se cayó un árbol", "rbol"),
        ("fuga de gas", "gas"),
        ("cable caído", "Cable"),
    ],
)
def test_plain_sentences_find_the_type_among_three(said: str, part: str) -> None:
    assert any(part in name for name in named(find_types(TYPES, said))), named(find_types(TYPES, said))


def test_a_mistake_is_forgiven_only_where_nothing_exact_stands() -> None:
    assert find_types(TYPES, "bacche")[0] == find_types(TYPES, "bache")[0]
    exact = find_types(TYPES, "bache")
    assert find_types(TYPES, "bache xyzzyq") == exact


@pytest.mark.parametrize("said", ["", "   ", "asdfgh qwertyu", "de la en el", "12345"])
def test_nonsense_finds_nothing(said: str) -> None:
    assert find_types(TYPES, said) == []


def test_each_types_own_name_finds_it_first() -> None:
    for key, doc in TYPES.items():
        if doc["active"] and key != "unknown":
            assert key in find_types(TYPES, doc["name"])[:2], doc["name"]
