"""Law 4, Once: one admission per event id and content, one folio per report, across crash and restore."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from server.intake.writing.ledger import LEDGER_FILE, SKIPPED
from sync.embedded import open_engine
from tests.device import subject_of
from tests.server.intake.day import busy_day
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


async def admissions(town: Municipality) -> dict[str, int]:
    truth = await town.truth()
    return {key: doc["admission"] for key, doc in truth.items() if key.startswith(("record:", "void:"))}


async def test_admissions_are_consecutive_and_folios_too(town: Municipality) -> None:
    await busy_day(town)
    numbers = sorted((await admissions(town)).values())
    assert numbers == list(range(1, len(numbers) + 1))
    truth = await town.truth()
    folios = sorted(doc["folio"] for key, doc in truth.items() if key.startswith("report:"))
    assert folios == [f"VP-{number:06d}" for number in range(1, 8)]


async def test_intake_1_everything_delivered_again_admits_nothing(town: Municipality) -> None:
    await busy_day(town)
    before = await town.truth()
    events = [doc["event"] for doc in before.values() if "event" in doc and doc["_id"].startswith("record:")]
    for _ in range(2):
        await town.push(*events)
    after = await town.truth()
    assert {key for key in after if not key.startswith("chain:")} == {
        key for key in before if not key.startswith("chain:")
    }
    assert {k: d for k, d in after.items() if k.startswith(("record:", "report:"))} == {
        k: d for k, d in before.items() if k.startswith(("record:", "report:"))
    }
    await town.assert_sound()


async def test_what_comes_again_after_something_else_writes_nothing(town: Municipality) -> None:
    """A, B, A at the shipped page size: no new revision in ``cases`` nor in any mailbox."""
    await busy_day(town)
    pen = await town.pen("lucia")
    first, second = pen.capture("lampara", **inside(1)), pen.capture("lampara", **inside(1))
    refused = [{**pen.capture("lampara"), "kind": "verified"} for _ in range(2)]  # no longer what was signed
    held = [pen.event("noted", uuid, {"text": "sigue"}) for uuid in (subject_of(pen.capture("lampara")),) * 2]
    every = [first, second, *refused, *held]
    await town.push(*every)
    before = {**await town.sequences(), "cases": (await town.databases.cases.info()).update_seq}
    for event in (*every, *reversed(every), first, second, first):
        await town.push(event)
    await town.push(first, second, first)
    after = {**await town.sequences(), "cases": (await town.databases.cases.info()).update_seq}
    assert after == before
    await town.assert_sound()


@pytest.mark.parametrize("ledger_lost", [False, True])
async def test_folio_1_a_restore_reissues_no_folio(tmp_path: Path, ledger_lost: bool) -> None:
    """Back to a backup; phones push again what came after it: the same reports get their folios again, and a
    report that nobody pushes again leaves its number unused.
    """
    folder, saved = tmp_path / "data", tmp_path / "saved"
    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        await town.capture("lucia", "lampara", **inside(1))
        await engine.backup(str(saved))
        lucia = await town.pen("lucia")
        lost, kept = lucia.capture("lampara", **inside(1)), lucia.capture("lampara", **inside(1))
        await town.push(lost, kept)
        folio = (await town.report(subject_of(kept)))["folio"]
        assert folio == "VP-000003"
        pens = town.pens
    shutil.rmtree(folder / "engine")
    shutil.copytree(saved, folder / "engine")
    if ledger_lost:
        (folder / LEDGER_FILE).unlink()
    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        town.pens = pens
        await town.push(kept)
        new = await town.capture("marta", "lampara", **inside(2))
        again, fresh = (await town.report(subject_of(kept)))["folio"], (await town.report(new))["folio"]
        if ledger_lost:
            assert (again, fresh) == (f"VP-{SKIPPED + 2:06d}", f"VP-{SKIPPED + 3:06d}")
        else:
            assert (again, fresh) == (folio, "VP-000004")
        await town.assert_sound()


async def test_another_data_folder_skips_what_it_cannot_know(tmp_path: Path, town: Municipality) -> None:
    """A migration that leaves the ledger behind: no number is given twice."""
    await town.capture("lucia", "lampara", **inside(1))
    await town.intake.close()
    town.folder = tmp_path / "elsewhere"
    town.intake = await town.open_intake()
    report = await town.capture("lucia", "lampara", **inside(1))
    assert (await town.report(report))["folio"] == f"VP-{SKIPPED + 2:06d}"
    await town.assert_sound()


async def test_without_a_checkpoint_everything_is_met_again_and_nothing_admitted(town: Municipality) -> None:
    """Another engine has no local documents: intake begins the inbox anew."""
    await busy_day(town)
    before = await admissions(town)
    await town.intake.close()
    await town.databases.cases.delete_local("intake")
    town.intake = await town.open_intake()
    await town.intake.run_until_idle()
    assert await admissions(town) == before
    await town.assert_sound()


async def test_a_number_no_record_got_is_accounted_for(town: Municipality) -> None:
    """What an engine without transactions may leave of a write cut short: a hole."""
    await town.capture("lucia", "lampara", **inside(1))
    await town.intake.close()
    rows = await admissions(town)
    highest = max(rows, key=rows.__getitem__)
    doc = await town.databases.cases.get(highest)
    bare = {name: value for name, value in doc.items() if name != "_rev"}
    await town.databases.cases.put({**bare, "_id": highest + "x", "admission": doc["admission"] + 2})
    town.intake = await town.open_intake()
    assert (await town.truth())[f"void:{doc['admission'] + 1}"]["admission"] == doc["admission"] + 1
