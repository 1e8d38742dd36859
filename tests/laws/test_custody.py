"""Law 1, custody: nothing a person did leaves a phone before it is safe, and nothing is ever dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from server.evidence.blobstore import FolderBlobStore
from server.operations.backup import BackupError, back_up
from server.operations.restore import restore
from server.settings import Settings
from server.store import epoch as epochs
from server.store.databases import Databases
from sync.embedded import open_engine
from sync.interface import AllDocsQuery
from tests.device import Pen, subject_of
from tests.server.conftest import anyio_backend, clock, settings
from tests.server.intake.municipality import Municipality, inside
from tests.server.serving import Served
from tests.server.web.phones.conftest import Phones, phone, served
from tests.server.web.phones.test_sync import until_acknowledged

__all__ = ["anyio_backend", "clock", "phone", "served", "settings"]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Municipality]:
    folder = tmp_path / "data"
    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        yield town


def test_custody_1_what_the_push_answered_is_on_the_disk(
    phone: Phones, served: Served, settings: Settings
) -> None:
    """The row that says ok comes after the receipt is durable: a copy of the files at that moment has it."""
    lucia = phone("lucia")
    assert lucia.pen
    event = lucia.pen.capture("lampara", **inside(1))
    assert lucia.push([event])[0]["ok"]

    async def receipts_in_a_copy() -> list[dict[str, object]]:
        target = settings.data_dir / "copy"
        await served.context.engine.backup(str(target))
        async with await open_engine(target) as copied:
            page = await (await copied.open("inbox")).all_docs(AllDocsQuery(include_docs=True))
            return [orjson.loads(row.doc)["event"] for row in page.rows if row.doc]

    assert served.run(receipts_in_a_copy()) == [event]


def test_custody_2_a_phone_is_told_to_free_an_item_only_after_a_whole_backup(
    phone: Phones, served: Served, tmp_path: Path
) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    event = lucia.pen.capture("lampara", **inside(1))
    lucia.push([event])
    until_acknowledged(lucia, event["_id"])
    admission = next(item[1] for item in lucia.ack["items"] if item[0] == event["_id"])
    before = lucia.checkin()["backed_up_through"]
    assert before["admission"] < admission
    blobs = FolderBlobStore(served.context.settings.data_dir / "evidence")
    databases, now = served.context.databases, served.context.clock

    async def fail_and_succeed() -> None:
        missing: dict[str, Any] = {
            "_id": "blob:" + "0" * 64,
            "sha256": "0" * 64,
            "verdict": "ok",
            "deliveries": [],
        }
        rev = await databases.evidence.put(missing)
        with pytest.raises(BackupError):
            await back_up(databases, blobs, tmp_path / "b", now)
        assert (await epochs.read(databases.cases)).admission < admission
        await databases.evidence.delete(missing["_id"], rev)
        await back_up(databases, blobs, tmp_path / "b", now)
        # The gateway believes what it read for some seconds; a phone may learn late, never early.
        served.context.feeds._epoch = None

    served.run(fail_and_succeed())
    after = lucia.checkin()["backed_up_through"]
    assert after["epoch"] == before["epoch"]
    assert after["admission"] >= admission


@pytest.mark.anyio
async def test_custody_2_after_a_restore_phones_offer_again_what_the_backup_lacks(
    town: Municipality, tmp_path: Path
) -> None:
    pen = await town.pen("lucia")
    kept = pen.capture("lampara", **inside(1))
    await town.push(kept)
    done = await back_up(
        town.databases, FolderBlobStore(town.folder / "evidence"), tmp_path / "b", town.clock
    )
    lost = pen.event("noted", subject_of(kept), {"text": "Chispea"}, based_on=[kept["_id"]])
    await town.push(lost)
    before = await epochs.read(town.databases.cases)
    folder = tmp_path / "restored"
    await restore(done.folder, Settings(data_dir=folder), town.clock)
    async with await open_engine(folder / "engine") as engine:
        databases = await Databases.open(engine)
        after = await epochs.read(databases.cases)
        assert after.epoch != before.epoch, "a phone must see that what was accepted may be gone"
        assert after.admission == done.admission
        restored = Municipality(engine, folder)
        restored.clock = town.clock
        async with restored:
            restored.pens = town.pens
            assert [item[0] for item in (await restored.ack("lucia"))["items"]] == [kept["_id"]]
            # The phone holds both still, and offers both.
            await restored.push(kept, lost)
            report = await restored.report(subject_of(kept))
            assert report["events"] == [kept["_id"], lost["_id"]]
            assert {item[0] for item in (await restored.ack("lucia"))["items"]} == {kept["_id"], lost["_id"]}


@pytest.mark.anyio
async def test_what_is_refused_stays_in_the_inbox_and_says_why(town: Municipality) -> None:
    pen = await town.pen("lucia")
    bad = pen.event("assigned", None, {"agency": "obras"})
    await town.push(bad)
    ack = await town.ack("lucia")
    held = [*ack["refused"], *ack["quarantined"]]
    assert [entry["event"] for entry in held] == [bad["_id"]]
    assert held[0]["message"]
    page = await town.databases.inbox.all_docs(AllDocsQuery(include_docs=True))
    assert bad in [orjson.loads(row.doc)["event"] for row in page.rows if row.doc]


def test_a_revoked_phone_hands_over_and_the_desk_sees_it(phone: Phones, served: Served) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    served.run(served.context.enrolment.revoke(lucia.pen.id, "mesa"))
    event = lucia.pen.capture("lampara", **inside(1))
    assert lucia.push([event]) == [{"ok": True, "id": event["_id"]}]
    answer = lucia.checkin()
    assert answer["orders"] == [{"order": "hand_over_and_wipe"}]

    async def quarantined() -> dict[str, object]:
        wanted = f"quarantine:{event['_id'].rpartition(':')[2]}"
        cases, since = served.context.databases.cases, "0"
        while wanted not in (found := await cases.get_many([wanted])):
            since = (await cases.info()).update_seq
            if wanted not in await cases.get_many([wanted]):
                assert await cases.wait_for_change(since, 20), "intake did not take it"
        return found[wanted]

    assert served.run(quarantined())["actor"] == "lucia"


def test_another_accounts_session_delivers_a_strangers_work(phone: Phones, served: Served) -> None:
    """Shared phones: what one account signed is delivered by whoever has signal."""
    lucia, marta = phone("lucia"), phone("marta")
    assert lucia.pen
    event = lucia.pen.capture("lampara", **inside(1))
    assert marta.push([event])[0]["ok"]
    until_acknowledged(lucia, event["_id"])
    assert lucia.reports()[subject_of(event)]["captured_by"] == "lucia"


@pytest.mark.anyio
async def test_admission_1_a_lost_key_and_a_reused_sequence_are_flagged_never_dropped(
    town: Municipality,
) -> None:
    pen = await town.pen("lucia")
    first = pen.capture("lampara", **inside(1))
    twin = Pen("lucia", "block_leader", town.clock.now, pen.installation, pen.key)
    second = twin.capture("lampara", **inside(1))
    assert first["device_seq"] == second["device_seq"]
    await town.push(first, second)
    for event in (first, second):
        assert (await town.report(subject_of(event)))["folio"]
    await town.assert_sound()
