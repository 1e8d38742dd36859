"""What a copy holds, and what it never holds."""

from __future__ import annotations

from typing import Any

import pytest

from server.cases.fold import fold
from server.cases.scope import Scope, View
from server.cases.trim import CARD, CARD_PLACE, FULL, OWN, copy_of, needs_contact
from server.cases.validation import reasons

Json = Any
REPORT = "018f0000-0000-7000-8000-000000000001"
EVENT = "018f0000-0000-7000-8000-000000000002"
CITIZEN = f"citizen:{EVENT}:{'0' * 64}"


def who(account: str, role: str) -> Scope:
    return {"account": account, "role": role, "in_office": True}


def folded(**members: Any) -> Json:
    position = {
        "source": "gps",
        "lat": 21.0,
        "lon": -101.0,
        "accuracy": 5.0,
        "taken_at": "2026-11-23T16:00:00.000Z",
    }
    event = {
        "_id": f"event:{REPORT}:{EVENT}",
        "kind": "captured",
        "actor": "lucia",
        "role": "block_leader",
        "device": "lucia~x",
        "device_seq": 1,
        "prev": None,
        "based_on": [],
        "photos": [],
        "position": position,
        "payload": {
            "type": "lampara",
            "channel": "app",
            "for_whom": "neighbour",
            "answers": {},
            "text": "secreto",
            "place": {"block": "b1", "reference": "portón verde"},
            "urgent": False,
            "citizen": CITIZEN,
        },
    }
    record: Json = {
        "_id": f"record:{REPORT}:{EVENT}",
        "schema": "record.v1",
        "report": REPORT,
        "admission": 1,
        "received_at": "2026-11-23T16:00:00.000Z",
        "effective_at": "2026-11-23T16:00:00.000Z",
        "event": event,
        "position": {"verdict": "ok", "distance": 3},
        "flags": [],
        "late": False,
    }
    report = fold([record])
    assert report is not None
    return {**report, **members}


ORDER = {"agency": "luz", "brigade": "luz-1", "status": "assigned"}


@pytest.mark.parametrize(
    ("members", "role", "view", "expected"),
    [
        ({}, "block_leader", "full", False),
        ({"captured_by": "me"}, "block_leader", "full", True),
        ({"captured_by": "me", "status": "finished"}, "block_leader", "full", False),
        ({}, "sector_leader", "full", False),
        ({}, "civil_protection", "full", True),
        ({}, "desk", "full", True),
        ({"confidential": True}, "desk", "full", False),
        ({"confidential": True, "captured_by": "me"}, "block_leader", "own", False),
        ({}, "brigade", "full", False),
        ({"assignments": [ORDER]}, "brigade", "full", True),
        ({"assignments": [{**ORDER, "status": "finished"}]}, "brigade", "full", False),
        ({"assignments": [ORDER], "status": "finished"}, "brigade", "full", False),
        ({"citizen": None}, "desk", "full", False),
        ({}, "block_leader", "card", False),
    ],
)
def test_contact_is_for_whoever_must_go_or_call(members: Json, role: str, view: Any, expected: bool) -> None:
    account: Scope = {"in_office": True, "account": "me", "role": role, "brigade": "luz-1"}
    report = folded(**members)
    assert needs_contact(report, account, view) is expected
    copy = copy_of(report, account, view, {"name": "Ana", "phone": "1", "email": "a@b", "address": "x"})
    assert copy.get("contact") == ({"name": "Ana", "phone": "1"} if expected else None)


def test_trim_1_a_card_holds_no_person_text_timeline_or_photo() -> None:
    copy = copy_of(folded(), who("x", "block_leader"), "card")
    assert set(copy) == {*CARD, "place", "view"}
    assert set(copy["place"]) <= set(CARD_PLACE)
    assert "lucia" not in repr(copy)
    assert "secreto" not in repr(copy)
    assert "portón" not in repr(copy)
    assert reasons("report.v1", copy) == []


def test_ones_own_confidential_report_is_a_receipt() -> None:
    copy = copy_of(folded(confidential=True), who("lucia", "block_leader"), "own")
    assert set(copy) == {*OWN, "view"}
    assert "secreto" not in repr(copy)
    assert reasons("report.v1", copy) == []


def test_a_full_copy_names_no_citizen_and_shows_only_ones_own_position() -> None:
    stored = folded()
    mine = copy_of(stored, who("lucia", "block_leader"), "full")
    other = copy_of(stored, who("norma", "sector_leader"), "full")
    assert set(other) == {*FULL, "citizen", "timeline", "view"}
    assert CITIZEN not in repr(mine) + repr(other)
    assert mine["timeline"][0]["position"]["lat"] == 21.0
    assert other["timeline"][0]["position"] == {"source": "gps", "verdict": "ok"}
    assert stored["timeline"][0]["payload"]["citizen"] == CITIZEN
    assert reasons("report.v1", other) == []


def test_a_member_reports_get_tomorrow_reaches_nobody_yet() -> None:
    views: tuple[View, ...] = ("full", "card", "own")
    for view in views:
        assert "tomorrow" not in copy_of(folded(tomorrow=1), who("x", "desk"), view)
