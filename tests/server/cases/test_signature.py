"""Signatures: the shared table of right and wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from server.cases.canonical import event_hash
from server.cases.signature import KeyInvalid, load_key, verify_bytes
from tests.device import Pen
from tests.server.signed import verify_event
from tests.tables import cases


@cases("signature", "key")
def test_does_it_verify(given: dict[str, Any], expect: dict[str, Any]) -> None:
    if expect.get("key_invalid"):
        with pytest.raises(KeyInvalid):
            load_key(given["key"])
    else:
        assert verify_event(load_key(given["key"]), given["event"]) is expect["verifies"]


@cases("signature", "next")
def test_what_the_next_event_carries(given: dict[str, Any], expect: dict[str, Any]) -> None:
    assert event_hash(given["event"]) == expect["prev"]


def test_a_phone_s_own_events_verify_and_chain() -> None:
    pen = Pen("lupita", "block_leader", clock=lambda: datetime(2026, 11, 22, tzinfo=UTC))
    key = load_key(pen.public_key)
    first, second = pen.event("noted", payload={"text": "Ñ"}), pen.event("noted", payload={"text": "2"})
    assert verify_event(key, first)
    assert verify_event(key, second)
    assert second["prev"] == event_hash(first)
    assert not verify_event(key, {**first, "payload": {"text": "N"}})


@pytest.mark.parametrize("jwk", [None, "key", [], {}, {"kty": "EC", "crv": "P-256", "x": 1, "y": 2}])
def test_what_is_no_key_at_all(jwk: object) -> None:
    with pytest.raises(KeyInvalid):
        load_key(jwk)


@pytest.mark.parametrize("sig", [None, 7, "", "A" * 86, "é" * 86])
def test_what_is_no_signature_never_raises(sig: object) -> None:
    pen = Pen("lupita", "block_leader")
    assert verify_bytes(load_key(pen.public_key), sig, b"message") is False


def test_an_event_without_canonical_form_has_no_signature() -> None:
    pen = Pen("lupita", "block_leader")
    assert verify_event(load_key(pen.public_key), {"_id": "\ud800", "sig": "A" * 86}) is False
