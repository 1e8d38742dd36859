"""Validation of what devices send: every malformation refused with where and why, none with what."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.cases.validation import EVENT_BYTES, Refusal, reasons, validate_citizen, validate_event
from server.problems import CATALOGUE
from tests.device import citizen_document
from tests.schemas.test_schemas import SCHEMA_FILES

Json = Any

EVENTS: dict[str, Json] = {event["kind"]: event for event in SCHEMA_FILES["event.v1"]["examples"]}
CITIZEN: Json = SCHEMA_FILES["citizen.v1"]["examples"][0]


@pytest.mark.parametrize("kind", EVENTS)
def test_a_right_event_passes_and_is_not_changed(kind: str) -> None:
    event = copy.deepcopy(EVENTS[kind])
    validate_event(event)
    assert event == EVENTS[kind]


def _set(*path: str | int, to: Any) -> Callable[[Json], None]:
    def change(event: Json) -> None:
        place: Any = event
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


def _drop(*path: str) -> Callable[[Json], None]:
    def change(event: Json) -> None:
        place: Any = event
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


OTHER_EVENT = "event:0192f3a0-0007-7000-8000-000000000007:0192f3a0-0001-7000-8000-000000000001"
MANY = [OTHER_EVENT[:-3] + f"{n:03x}" for n in range(65)]
WRONG: list[tuple[str, str, Callable[[Json], None], str]] = [
    ("no such kind", "noted", _set("kind", to="shouted"), "/kind"),
    ("another kind's payload", "noted", _set("payload", to={"outcome": "unsafe"}), "/payload"),
    ("an unknown member", "noted", _set("mood", to="happy"), "mood"),
    ("an unknown member of the payload", "noted", _set("payload", "mood", to="happy"), "/payload"),
    ("_rev never appears in an event", "noted", _set("_rev", to="1-abc"), "_rev"),
    ("no payload", "noted", _drop("payload"), "payload"),
    ("no signature", "noted", _drop("sig"), "/sig"),
    ("a signature with spare bits", "noted", _set("sig", to="A" * 85 + "B"), "/sig"),
    ("an id of another form", "noted", _set("_id", to="report:1"), "/_id"),
    ("an id in upper case", "noted", _set("_id", to=OTHER_EVENT.upper()), "/_id"),
    ("another version", "noted", _set("schema", to="event.v2"), "/schema"),
    ("a role no field account has", "noted", _set("role", to="admin"), "/role"),
    ("another account's device", "noted", _set("actor", to="ramon"), "/device"),
    ("a sequence number of zero", "noted", _set("device_seq", to=0), "/device_seq"),
    ("a sequence number beyond what JSON keeps", "noted", _set("device_seq", to=2**53), "/device_seq"),
    ("a fraction as sequence number", "noted", _set("device_seq", to=1.5), "/device_seq"),
    ("prev in another form", "noted", _set("prev", to="XYZ"), "/prev"),
    ("65 events seen", "noted", _set("based_on", to=MANY), "/based_on"),
    ("seen twice", "noted", _set("based_on", to=[OTHER_EVENT, OTHER_EVENT]), "/based_on"),
    ("a local time", "noted", _set("occurred_at", to="2026-11-22T16:05:09"), "/occurred_at"),
    ("no milliseconds", "noted", _set("occurred_at", to="2026-11-22T16:05:09Z"), "/occurred_at"),
    ("an offset", "noted", _set("occurred_at", to="2026-11-22T16:05:09.123-07:00"), "/occurred_at"),
    ("February 30th", "noted", _set("occurred_at", to="2026-02-30T16:05:09.123Z"), "/occurred_at"),
    ("the year zero", "noted", _set("occurred_at", to="0000-01-01T00:00:00.000Z"), "/occurred_at"),
    ("the 25th hour", "noted", _set("occurred_at", to="2026-02-20T24:05:09.123Z"), "/occurred_at"),
    ("digits of another script", "noted", _set("occurred_at", to="٢٠٢٦-11-22T16:05:09.123Z"), "/occurred_at"),
    ("a return on a day that is none", "visited", _set("payload", "return_on", to="2026-11-31"), "/return"),
    ("beyond the pole", "finished", _set("position", "lat", to=90.1), "/position/lat"),
    ("beyond the date line", "finished", _set("position", "lon", to=-180.5), "/position/lon"),
    ("half a position", "finished", _drop("position", "lon"), "/position"),
    ("a gps fix without coordinates", "finished", _set("position", to={"source": "gps"}), "/position"),
    ("a position as text", "finished", _set("position", "lat", to="29"), "/position/lat"),
    ("a negative accuracy", "finished", _set("position", "accuracy", to=-1), "/position/accuracy"),
    ("text of 4,001 characters", "noted", _set("payload", "text", to="ñ" * 4001), "/payload/text"),
    ("an empty note", "noted", _set("payload", "text", to=""), "/payload/text"),
    ("a control character", "noted", _set("payload", "text", to="a\x00b"), "/payload/text"),
    ("a carriage return", "noted", _set("payload", "text", to="a\r\nb"), "/payload/text"),
    ("an escape sequence", "noted", _set("payload", "text", to="\x1b[31m"), "/payload/text"),
    ("a C1 control character", "noted", _set("payload", "text", to="\x85"), "/payload/text"),
    ("a priority of five", "prioritized", _set("payload", "priority", to=5), "/payload/priority"),
    ("a priority that is true", "prioritized", _set("payload", "priority", to=True), "/payload/priority"),
    ("a type with a path in it", "captured", _set("payload", "type", to="../x"), "/payload/type"),
    ("a citizen by name", "captured", _set("payload", "citizen", to="Don Pepe"), "/payload/citizen"),
    ("an answer that is an object", "captured", _set("payload", "answers", "x", to={}), "/answers"),
    ("a question id with spaces", "captured", _set("payload", "answers", "¿cuántas?", to=1), "/answers"),
    ("an answer no browser can hold", "captured", _set("payload", "answers", "x", to=10**20), "/answers"),
    ("an amendment of nothing", "amended", _set("payload", to={}), "/payload"),
    ("an amendment that says no", "amended", _set("payload", "place_corrected", to=False), "/payload"),
    ("a photo of another type", "captured", _set("photos", 0, "type", to="image/gif"), "/photos/0/type"),
    ("a photo without bytes", "captured", _set("photos", 0, "bytes", to=0), "/photos/0/bytes"),
    ("21 photos", "captured", lambda event: event.update(photos=event["photos"] * 21), "/photos"),
    ("evidence of another report", "evidence_added", _set("payload", "of", to=OTHER_EVENT), "/payload/of"),
    ("an action of nothing", "action_recorded", _set("payload", to={}), "/payload"),
    ("minus two people", "action_recorded", _set("payload", "people", to=-2), "/payload/people"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "change", "where"), [pytest.param(*row[1:], id=row[0]) for row in WRONG])
def test_a_wrong_event_is_refused_with_where(kind: str, change: Callable[[Json], None], where: str) -> None:
    event = copy.deepcopy(EVENTS[kind])
    change(event)
    with pytest.raises(Refusal) as refused:
        validate_event(event)
    assert refused.value.code == "event_invalid"
    assert where in refused.value.reason


@pytest.mark.parametrize("event", [None, [], "event", 7, True, {}])
def test_what_is_no_event_at_all(event: object) -> None:
    with pytest.raises(Refusal) as refused:
        validate_event(event)
    assert refused.value.code == "event_invalid"


def test_right_text_of_every_script_passes() -> None:
    event = copy.deepcopy(EVENTS["noted"])
    event["payload"]["text"] = "Línea uno\n\tdos <b>no es HTML</b> 🚧 日本 ‎" + "ñ" * 3900
    validate_event(event)


def test_an_event_too_long_is_told_apart() -> None:
    event = copy.deepcopy(EVENTS["captured"])
    event["payload"]["answers"] = {f"q{n}": "ñ" * 4000 for n in range(12)}
    with pytest.raises(Refusal) as refused:
        validate_event(event)
    assert refused.value.code == "event_too_large"
    assert str(EVENT_BYTES) in refused.value.reason


def test_a_trusted_import_may_lack_a_signature() -> None:
    event = {key: value for key, value in EVENTS["captured"].items() if key != "sig"}
    validate_event(event, trusted=True)


def test_reasons_hold_no_personal_data() -> None:
    event = copy.deepcopy(EVENTS["captured"])
    event["payload"]["text"] = "Don Pepe\x00"
    event["payload"]["citizen"] = "Don Pepe"
    event["kind_of"] = "Don Pepe"
    with pytest.raises(Refusal) as refused:
        validate_event(event)
    assert "Pepe" not in refused.value.reason


def test_reasons_are_few() -> None:
    event = {**EVENTS["captured"], "photos": [{}] * 20, "based_on": [1] * 60}
    assert len(reasons("event.v1", event)) == 5


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(EVENTS)), st.data())
def test_no_junk_in_any_member_escapes_as_another_error(kind: str, data: st.DataObject) -> None:
    event = copy.deepcopy(EVENTS[kind])
    target = data.draw(st.sampled_from([event, event["payload"], event["position"]]))
    target[data.draw(st.sampled_from([*target, "new"]))] = data.draw(JUNK)
    codes = []
    try:
        validate_event(event)
    except Refusal as refused:
        codes = [refused.code]
    assert set(codes) <= set(CATALOGUE)


def test_a_citizen_document_passes_and_its_id_covers_it() -> None:
    validate_citizen(CITIZEN)
    for change in ({"content": {"name": "Otra"}}, {"salt": "0" * 32}):
        with pytest.raises(Refusal, match="citizen_invalid: /_id"):
            validate_citizen({**CITIZEN, **change})


def test_a_citizen_document_as_devices_make_it() -> None:
    validate_citizen(citizen_document(datetime(2026, 11, 22, tzinfo=UTC), name="Ñ", phone="662 555 0142"))


@pytest.mark.parametrize(
    "document", [None, {}, {**CITIZEN, "curp": "X"}, {**CITIZEN, "content": {"phone": "llámeme"}}]
)
def test_what_is_no_citizen_document(document: object) -> None:
    with pytest.raises(Refusal, match="citizen_invalid"):
        validate_citizen(document)


def test_every_code_is_in_the_catalogue_of_refusals() -> None:
    assert {"event_invalid", "event_too_large", "citizen_invalid"} <= set(CATALOGUE)
