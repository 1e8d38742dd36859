"""Whatever stands in an event: no push fails, nothing that was taken is lost, and the line moves on."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.interface import AllDocsQuery
from tests.device import Device, Pen, sign_text
from tests.server.intake.municipality import inside
from tests.server.serving import Served
from tests.server.web.phones.conftest import Phones
from tests.server.web.phones.test_sync import until_acknowledged

Json = dict[str, Any]

#: Stands for JSON nested so deep that not every writer can write it.
DEEP = "\N{SYMBOL FOR ESCAPE}deep"

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "",
        "\0",
        "_design/a",
        "a~b",
        "lucia~018f0000-0000-7000-8000-000000000001",
        "2026-11-23T16:00:00.000Z",
        DEEP,
    ]
)
_NUMBERS = st.integers(-(2**53), 2**53) | st.sampled_from([8, 8.0, -0.0, 1e300, 5e-324, 2**64 - 1, -(2**63)])
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_TEXTS.filter(DEEP.__ne__), inner, max_size=3)
    ),
    max_leaves=8,
)
_MEMBERS = [
    "schema", "kind", "actor", "role", "device", "device_seq", "prev", "based_on", "occurred_at", "position",
    "payload", "photos", "app", "privacy_notice", "sig", "more",
]  # fmt: skip
_KINDS = [
    "captured",
    "noted",
    "assigned",
    "marked_duplicate",
    "incident_joined",
    "leader_proposed",
    "amended",
]


def push_text(phone: Device, text: str) -> list[Json]:
    """A push as its bytes: what is nested deeper than ``orjson`` writes."""
    headers = {"Authorization": f"Bearer {phone.token}", "Content-Type": "application/json"}
    answer = phone.client.post("/sync/inbox/_bulk_docs", content=text.encode(), headers=headers)
    assert answer.status_code == 201, answer.text
    return list(answer.json())


def written(docs: list[Json], levels: int) -> str:
    return json.dumps({"docs": docs}).replace(json.dumps(DEEP), "[" * levels + "]" * levels)


def signed(pen: Pen, event: Json) -> Json:
    """As the phone would sign it, where it can be signed."""
    bare = {name: part for name, part in event.items() if name != "sig"}
    try:
        return {**bare, "sig": sign_text(pen.key, rfc8785.dumps(json.loads(json.dumps(bare))))}
    except rfc8785.CanonicalizationError:
        return event


def answered(served: Served) -> set[str]:
    rows = served.run(served.context.databases.cases.all_docs(AllDocsQuery(include_docs=True))).rows
    docs = [orjson.loads(row.doc) for row in rows if row.doc]
    found = {doc["event"] for doc in docs if doc.get("schema") in ("refusal.v1", "quarantine.v1")}
    return found | {doc["event"]["_id"] for doc in docs if isinstance(doc.get("event"), dict)}


def test_an_event_of_any_shape(phone: Phones, served: Served) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    pen = lucia.pen
    taken: list[str] = []
    good: list[Json] = []

    @settings(max_examples=80, suppress_health_check=list(HealthCheck))
    @given(
        st.dictionaries(st.sampled_from(_MEMBERS), _JSON, max_size=3),
        st.dictionaries(
            st.sampled_from(["type", "of", "citizen", "text", "place", "block"]), _JSON, max_size=2
        ),
        st.sampled_from(_KINDS),
        st.booleans(),
        st.integers(2, 1_000),
    )
    def send(members: Json, payload: Json, kind: str, is_signed: bool, levels: int) -> None:
        seq, prev = pen.seq, pen.prev
        event = pen.capture("lampara", **inside(1))
        event |= {"kind": kind, "payload": {**event["payload"], **payload}} | members
        odd = signed(pen, event) if is_signed and "sig" not in members else event
        pen.seq, pen.prev = seq, prev
        good.append(pen.capture("lampara", **inside(1)))
        rows = push_text(lucia, written([odd, good[-1]], levels))
        assert rows[1].get("ok"), rows
        if rows[0].get("ok"):
            taken.append(odd["_id"])
        else:
            assert rows[0]["error"] in ("event_form", "citizen_missing"), rows
            assert rows[0]["reason"]

    send()
    last = pen.capture("lampara", **inside(1))
    lucia.push([last])
    until_acknowledged(lucia, last["_id"])
    assert {*taken, *(event["_id"] for event in good)} <= answered(served)


@pytest.mark.parametrize("levels", [65, 251, 253, 254, 255, 700, 1_000])
@pytest.mark.parametrize("member", ["payload", "_id", "sig", "more"])
def test_what_is_nested_too_deep_is_refused_alone(phone: Phones, levels: int, member: str) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    deep, fine = lucia.pen.capture("lampara"), lucia.pen.capture("lampara", **inside(1))
    citizen = {"_id": "citizen:a", "content": DEEP}
    rows = push_text(lucia, written([{**deep, member: DEEP}, citizen, fine], levels))
    assert [row.get("error") for row in rows] == ["event_form", "event_form", None]
    assert "nested" in rows[0]["reason"]
    until_acknowledged(lucia, fine["_id"])


@pytest.mark.parametrize("levels", [251, 700, 1_000])
def test_a_deep_check_in_is_refused(phone: Phones, levels: int) -> None:
    lucia = phone("lucia")
    headers = {"Authorization": f"Bearer {lucia.token}", "Content-Type": "application/json"}
    text = json.dumps({"device": DEEP, "since": {}}).replace(json.dumps(DEEP), "[" * levels + "]" * levels)
    answer = lucia.client.post("/sync/checkin", content=text, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
