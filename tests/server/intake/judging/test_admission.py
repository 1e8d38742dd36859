"""What intake admits, refuses, quarantines and flags; and that it loses nothing."""

from __future__ import annotations

from typing import Any

import pytest

from server.intake.chores.requests import retry
from tests.device import Pen, photo, sign_text, subject_of
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


async def quarantined(town: Municipality) -> dict[str, str]:
    truth = await town.truth()
    return {doc["event"]: doc["code"] for key, doc in truth.items() if key.startswith("quarantine:")}


async def refused(town: Municipality) -> dict[str, str]:
    truth = await town.truth()
    return {doc["event"]: doc["code"] for key, doc in truth.items() if key.startswith("refusal:")}


async def test_the_same_event_twice_is_one_record(town: Municipality) -> None:
    pen = await town.pen("lucia")
    event = pen.capture("lampara", **inside(1))
    await town.push(event, event)
    await town.push(event)
    records = [key for key in await town.truth() if key.startswith("record:")]
    assert len(records) == 2  # the event and its folio
    ack = await town.ack("lucia")
    assert [item[0] for item in ack["items"]] == [event["_id"]]
    await town.assert_sound()


async def test_the_same_id_with_other_content_is_quarantined(town: Municipality) -> None:
    pen = await town.pen("lucia")
    first = pen.capture("lampara", **inside(1))
    pen.seq, pen.prev = 0, None
    second = pen.event("captured", None, {**first["payload"], "text": "otra"}, _id=first["_id"])
    await town.push(first)
    await town.push(second)
    assert await quarantined(town) == {first["_id"]: "event_content"}
    assert "text" not in (await town.report(subject_of(first)))["timeline"][0]["payload"]
    await town.assert_sound()


@pytest.mark.parametrize("spoilt", ["sig", "payload", "actor"])
async def test_a_forgery_is_quarantined_and_told_to_whoever_brought_it(
    town: Municipality, spoilt: str
) -> None:
    marta, lucia = await town.pen("marta"), await town.pen("lucia")
    event = lucia.capture("lampara", **inside(1))
    if spoilt == "sig":
        event["sig"] = sign_text(marta.key, b"another message")
    elif spoilt == "payload":
        event["payload"] = {**event["payload"], "type": "denuncia"}
    else:
        event["actor"] = "marta"
    await town.push(event, device=marta.id)
    assert await quarantined(town) == {event["_id"]: "event_signature"}
    assert [entry["event"] for entry in (await town.ack("marta"))["quarantined"]] == [event["_id"]]
    assert f"ack:{lucia.id}" not in await town.mailbox("lucia")
    assert f"quarantine:{event['_id'].split(':')[2]}" in await town.mailbox("mesa")
    await town.assert_sound()


async def test_an_unknown_device_is_quarantined(town: Municipality) -> None:
    pen = Pen("lucia", "block_leader", town.clock.now)
    event = pen.capture("lampara", **inside(1))
    await town.push(event)
    assert await quarantined(town) == {event["_id"]: "event_device_unknown"}


async def test_a_revoked_devices_events_wait_for_the_desk_and_can_be_released(town: Municipality) -> None:
    pen = await town.pen("lucia")
    event = pen.capture("lampara", **inside(1))
    revoked = {"revoked_at": "2026-11-23T00:00:00.000Z"}
    await town.directory.update(f"device:{pen.id}", lambda doc: {**doc, **revoked})
    await town.push(event)
    assert await quarantined(town) == {event["_id"]: "event_device_revoked"}
    own = event["_id"].split(":")[2]
    assert await retry(town.databases, town.clock, "mesa", own)
    await town.intake.run_until_idle()
    assert await quarantined(town) != {}
    assert await retry(town.databases, town.clock, "mesa", own, force=True)
    await town.intake.run_until_idle()
    assert await quarantined(town) == {}
    assert (await town.report(subject_of(event)))["folio"] == "VP-000001"
    assert f"quarantine:{own}" not in await town.mailbox("mesa")
    assert (await town.ack("lucia"))["quarantined"] == []
    await town.assert_sound()


async def test_bad_form_is_refused_with_a_sentence(town: Municipality) -> None:
    pen = await town.pen("lucia")
    event = pen.event("captured", None, {"type": "lampara"})
    await town.push(event)
    assert await refused(town) == {event["_id"]: "event_invalid"}
    ack = await town.ack("lucia")
    assert ack["refused"][0]["code"] == "event_invalid"
    assert "No se perdió" in ack["refused"][0]["message"]
    assert ack["through"] == 1
    later = pen.capture("lampara", **inside(1))
    await town.push(later)
    assert (await town.report(subject_of(later)))["flags"] == []
    await town.assert_sound()


