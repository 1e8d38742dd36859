"""one_chore_ends_the_process: what intake does besides events is left undone at the fourth start, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.instants import say
from server.intake.chores import requests
from server.intake.chores.timers import ENDED
from server.intake.chores.troubled import TROUBLED_FILE, Troubled
from server.intake.deciding import photos
from server.intake.writing.attempts import FAILURES
from tests.device import photo, subject_of
from tests.faults.dying import POISON
from tests.faults.lives import lives, moves_on, opened
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


def judged(town: Municipality, event: Json, data: bytes, **members: Any) -> Json:
    """The document of a photo that was delivered and judged."""
    sha256, device = photo(data)["sha256"], event["device"]
    at = say(town.clock.now())
    facts = {"verdict": "ok", "width": 8, "height": 8, "bytes": 9, "type": "image/jpeg"}
    told = {"received_at": at, "judged_at": at, "deliveries": [{"device": device, "event": event["_id"]}]}
    return {"_id": f"blob:{sha256}", "schema": "blob.v1", "sha256": sha256, **facts, **told, **members}


async def test_a_verdict_that_ends_the_process_holds_up_no_other(tmp_path: Path) -> None:
    listed = [photo(data) for data in (b"one", POISON.encode(), b"three")]
    async with opened(tmp_path) as town:
        lucia = await town.pen("lucia")
        lamp = lucia.capture("lampara", photos=listed, **inside(1))
        await town.push(lamp)
        blobs = [judged(town, lamp, data) for data in (b"one", POISON.encode(), b"three")]
        blobs[1]["code"] = POISON
        await town.databases.evidence.bulk_docs(blobs)
    moves_on(tmp_path, "verdict")
    async with opened(tmp_path) as town:
        evidence = (await town.report(subject_of(lamp)))["evidence"]
        assert [item["verdict"] for item in evidence] == ["ok", "pending", "ok"]
        await town.assert_sound()


async def test_what_the_clock_asks_of_one_report_holds_up_no_other(tmp_path: Path) -> None:
    async with opened(tmp_path) as town:
        bad = await town.capture("lucia", "inundacion", text=POISON, **inside(1))
        good = await town.capture("lucia", "inundacion", text="agua", **inside(1))
    moves_on(tmp_path, "clock", minutes=6)
    async with opened(tmp_path) as town:
        assert await escalations(town, bad) == []
        assert await escalations(town, good) == [{"attempt": 1, "answer": "200"}]
        note = await town.act("lucia", "noted", bad, {"text": "sigue"})
        assert note["_id"] in (await town.report(bad))["events"], "events of it go on"


async def test_a_hook_that_ends_the_process_is_told_in_the_record(tmp_path: Path) -> None:
    async with opened(tmp_path) as town:
        bad = await town.capture("lucia", "inundacion", place={"reference": POISON}, **inside(1))
        good = await town.capture("lucia", "inundacion", **inside(1))
    moves_on(tmp_path, "calling", minutes=6)
    async with opened(tmp_path) as town:
        assert await escalations(town, bad) == [{"attempt": 1, "answer": ENDED}]
        assert await escalations(town, good) == [{"attempt": 1, "answer": "200"}]
    assert lives(tmp_path, "calling", 12, count=1) == [0], "the next telling is not made either"
    async with opened(tmp_path) as town:
        assert [entry["answer"] for entry in await escalations(town, bad)] == [ENDED, ENDED]
        await town.assert_sound()


async def test_a_request_that_ends_the_process_is_listed(tmp_path: Path) -> None:
    async with opened(tmp_path) as town:
        lamp = await town.capture("lucia", "lampara", text="foco", **inside(1))
        first = (await town.report(lamp))["events"][0]
        for reason in (POISON, "ARCO"):
            await requests.redact_event(town.databases, town.clock, "mesa", first, ["text"], reason)
    moves_on(tmp_path, "requesting")
    async with opened(tmp_path) as town:
        held = [doc["code"] for key, doc in (await town.truth()).items() if key.startswith("quarantine:")]
        assert held == ["event_failed"]
        assert (await town.report(lamp))["text"] is None, "the next one was done"


async def test_a_rebuild_that_the_process_died_over_is_told_and_can_be_asked_for_again(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as town:
        await town.capture("lucia", "lampara", **inside(1))
        await requests.rebuild(town.databases, town.clock, POISON)
    moves_on(tmp_path, "requesting")
    async with opened(tmp_path) as town:
        (held,) = [doc for key, doc in (await town.truth()).items() if key.startswith("quarantine:")]
        assert (held["kind"], held["code"]) == ("rebuild", "event_failed")
        assert held["_id"] in await town.mailbox("mesa")
        before = (await town.databases.accounts.get("account:lucia")).get("generation", 1)
        assert await requests.retry(town.databases, town.clock, "cli", held["_id"].partition(":")[2])
        await town.intake.run_until_idle()
        after = (await town.databases.accounts.get("account:lucia")).get("generation", 1)
        assert after > before, "every mailbox was made anew"
        assert held["_id"] not in await town.truth()
        assert held["_id"] not in await town.mailbox("mesa")
        await town.assert_sound()


async def test_a_defect_in_a_chore_is_met_three_times_and_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, met = photos.record_verdict, []

    def record(file: Any, blob: Any, draft: Any) -> None:
        if blob.get("code") == POISON:
            met.append(blob["sha256"])
            raise ValueError("a defect")
        real(file, blob, draft)

    monkeypatch.setattr(photos, "record_verdict", record)
    async with opened(tmp_path) as town:
        lucia = await town.pen("lucia")
        lamp = lucia.capture("lampara", photos=[photo(b"one"), photo(b"two")], **inside(1))
        await town.push(lamp)
        blobs = [judged(town, lamp, b"one"), judged(town, lamp, b"two", code=POISON)]
        await town.databases.evidence.bulk_docs(blobs)
        await town.intake.run_until_idle()
        assert len(met) == FAILURES
        evidence = (await town.report(subject_of(lamp)))["evidence"]
        assert [item["verdict"] for item in evidence] == ["ok", "pending"]


async def escalations(town: Municipality, report: str) -> list[Json]:
    timeline = (await town.report(report))["timeline"]
    return [entry["payload"] for entry in timeline if entry["kind"] == "escalated"]


def test_an_orderly_end_accuses_nobody_and_another_version_tries_again(tmp_path: Path) -> None:
    def opened() -> Troubled:
        troubled = Troubled(tmp_path)
        troubled.open()
        return troubled

    troubled = opened()
    troubled.begin(["photo:a"])
    troubled.idle(["photo:a"])
    assert not (tmp_path / TROUBLED_FILE).exists()
    for _ in range(FAILURES):
        assert troubled.willing("photo:a")
        troubled.begin(["photo:a"])
        troubled = opened()
    assert not troubled.willing("photo:a")
    path = tmp_path / TROUBLED_FILE
    path.write_bytes(path.read_bytes().replace(troubled._version.encode(), b"another"))
    assert opened().willing("photo:a")
    assert not path.exists()
    path.write_bytes(b'{"version"')
    assert opened().willing("photo:a"), "a file cut short accuses nobody"
