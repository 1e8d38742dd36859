"""The demonstration as documents: valid, signed, chained, the same for the same seed, and of every kind."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
import rfc8785

from server.accounts.model import check_account
from server.cases.signature import load_key
from server.cases.validation import reasons, validate_event
from server.demo.municipality import Municipality, make_municipality
from server.instants import parse, say
from tests.server.signed import verify_event

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


def camera(family: str, seed: int, mended: bool) -> bytes:
    return f"{family} {seed} {mended}".encode()


@pytest.fixture(scope="module")
def town() -> Municipality:
    return make_municipality(7, NOW, camera=camera)


def test_same_seed_same_documents(town: Municipality) -> None:
    again = make_municipality(7, NOW, camera=camera)
    for name in ("reference", "registry", "accounts", "citizens", "inbox", "offered"):
        assert orjson.dumps(getattr(again, name)) == orjson.dumps(getattr(town, name)), name
    assert make_municipality(8, NOW, camera=camera).inbox != town.inbox


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_a_lamp_of_the_offered_leader_is_an_order_of_the_offered_brigade(hour: int) -> None:
    """Whoever is the busiest by then: the two are tried side by side."""
    made = make_municipality(7, NOW.replace(hour=hour), camera=camera, everyday=24)
    offered = [one["account"] for one in made.offered]
    roles = {doc["_id"].removeprefix("account:"): doc.get("role") for doc in made.accounts}
    leader = next(account for account in offered if roles[account] == "block_leader")
    brigade = next(account for account in offered if roles[account] == "brigade")
    rules = next(doc for doc in made.reference if doc["_id"] == "rules")["rules"]
    theirs = [block for block, who in made.cast.leader_of.items() if who == leader]
    colonias = {made.city.blocks[block].colonia for block in theirs}
    for colonia in colonias:
        rule = next(
            one for one in rules if one.get("family") == "lamp" and one.get("area") == f"colonia:{colonia}"
        )
        assert rule["brigade"] == brigade


def test_documents_are_valid(town: Municipality) -> None:
    for doc in [*town.reference, *town.accounts, *town.registry, *town.citizens]:
        kind = doc["_id"].split(":")[0]
        if kind in ("notice", "device", "block", "sector", "colonia"):
            continue
        assert reasons(f"{kind}.v1", doc) == [], doc["_id"]
    for doc in town.accounts:
        if doc["_id"].startswith("account:"):
            assert check_account(doc) is None
    assert len({doc["_id"] for doc in town.inbox}) == len(town.inbox)


def test_events_are_signed_numbered_and_chained(town: Municipality) -> None:
    devices: list[Any] = [doc for doc in town.accounts if doc["_id"].startswith("device:")]
    keys = {doc["_id"].removeprefix("device:"): load_key(doc["public_key"]) for doc in devices}
    last: dict[str, tuple[int, str | None]] = {}
    received = ""
    for receipt in town.inbox:
        assert reasons("receipt.v1", receipt) == []
        assert received <= receipt["received_at"] <= say(NOW)
        received = receipt["received_at"]
        event = receipt["event"]
        validate_event(event)
        assert verify_event(keys[event["device"]], event)
        assert event["occurred_at"] <= receipt["received_at"]
        seq, prev = last.get(event["device"], (0, None))
        assert (event["device_seq"], event["prev"]) == (seq + 1, prev)
        last[event["device"]] = (seq + 1, hashlib.sha256(rfc8785.dumps(event)).hexdigest())


def test_people_act_on_what_had_reached_them(town: Municipality) -> None:
    received = {doc["event"]["_id"]: doc["received_at"] for doc in town.inbox}
    for receipt in town.inbox:
        event = receipt["event"]
        for seen in event["based_on"]:
            assert received[seen] <= event["occurred_at"], event["kind"]


def test_every_kind_and_some_offline_work_is_there(town: Municipality) -> None:
    kinds = Counter(doc["event"]["kind"] for doc in town.inbox)
    expected = {
        "captured",
        "amended",
        "withdrawn",
        "supported",
        "prioritized",
        "taken",
        "returned",
        "started",
        "visited",
        "finished",
        "not_viable",
        "answered",
        "verified",
        "marked_duplicate",
        "action_recorded",
        "incident_opened",
        "incident_joined",
        "leader_proposed",
    }
    assert expected <= set(kinds)
    assert kinds["captured"] >= 300
    late = [
        doc
        for doc in town.inbox
        if (parse(doc["received_at"]) - parse(doc["event"]["occurred_at"])).total_seconds() > 3600
    ]
    assert late, "nobody worked without signal"


def test_photos_are_the_ones_events_declare(town: Municipality) -> None:
    declared = {p["sha256"]: p["bytes"] for doc in town.inbox for p in doc["event"]["photos"]}
    assert declared == {sha: len(data) for sha, data in town.photos.items()}
    assert set(town.carriers) == set(town.photos)


def test_padron_has_leaders_vacancies_and_pending_ones(town: Municipality) -> None:
    states = Counter(entry["status"] for entry in town.cast.leaders.values())
    assert states["active"] >= 70
    assert states["vacant"] >= 5
    assert states["pending"] >= 2
    blocks = [block for entry in town.cast.leaders.values() for block in entry["blocks"]]
    assert sorted(blocks) == sorted(town.city.blocks)


def test_one_account_per_role_is_offered(town: Municipality) -> None:
    roles = [town.cast.accounts[entry["account"]]["role"] for entry in town.offered]
    assert set(roles) == {
        "block_leader",
        "sector_leader",
        "brigade",
        "civil_protection",
        "desk",
        "agency",
        "auditor",
        "admin",
    }
    assert roles.count("brigade") == 2
    for entry in town.offered:
        field = town.cast.accounts[entry["account"]]["role"] in (
            "block_leader",
            "sector_leader",
            "brigade",
            "civil_protection",
        )
        assert ("password" in entry) != field
