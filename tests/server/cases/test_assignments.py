"""Assignments: what assigning adds, whom an action is about, and the status that follows."""

from __future__ import annotations

from typing import Any

import pytest

from server.cases.assignments import assign, made, open_ones, status_after, targets
from server.documents.shapes import Status

Json = Any


def order(brigade: str | None, status: str = "assigned", agency: str = "alumbrado") -> Json:
    return {**made(agency, None, brigade, "t0", None), "status": status}


def test_assigning_adds_and_an_open_one_stays_as_it_is() -> None:
    held = [order("luz-1", "started")]
    assert assign(held, made("alumbrado", None, "luz-2", "t1", "e1")) is held[1]
    assert assign(held, made("alumbrado", None, "luz-1", "t1", "e1")) is None
    assert [entry["brigade"] for entry in held] == ["luz-1", "luz-2"]
    assert held[0]["status"] == "started"


@pytest.mark.parametrize("status", ["finished", "returned", "not_viable"])
def test_an_ended_one_opens_again(status: str) -> None:
    held = [order("luz-1", status)]
    assert assign(held, made("alumbrado", None, "luz-1", "t1", "e1")) is held[0]
    reopened = held[0]
    assert reopened is not None
    assert reopened["assigned_at"] == "t1"


def test_an_agency_s_order_becomes_precise() -> None:
    held = [order(None)]
    assign(held, made("alumbrado", None, "luz-1", "t1", "e1"))
    assert [entry["brigade"] for entry in held] == ["luz-1"]


def test_an_agency_s_ended_order_stays() -> None:
    held = [order(None, "finished")]
    assign(held, made("alumbrado", None, "luz-1", "t1", "e1"))
    assert [entry["brigade"] for entry in held] == [None, "luz-1"]


BRIGADE = {"agency": "alumbrado", "brigade": "luz-1", "department": None}
AGENCY = {"agency": "alumbrado", "brigade": None}


def about(held: list[Json], role: str, scope: Json, **payload: Any) -> tuple[list[str | None], bool]:
    named: Any = payload
    found, own = targets(held, role, scope, named, "t1")
    return [entry["brigade"] for entry in found], own


def test_whom_an_action_is_about() -> None:
    held = [order("luz-1"), order("agua-1", agency="agua"), order("luz-2", "finished")]
    assert about(held, "brigade", BRIGADE) == (["luz-1"], True)
    assert about(held, "agency", AGENCY) == (["luz-1"], True)
    assert about(held, "desk", {}) == (["luz-1", "agua-1"], True)
    assert about(held, "civil_protection", {}) == (["luz-1", "agua-1"], True)
    assert about(held, "desk", {}, brigade="agua-1") == (["agua-1"], True)
    assert about(held, "desk", {}, agency="agua") == (["agua-1"], True)
    assert about(held, "desk", {}, brigade="luz-2") == ([], False), "it is not open"
    assert len(held) == 3


def test_a_brigade_acts_on_its_agency_s_open_order() -> None:
    assert about([order(None)], "brigade", BRIGADE) == ([None], True)


def test_work_without_an_order_gets_one() -> None:
    held = [order("luz-2")]
    assert about(held, "brigade", BRIGADE) == (["luz-1"], False)
    assert held[1] == made("alumbrado", None, "luz-1", "t1", None)
    assert about([], "agency", AGENCY) == ([], True)
    assert about([order("agua-1", agency="agua")], "agency", AGENCY) == ([None], False)
    assert about([], "brigade", {}) == ([], False), "an account without agency cannot have an order"


def test_an_agency_whose_orders_have_all_ended_acts_on_those() -> None:
    assert about([order("luz-2", "finished")], "agency", AGENCY) == (["luz-2"], True)


@pytest.mark.parametrize(
    ("states", "closing", "status"),
    [
        ([], "finished", "finished"),
        ([], "captured", "captured"),
        (["assigned", "finished"], "finished", "in_progress"),
        (["paused"], "finished", "in_progress"),
        (["finished", "not_viable", "returned"], "captured", "finished"),
        (["not_viable", "returned"], "finished", "not_viable"),
        (["returned"], "captured", "captured"),
        (["returned"], "finished", "finished"),
    ],
)
def test_the_status_that_follows(states: list[str], closing: Status, status: str) -> None:
    assert status_after([order(None, state) for state in states], closing) == status


def test_open_ones() -> None:
    states = ("assigned", "started", "paused", "finished", "returned", "not_viable")
    held = [order("a", state) for state in states]
    assert [entry["status"] for entry in open_ones(held)] == ["assigned", "started", "paused"]
