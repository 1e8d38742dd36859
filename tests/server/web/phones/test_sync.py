"""Phones push, pull and check in over HTTP, and intake does the rest."""

from __future__ import annotations

import pytest

from tests.device import Device, Refused, citizen_document, subject_of
from tests.server.conftest import SetClock
from tests.server.intake.municipality import inside
from tests.server.serving import Served
from tests.server.web.phones.conftest import Phones


def wait_for_news(device: Device) -> None:
    """Longpoll until the mailbox has something new, then pull."""
    query = {"since": device.since["mailbox"], "feed": "longpoll", "timeout": "20000"}
    page = device.call("GET", "/sync/mailbox/_changes", params=query, timeout=30)
    assert page["results"], "nothing came within 20 seconds"
    device.pull()


def until_acknowledged(device: Device, event: str) -> None:
    device.pull()
    while event not in [item[0] for item in device.ack["items"]]:
        wait_for_news(device)


def test_a_capture_goes_from_one_phone_to_another(phone: Phones) -> None:
    lucia, brigade = phone("lucia"), phone("luz1")
    assert lucia.pen
    event = lucia.pen.capture("lampara", **inside(1))
    assert lucia.push([event]) == [{"ok": True, "id": event["_id"]}]
    until_acknowledged(lucia, event["_id"])
    report = subject_of(event)
    assert lucia.reports()[report]["view"] == "full"
    brigade.pull()
    assert brigade.reports()[report]["folio"] == "VP-000001"
    answer = lucia.checkin()
    assert answer["changed"] == {"mailbox": False, "reference": True}
    lucia.pull("reference")
    assert lucia.checkin()["changed"]["reference"] is False
    assert lucia.reference["settings"]["municipality"] == "Villa de Prueba"


def test_a_retry_is_harmless(phone: Phones, served: Served) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    event = lucia.pen.capture("lampara", **inside(1))
    lucia.push([event])
    until_acknowledged(lucia, event["_id"])
    version = lucia.reports()[subject_of(event)]["version"]
    lucia.push([event])
    again = lucia.pen.event("noted", subject_of(event), {"text": "sigue"}, based_on=[event["_id"]])
    lucia.push([again])
    until_acknowledged(lucia, again["_id"])
    report = lucia.reports()[subject_of(event)]
    assert report["events"] == [event["_id"], again["_id"]]
    assert report["version"] == version + 1


def test_contact_reaches_the_brigade_and_no_neighbour(phone: Phones) -> None:
    lucia, brigade, marta = phone("lucia"), phone("luz1"), phone("marta")
    assert lucia.pen
    citizen = citizen_document(lucia.clock(), name="Ana", phone="4771234567")
    event = lucia.pen.capture("lampara", **inside(1), citizen=citizen["_id"])
    assert lucia.push([event])[0]["error"] == "citizen_missing"
    rows = lucia.push([citizen, event])
    assert [row["ok"] for row in rows] == [True, True]
    until_acknowledged(lucia, event["_id"])
    report = subject_of(event)
    brigade.pull()
    marta.pull()
    assert brigade.reports()[report]["contact"] == {"name": "Ana", "phone": "4771234567"}
    assert marta.reports()[report]["view"] == "card"
    assert "Ana" not in repr(marta.documents)


def test_a_token_of_another_feed_is_refused(phone: Phones) -> None:
    lucia, marta = phone("lucia"), phone("marta")
    lucia.pull()
    for token in (lucia.since["mailbox"], "nonsense", "x.y", lucia.since["mailbox"].partition(".")[0] + ".¿"):
        with pytest.raises(Refused) as refused:
            marta.call("GET", "/sync/mailbox/_changes", params={"since": token})
        assert refused.value.code == "feed_changed"
        marta.since["mailbox"] = token if token.isprintable() and " " not in token else "x.y"
        assert marta.checkin()["changed"]["mailbox"] is True


@pytest.mark.parametrize(
    "spoil",
    [
        {"_deleted": True},
        {"_rev": "1-abc"},
        {"_attachments": {}},
        {"_id": "report:x"},
        {"_id": None},
        {"sig": None},
    ],
)
def test_what_is_no_new_signed_event_is_refused_row_by_row(phone: Phones, spoil: dict[str, object]) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    good, bad = lucia.pen.capture("lampara", **inside(1)), lucia.pen.capture("lampara", **inside(1))
    rows = lucia.push([{**bad, **spoil}, good])
    assert rows[0]["error"] == "event_form"
    figures = lucia.client.get("/metrics").text
    assert 'manzana_refusals_total{code="event_form"} 1.0' in figures
    assert rows[1] == {"ok": True, "id": good["_id"]}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"docs":1}', b"\xff", b'{"docs":[],"new_edits":false}']
)
def test_a_malformed_push_is_one_clear_refusal(phone: Phones, body: bytes) -> None:
    lucia = phone("lucia")
    headers = {"Authorization": f"Bearer {lucia.token}", "Content-Type": "application/json"}
    answer = lucia.client.post("/sync/inbox/_bulk_docs", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"] == "push_malformed"


def test_an_idle_checkin_is_under_a_kilobyte(phone: Phones) -> None:
    lucia = phone("lucia")
    lucia.pull()
    lucia.pull("reference")
    lucia.checkin()
    headers = {"Authorization": f"Bearer {lucia.token}"}
    assert lucia.pen
    body = {"device": lucia.pen.id, "since": lucia.since, "last_seq": 0, "pending": 0}
    answer = lucia.client.post("/sync/checkin", json=body, headers=headers)
    request = answer.request
    sent = sum(len(k) + len(v) + 4 for k, v in request.headers.raw) + len(request.content)
    received = sum(len(k) + len(v) + 4 for k, v in answer.headers.raw) + len(answer.content)
    assert answer.json()["changed"] == {"mailbox": False, "reference": False}
    assert sent + received < 1_024


def test_the_skew_is_the_servers_measure(phone: Phones, served: Served, clock: SetClock) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    lucia.checkin(clock="2026-11-23T17:05:09.123Z")
    device = served.context.directory.device(lucia.pen.id)
    assert device is not None
    assert device.skew_ms == 3_600_000
    with pytest.raises(Refused) as refused:
        lucia.checkin(device=lucia.pen.id[:-1] + "0" if lucia.pen.id[-1] != "0" else lucia.pen.id[:-1] + "1")
    assert refused.value.code == "device_not_yours"


def test_a_shared_phone_delivers_a_colleagues_work(phone: Phones) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    marta = phone("marta", lucia.pen.installation)
    event = lucia.pen.capture("lampara", **inside(1))
    marta.push([event])
    until_acknowledged(lucia, event["_id"])
    assert lucia.ack["through"] == 1
