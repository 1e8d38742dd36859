"""Who leads a block, said from its entries and the date."""

from __future__ import annotations

from typing import Any

import pytest

from server.documents.shapes import Term
from server.registry.padron import counts, leader_status, natural, rows, slug, term_state

Json = Any
TODAY = "2026-11-23"


def leader(status: str = "active", account: str | None = "rosa", term: Json | None = None) -> Json:
    return {
        "_id": "leader:rosa",
        "name": "Rosa",
        "blocks": ["a"],
        "status": status,
        "term": term,
        "account": account,
    }


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (None, "vacant"),
        (leader(), "active"),
        (leader("vacant"), "vacant"),
        (leader("pending"), "pending"),
        (leader(account=None), "pending"),
        (leader(term={"from": TODAY, "until": TODAY}), "active"),
        (leader(term={"from": "2026-11-24", "until": None}), "pending"),
        (leader(term={"from": "2020-01-01", "until": "2026-11-22"}), "vacant"),
    ],
)
def test_status_follows_entry_and_term(entry: Json | None, expected: str) -> None:
    assert leader_status(entry, TODAY) == expected


def test_terms_are_inclusive() -> None:
    term: Term = {"from": "2026-11-23", "until": "2026-11-24"}
    assert [term_state(term, f"2026-11-{day}") for day in (22, 23, 24, 25)] == ["before", "in", "in", "over"]


def test_of_several_entries_the_one_in_office_stands() -> None:
    old: Json = {
        **leader(term={"from": "2020-01-01", "until": "2023-12-31"}),
        "_id": "leader:old",
        "name": "Antes",
    }
    new: Json = {
        **leader(term={"from": "2024-01-01", "until": "2026-12-31"}),
        "_id": "leader:new",
        "name": "Ahora",
    }
    found = rows({"a": {"name": "Manzana 1"}, "b": {}}, {}, {"old": old, "new": new}, TODAY)
    assert [(row.block, row.status) for row in found] == [("b", "vacant"), ("a", "active")]
    assert found[1].leader is new
    assert counts(found) == {"active": 1, "pending": 0, "vacant": 1}


def test_numbers_sort_as_numbers() -> None:
    assert sorted(["Manzana 10", "Manzana 9", "manzana 1-B"], key=natural) == [
        "manzana 1-B",
        "Manzana 9",
        "Manzana 10",
    ]


def test_slugs_are_readable_and_free() -> None:
    assert slug("María José Ñúñez del Río", []) == "maria.jose.nunez"
    assert slug("Ana", ["ana", "ana.2"]) == "ana.3"
    assert slug("许", []) == "cuenta"
