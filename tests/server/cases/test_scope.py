"""Keys of reports and of accounts, and where they meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from server.cases.scope import View, needs_desk, report_keys
from server.delivery.index import Holders

Json = Any


def report(**members: Any) -> Json:
    base: Json = {
        "status": "captured",
        "type": "lampara",
        "priority": 3,
        "agency": "luz",
        "captured_by": "lucia",
        "confidential": False,
        "flags": [],
        "place": {"block": "b1", "sector": "s1"},
        "assignments": [],
    }
    return {**base, **members}


def account(role: str, **members: Any) -> Json:
    return {"account": role, "role": role, "in_office": True, **members}


def seen_by(who: Json, keys: Mapping[str, View]) -> View | None:
    """Where the keys meet, as delivery asks it."""
    holders = Holders()
    holders.put("who", who)
    return holders.audience(keys).get("who")


LEADER = account("block_leader", blocks=["b1", "b2"])


@pytest.mark.parametrize(
    ("stored", "who", "view"),
    [
        (report(), LEADER, "full"),
        (report(place={"block": "b9", "blocks_tied": ["b2"]}), LEADER, "full"),
        (report(place={"block": "b9"}), LEADER, "card"),
        (report(place={"block": "b9"}, status="finished"), LEADER, None),
        (report(confidential=True), LEADER, None),
        (report(confidential=True), {**LEADER, "account": "lucia"}, "own"),
        (report(place={}), {**LEADER, "account": "lucia"}, "full"),
        (report(), {**LEADER, "in_office": False}, None),
        (report(), {**LEADER, "account": "lucia", "in_office": False}, None),
        (report(), account("sector_leader", sector="s1"), "full"),
        (report(), account("sector_leader", sector="s2"), None),
        (report(confidential=True), account("sector_leader", sector="s1"), None),
        (report(), account("brigade", brigade="luz-1"), None),
        (report(priority=2), account("civil_protection"), "full"),
        (report(), account("civil_protection"), None),
        (report(type="incendio"), account("civil_protection"), "full"),
        (report(), account("desk"), None),
        (report(type="unknown"), account("desk"), "full"),
        (report(type="unknown", status="finished"), account("desk"), None),
        (report(agency=None), account("desk"), "full"),
        (report(flags=["late"], status="finished"), account("desk"), "full"),
        (report(flags=["sequence_gap"]), account("desk"), None),
        (report(), account("agency", agency="luz"), None),
        (report(), account("auditor"), None),
        (report(), account("admin"), None),
    ],
)
def test_who_sees_what(stored: Json, who: Json, view: str | None) -> None:
    keys = report_keys(stored, near_blocks=["b1", "b2"], civil_types=frozenset({"incendio"}))
    assert seen_by(who, keys) == view


@pytest.mark.parametrize(
    ("status", "view"),
    [
        ("assigned", "full"),
        ("started", "full"),
        ("paused", "full"),
        ("finished", "full"),
        ("not_viable", "full"),
        ("returned", None),
    ],
)
def test_the_brigade_owns_the_order_until_it_gives_it_back(status: str, view: str | None) -> None:
    stored = report(assignments=[{"agency": "luz", "brigade": "luz-1", "status": status}], confidential=True)
    assert seen_by(account("brigade", brigade="luz-1"), report_keys(stored)) == view
    assert seen_by(account("brigade", brigade="luz-2"), report_keys(stored)) is None


def test_an_open_incident_is_civil_protections() -> None:
    stored, office = report(incident="x"), account("civil_protection")
    assert seen_by(office, report_keys(stored, incident_open=True)) == "full"
    assert seen_by(office, report_keys(stored, incident_open=False)) is None


def test_a_confidential_report_has_no_territorial_key() -> None:
    keys = report_keys(report(confidential=True, priority=1, flags=["late"]), near_blocks=["b1", "b2"])
    assert {key.partition(":")[0] for key in keys} == {"author", "civil_protection", "desk"}


def test_what_waits_for_the_desk() -> None:
    assert not needs_desk(report())
    assert needs_desk(report(flags=["outside"]))
    assert not needs_desk(report(flags=["redacted", "based_on_unknown"]))