async def test_an_event_that_overtook_its_capture_is_admitted_when_that_comes(town: Municipality) -> None:
    pen = await town.pen("lucia")
    capture = pen.capture("lampara", **inside(1))
    note = pen.event("noted", subject_of(capture), {"text": "junto al kínder"}, based_on=[capture["_id"]])
    await town.push(note)
    assert await quarantined(town) == {note["_id"]: "report_unknown"}
    assert (await town.ack("lucia"))["gaps"] == [[1, 1]]
    await town.push(capture)
    assert await quarantined(town) == {}
    report = await town.report(subject_of(capture))
    assert [entry["kind"] for entry in report["timeline"] if "fact" not in entry] == ["captured", "noted"]
    ack = await town.ack("lucia")
    assert (ack["through"], ack["gaps"], len(ack["items"])) == (2, [], 2)
    await town.assert_sound()


async def test_a_broken_chain_is_flagged_and_admitted(town: Municipality) -> None:
    pen = await town.pen("lucia")
    await town.push(pen.capture("lampara", **inside(1)))
    pen.prev = "0" * 64
    broken = pen.capture("lampara", **inside(1))
    pen.seq = 0
    reused = pen.capture("lampara", **inside(1))
    pen.seq = 9
    gap = pen.capture("lampara", **inside(1))
    await town.push(broken, reused, gap)
    flags = [(await town.report(subject_of(event)))["flags"] for event in (broken, reused, gap)]
    assert flags == [["chain_broken"], ["sequence_reused"], ["sequence_gap"]]
    assert (await town.ack("lucia"))["gaps"] == [[3, 9]]
    await town.assert_sound()


@pytest.mark.parametrize(
    ("account", "kind", "payload"),
    [
        ("pedro", "noted", {"text": "x"}),
        ("marta", "noted", {"text": "x"}),
        ("lucia", "prioritized", {"priority": 1, "seen_priority": 3}),
        ("saul", "noted", {"text": "x"}),
        ("bache1", "started", {}),
        ("lucia", "amended", {"type": "bache"}),
        ("norma", "withdrawn", {"reason": "mistake"}),
    ],
)
async def test_whoever_may_not_is_refused(town: Municipality, account: str, kind: str, payload: Json) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    event = await town.act(account, kind, report, payload, based_on=[])
    assert await refused(town) == {event["_id"]: "event_not_allowed"}
    assert [e["kind"] for e in (await town.report(report))["timeline"]] == ["captured", "folio"]
    assert (await town.ack(account))["refused"][0]["event"] == event["_id"]
    await town.assert_sound()


