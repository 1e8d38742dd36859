"""Canonical form: the shared table, and laws over drawn values."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given as drawn
from hypothesis import strategies as st

from server.cases.canonical import (
    CanonicalError,
    canonical,
    citizen_hash,
    event_hash,
    seal,
    signed_bytes,
)
from tests.server.signed import as_written
from tests.tables import cases

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@cases("canonical")
def test_canonical_form(given: dict[str, Any], expect: dict[str, Any]) -> None:
    value = json.loads(given["json"])
    if expect.get("error"):
        with pytest.raises(CanonicalError):
            canonical(value)
        return
    found = canonical(value)
    assert found.decode() == expect["canonical"]
    assert hashlib.sha256(found).hexdigest() == expect["sha256"]


@drawn(JSON)
def test_the_canonical_form_is_its_own(value: Any) -> None:
    found = canonical(value)
    assert canonical(json.loads(found)) == found


FRACTIONS = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1e16, 1e16) | st.floats(-1e-4, 1e-4)


@drawn(JSON | FRACTIONS | st.lists(FRACTIONS))
def test_it_is_the_reference_s(value: Any) -> None:
    """However it is made, it is what the RFC's plain implementation makes of what a browser reads."""
    read_by_a_browser = json.loads(json.dumps(value), parse_int=lambda digits: _double(int(digits)))
    assert canonical(value) == rfc8785.dumps(read_by_a_browser)


def _double(number: int) -> int | float:
    return number if abs(number) < 2**53 else float(number)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [math.nan], 10**400])
def test_what_is_no_json_number_is_refused(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical(value)


def test_what_is_signed_and_what_is_chained() -> None:
    event = {"_id": "event:1", "sig": "s", "kind": "noted"}
    assert signed_bytes({**event, "_rev": "1-a"}) == b'{"_id":"event:1","kind":"noted"}'
    assert event_hash({**event, "_rev": "1-a"}) == hashlib.sha256(canonical(event)).hexdigest()


SIG = "A" * 85 + "Q"
#: What a hostile phone puts where a signature belongs, or says again inside.
_SIGS = st.sampled_from([SIG, "s", 'a","sig":"b', "\\", "ñ", 7, None]) | st.text(max_size=3)


@drawn(
    st.dictionaries(st.sampled_from(["kind", "payload", "sig", "a", "_rev", "zz"]), JSON | _SIGS, max_size=6),
    st.dictionaries(st.sampled_from(["sig", "x"]), _SIGS, max_size=2),
)
def test_a_seal_says_what_its_parts_say(members: dict[str, Any], inner: dict[str, Any]) -> None:
    """From one writing of the event, whatever stands in it: what looks like the signature too."""
    written = json.dumps({"_id": "event:1", "payload": {"first": 1, **inner}, **members})
    event = orjson.loads(written)  # as intake reads its inbox
    sealed = seal(event)
    assert as_written(event) in sealed.names
    assert {sealed.digest, sealed.whole} <= sealed.names
    try:
        assert (sealed.message, sealed.hash) == (signed_bytes(event), event_hash(event))
        assert sealed.digest == hashlib.sha256(signed_bytes(event)).hexdigest()
    except CanonicalError:
        assert (sealed.message, sealed.hash) == (None, "")
    assert sealed.size == len(orjson.dumps(event))


def test_a_signature_said_twice_is_taken_out_once() -> None:
    event = {"_id": "event:1", "sig": SIG, "payload": {"a": 1, "sig": SIG}}
    assert seal(event).message == signed_bytes(event)
    assert SIG.encode() in signed_bytes(event)


def test_a_citizen_id_covers_content_and_salt() -> None:
    found = citizen_hash({"phone": "1", "name": "Ñ"}, "ab")
    assert found == hashlib.sha256('{"content":{"name":"Ñ","phone":"1"},"salt":"ab"}'.encode()).hexdigest()
    assert found != citizen_hash({"phone": "1", "name": "Ñ"}, "ac")
