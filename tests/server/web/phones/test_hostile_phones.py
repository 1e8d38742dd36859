"""What broken or hostile phones send over HTTP is answered, harms no other work, and is never lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import orjson
import pytest

from sync.interface import AllDocsQuery
from tests.device import Device, subject_of
from tests.server.intake.municipality import inside
from tests.server.serving import Served
from tests.server.web.phones.conftest import Phones
from tests.server.web.phones.test_sync import until_acknowledged

Json = dict[str, Any]


def records_of(served: Served, event: Json) -> list[str]:
    """Ids of what ``cases`` says of the event's report."""
    head = f"record:{subject_of(event)}:"
    query = AllDocsQuery(startkey=head, endkey=head + "\uffff")
    return [row.id for row in served.run(served.context.databases.cases.all_docs(query)).rows]


def test_two_tabs_push_the_same_event_at_the_same_moment(phone: Phones, served: Served) -> None:
    """two_tabs_push: one outbox, one key, two requests under way; one record, one folio."""
    tabs = [phone("lucia")]
    tabs += [Device(tabs[0].client, tabs[0].pen, tabs[0].clock) for _ in range(7)]
    assert tabs[0].pen
    for tab in tabs:
        tab.token = tabs[0].token
    event = tabs[0].pen.capture("lampara", **inside(1))
    note = tabs[0].pen.event("noted", subject_of(event), {"text": "sigue"}, based_on=[event["_id"]])
    together = Barrier(len(tabs))

    def push(tab: Device) -> list[Json]:
        together.wait(10)
        return tab.push([event, note])

    with ThreadPoolExecutor(len(tabs)) as pool:
        answers = list(pool.map(push, tabs))
    assert answers == [[{"ok": True, "id": event["_id"]}, {"ok": True, "id": note["_id"]}]] * len(tabs)
    until_acknowledged(tabs[0], note["_id"])
    # What came last in the inbox shows that all of it has been read.
    last = tabs[0].pen.capture("lampara", **inside(1))
    tabs[0].push([last])
    until_acknowledged(tabs[0], last["_id"])
    own = [one["_id"].removeprefix("event:") for one in (event, note)]
    folio = f"record:{subject_of(event)}:fact:folio"
    assert records_of(served, event) == sorted([*(f"record:{one}" for one in own), folio])
    ack = tabs[0].ack
    assert (ack["through"], ack["gaps"], ack["refused"], ack["quarantined"]) == (3, [], [], [])
    reports = tabs[0].reports()
    assert {reports[subject_of(one)]["folio"] for one in (event, last)} == {"VP-000001", "VP-000002"}
    assert reports[subject_of(event)]["flags"] == []


@pytest.mark.parametrize("lat", [None, 1e308, -90.0000001, 91, "NaN", [21.1], True])
def test_a_position_that_is_none_is_refused_with_a_sentence_and_the_rest_goes_on(
    phone: Phones, lat: Any
) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    fix = {"source": "gps", "lon": -101.68, "accuracy": 5.0, "taken_at": "2026-11-23T16:05:09.123Z"}
    payload: Json = {"type": "lampara", "channel": "jefe-de-manzana", "for_whom": "self"}
    payload |= {"answers": {}, "place": {}, "urgent": False}
    odd = lucia.pen.event("captured", None, payload, position={**fix, "lat": lat})
    good = lucia.pen.capture("lampara", **inside(1))
    assert [row.get("ok") for row in lucia.push([odd, good])] == [True, True]
    until_acknowledged(lucia, good["_id"])
    (refusal,) = lucia.ack["refused"]
    assert (refusal["event"], refusal["code"]) == (odd["_id"], "event_invalid")
    assert refusal["message"]


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_what_json_has_no_number_for_is_one_clear_refusal_and_stays_on_the_phone(
    phone: Phones, number: bytes
) -> None:
    """The push is taken whole or not at all: nothing of it is half accepted, and without it all goes on."""
    lucia = phone("lucia")
    assert lucia.pen
    event = lucia.pen.capture("lampara", lat=0.123456789, lon=-101.0)
    body = orjson.dumps({"docs": [event]}).replace(b"0.123456789", number)
    headers = {"Authorization": f"Bearer {lucia.token}", "Content-Type": "application/json"}
    answer = lucia.client.post("/sync/inbox/_bulk_docs", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "push_malformed")
    lucia.push([event])
    until_acknowledged(lucia, event["_id"])


def test_a_guessed_id_of_somebody_elses_event_changes_nothing(phone: Phones) -> None:
    """The guesser signs with a key of their own: under her report's id, and under her very event's."""
    lucia, pedro = phone("lucia"), phone("pedro")
    assert lucia.pen
    assert pedro.pen
    hers = lucia.pen.capture("lampara", text="de Lucía", **inside(1))
    lucia.push([hers])
    until_acknowledged(lucia, hers["_id"])
    under_report = pedro.pen.event("captured", subject_of(hers), {**hers["payload"], "text": "otro"})
    payload = {**hers["payload"], "text": "otro"}
    under_event = pedro.pen.event("captured", subject_of(hers), payload, _id=hers["_id"])
    mine = pedro.pen.capture("lampara", **inside(12))
    pedro.push([under_report, under_event, mine])
    until_acknowledged(pedro, mine["_id"])
    assert [entry["event"] for entry in pedro.ack["refused"]] == [under_report["_id"]]
    assert [entry["code"] for entry in pedro.ack["quarantined"]] == ["event_content"]
    lucia.pull()
    assert lucia.reports()[subject_of(hers)]["text"] == "de Lucía"
    assert (lucia.ack["refused"], lucia.ack["quarantined"]) == ([], [])
    assert subject_of(hers) not in pedro.reports()