async def test_a_neighbour_may_support_from_a_card(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    await town.act("marta", "supported", report, {})
    assert (await town.report(report))["supports"] == 1


async def test_work_done_under_an_earlier_scope_is_admitted(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    seen = (await town.mailbox("luz1"))[f"report:{report}"]["events"]
    pen = await town.pen("luz1")
    offline = pen.event("noted", report, {"text": "sin acceso"}, based_on=seen)
    town.clock.advance(hours=1)
    await town.act("luz1", "returned", report, {"reason": "not_ours"})
    assert f"report:{report}" not in await town.mailbox("luz1")
    pen2 = await town.pen("luz1", "018f0000-0000-7000-8000-000000000001")
    second = pen2.event("noted", report, {"text": "x"}, based_on=[])
    await town.push(second, offline)
    assert await refused(town) == {second["_id"]: "event_not_allowed"}
    assert "noted" in [entry["kind"] for entry in (await town.report(report))["timeline"]]
    await town.assert_sound()


@pytest.mark.parametrize("years", [-3, 3])
async def test_a_clock_years_off_is_flagged_not_refused(town: Municipality, years: int) -> None:
    pen = await town.pen("lucia")
    moment = town.clock.now().replace(year=2026 + years)
    event = pen.capture("lampara", at=moment, **inside(1))
    await town.push(event)
    report = await town.report(subject_of(event))
    assert report["folio"] == "VP-000001"
    if years > 0:
        assert report["flags"] == ["clock_wrong"]
        assert report["captured_at"] == "2026-11-23T16:05:09.123Z"
    await town.assert_sound()


async def test_a_measured_skew_corrects_the_device(town: Municipality) -> None:
    pen = await town.pen("lucia")
    await town.directory.update(f"device:{pen.id}", lambda doc: {**doc, "skew_ms": -3_600_000})
    event = pen.capture("lampara", at=town.clock.now().replace(hour=14), **inside(1))
    await town.push(event)
    assert (await town.report(subject_of(event)))["captured_at"] == "2026-11-23T15:05:09.123Z"


async def test_a_closing_from_afar_is_flagged_never_bounced(town: Municipality) -> None:
    report = await town.capture("lucia", "bache", **inside(1))
    await town.act("obras", "assigned", report, {"agency": "obras", "brigade": "bache-1"}, based_on=[])
    far = {"source": "gps", **inside(12), "accuracy": 10.0, "taken_at": "2026-11-23T16:05:09.123Z"}
    await town.act("bache1", "finished", report, {"done": "bacheado"}, position=far)
    stored = await town.report(report)
    assert stored["status"] == "finished"
    assert stored["flags"] == ["closed_from_afar", "closed_without_photo"]
    assert await town.holders(report) == {
        "lucia": "full",
        "norma": "full",
        "bache1": "full",
        "mesa": "full",
    }
    await town.assert_sound()


async def test_an_event_that_fails_three_times_is_put_aside(
    town: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.intake.deciding import admitting
    from server.intake.judging import admission

    pen = await town.pen("lucia")
    bad, good = pen.capture("lampara", text="defecto", **inside(1)), pen.capture("lampara", **inside(1))
    sound = admission.record_of

    def defective(event: Any, *rest: Any, **named: Any) -> Json:
        if event["payload"].get("text") == "defecto":
            raise KeyError("a defect")
        return sound(event, *rest, **named)

    monkeypatch.setattr(admitting, "record_of_event", defective)
    await town.push(bad, good)
    assert await quarantined(town) == {bad["_id"]: "event_failed"}
    assert (await town.report(subject_of(good)))["folio"] == "VP-000001"
    monkeypatch.undo()
    await retry(town.databases, town.clock, "mesa", bad["_id"].split(":")[2])
    await town.intake.run_until_idle()
    assert (await town.report(subject_of(bad)))["folio"] == "VP-000002"
    await town.assert_sound()


@pytest.mark.parametrize(
    "position",
    [
        {"source": "gps", "lat": 90.0, "lon": 180.0, "accuracy": 1.0, "taken_at": "2026-11-23T16:05:09.123Z"},
        {"source": "pin", "lat": -90.0, "lon": 0.0},
        {"source": "gps", "lat": 43.6, "lon": 16.3, "accuracy": 9e8, "taken_at": "2026-11-23T16:05:09.123Z"},
    ],
)
async def test_outside_the_municipality_is_accepted_and_flagged(town: Municipality, position: Json) -> None:
    pen = await town.pen("lucia")
    event = pen.event("captured", None, pen.capture("lampara")["payload"], position=position)
    await town.push(event)
    report = await town.report(subject_of(event))
    assert "outside" in report["flags"]
    assert report["place"]["outside"] is True
    holders = await town.holders(subject_of(event))
    assert holders == {"lucia": "full", "mesa": "full", "luz1": "full"}
    await town.assert_sound()


async def test_html_and_foreign_ids_do_no_harm(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", text="<script>alert(1)</script>", **inside(1))
    assert (await town.report(report))["text"] == "<script>alert(1)</script>"
    pen = await town.pen("marta")
    stolen = pen.event("captured", report, pen.capture("lampara")["payload"])
    await town.push(stolen)
    assert await refused(town) == {stolen["_id"]: "report_exists"}
    await town.assert_sound()


async def test_a_withdrawn_report_takes_further_events_into_its_timeline(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    await town.act("lucia", "withdrawn", report, {"reason": "undo"})
    await town.act("luz1", "noted", report, {"text": "vimos que ya no"}, based_on=[])
    stored = await town.report(report)
    assert stored["status"] == "withdrawn"
    assert "noted" in [entry["kind"] for entry in stored["timeline"]]
    await town.assert_sound()


async def test_a_photo_that_never_comes_is_flagged_after_seven_days(town: Municipality) -> None:
    pen = await town.pen("lucia")
    event = pen.capture("lampara", photos=[photo(b"not sent")], **inside(1))
    await town.push(event)
    town.clock.advance(days=6)
    await town.intake.run_until_idle()
    assert (await town.report(subject_of(event)))["flags"] == []
    town.clock.advance(days=2)
    await town.intake.run_until_idle()
    assert (await town.report(subject_of(event)))["flags"] == ["photo_missing"]
    assert (await town.holders(subject_of(event)))["mesa"] == "full"
    await town.assert_sound()


async def test_a_verdict_counts_only_where_the_bytes_were_delivered(town: Municipality) -> None:
    lucia, marta = await town.pen("lucia"), await town.pen("marta")
    taken = photo(b"a photo")
    own = lucia.capture("lampara", photos=[taken], **inside(1))
    thief = marta.capture("lampara", photos=[taken], **inside(2))
    await town.push(own, thief)
    blob = {
        "_id": f"blob:{taken['sha256']}",
        "sha256": taken["sha256"],
        "verdict": "ok",
        "width": 3,
        "height": 2,
        "deliveries": [{"device": lucia.id, "event": own["_id"], "at": "2026-11-23T16:05:09.123Z"}],
        "judged_at": "2026-11-23T16:05:10.123Z",
    }
    await town.databases.evidence.put(blob)
    await town.intake.run_until_idle()
    verdicts = [(await town.report(subject_of(e)))["evidence"][0]["verdict"] for e in (own, thief)]
    assert verdicts == ["ok", "pending"]
    assert (await town.ack("lucia"))["photos"] == [{"sha256": taken["sha256"], "verdict": "ok"}]
    late = lucia.event("evidence_added", subject_of(own), {"of": own["_id"]}, photos=[photo(b"second")])
    await town.databases.evidence.put({**blob, "_id": "blob:x", "sha256": late["photos"][0]["sha256"]})
    await town.push(late)
    assert [e["verdict"] for e in (await town.report(subject_of(own)))["evidence"]] == ["ok", "ok"]
    await town.assert_sound()
