"""The table of who may do what, cell by cell, and the page that documents it."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from server.cases.authorization import (
    allowed,
    forbidden_members,
    relations_to_block,
    relations_to_report,
    table,
)
from server.cases.transitions import KINDS
from tests.server.cases.test_scope import report

Json = Any
PAGE = Path(__file__).resolve().parents[3] / "docs" / "authorization.md"
ROLES = ("block_leader", "sector_leader", "brigade", "civil_protection", "desk", "agency", "channel")
OTHER_KINDS = ("incident_opened", "incident_closed", "leader_proposed")


def documented() -> dict[tuple[str, str], set[str]]:
    """The table of docs/authorization.md: (kind, role) to relations."""
    cells: dict[tuple[str, str], set[str]] = {}
    for line in PAGE.read_text().splitlines():
        parts = [part.strip() for part in line.strip().strip("|").split("|")]
        if len(parts) == len(ROLES) + 1 and parts[0].startswith("`"):
            for role, cell in zip(ROLES, parts[1:], strict=True):
                cells[parts[0].strip("`"), role] = {word.strip() for word in cell.split(",")} - {"", "—"}
    return cells


CELLS = [
    (kind, role, relation)
    for kind, role, relation in itertools.product(table()["kinds"], ROLES, table()["relations"])
]


def test_the_page_documents_every_cell() -> None:
    cells = documented()
    assert {kind for kind, _ in cells} == set(table()["kinds"])
    for (kind, role), relations in cells.items():
        assert relations == set(table()["kinds"][kind].get(role, ())), f"{kind} × {role}"


def test_the_table_covers_every_kind_and_names_only_what_exists() -> None:
    assert set(table()["kinds"]) == {*KINDS, *OTHER_KINDS}
    for kind, roles in table()["kinds"].items():
        assert set(roles) <= set(ROLES), kind
        assert {r for relations in roles.values() for r in relations} <= set(table()["relations"]), kind


def test_the_page_documents_every_right() -> None:
    section = PAGE.read_text().split("## Rights")[1].split("##")[0]
    rows = [
        [part.strip() for part in line.strip("|").split("|")] for line in section.splitlines() if "|" in line
    ]
    assert {row[0]: row[1].split(", ") for row in rows[2:]} == table()["rights"]


@pytest.mark.parametrize(("kind", "role", "relation"), CELLS)
def test_each_cell(kind: str, role: str, relation: str) -> None:
    assert allowed(kind, role, {relation}) == (relation in documented().get((kind, role), set()))
    assert not allowed(kind, role, set())


@pytest.mark.parametrize("role", ["auditor", "admin", "", "nobody"])
def test_other_roles_may_nothing(role: str) -> None:
    assert not any(allowed(kind, role, set(table()["relations"])) for kind in table()["kinds"])


def test_a_kind_that_does_not_exist_is_nobodys() -> None:
    assert not allowed("deleted", "desk", set(table()["relations"]))


@pytest.mark.parametrize(
    ("actor", "stored", "keys", "expected"),
    [
        ({"blocks": ["b1"]}, report(), {"block:b1": "full"}, {"block"}),
        ({"blocks": ["b1"]}, report(), {"block:b1": "card"}, {"card"}),
        ({"blocks": ["b1", "b2"]}, report(), {"block:b1": "card", "block:b2": "full"}, {"card", "block"}),
        ({"sector": "s1"}, report(), {"sector:s1": "full"}, {"sector"}),
        ({"brigade": "x"}, report(), {"brigade:x": "full"}, {"brigade"}),
        ({"agency": "luz"}, report(), {}, {"agency"}),
        ({"agency": "z"}, report(assignments=[{"agency": "z"}]), {}, {"agency"}),
        ({"agency": None}, report(agency=None), {}, set()),
        ({}, report(), {"desk": "full", "civil_protection": "full"}, {"desk", "civil_protection"}),
        ({"account": "lucia"}, report(), {}, {"author"}),
        ({"role": "channel"}, report(), {}, {"ticket"}),
        ({"role": "channel", "account": "lucia"}, report(confidential=True), {}, {"author"}),
        ({"account": "lucia", "in_office": False, "blocks": ["b1"]}, report(), {"block:b1": "full"}, set()),
    ],
)
def test_relations_to_a_report(actor: Json, stored: Json, keys: Any, expected: set[str]) -> None:
    whole: Any = {"account": "me", "in_office": True, "blocks": [], **actor}
    assert relations_to_report(whole, stored, keys) == expected


def test_relations_to_a_block() -> None:
    leader: Any = {"blocks": ["b1"], "sector": "s1", "in_office": True}
    assert relations_to_block(leader, {"sector": "s1"}, "b1") == {"registry", "own_block", "own_sector"}
    assert relations_to_block(leader, {"sector": "s2"}, "b2") == {"registry"}
    assert relations_to_block(leader, None, "b1") == frozenset()
    leader["in_office"] = False
    assert relations_to_block(leader, {"sector": "s1"}, "b1") == frozenset()


@pytest.mark.parametrize(
    ("payload", "relations", "expected"),
    [
        ({"type": "x"}, {"author"}, ["type"]),
        ({"type": "x"}, {"desk"}, []),
        ({"place": {}, "text": "x"}, {"civil_protection"}, ["place"]),
        ({"place_corrected": True}, {"brigade"}, []),
        ({"citizen": "c", "type": "x"}, {"brigade"}, ["citizen", "type"]),
        ({"text": "x", "answers": {}}, {"civil_protection"}, []),
        ({"description": "x"}, set(), []),
    ],
)
def test_members_not_everyone_may_amend(payload: Json, relations: set[str], expected: list[str]) -> None:
    assert forbidden_members(payload, relations) == expected
