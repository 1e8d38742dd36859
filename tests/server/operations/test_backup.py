"""Backup while the service works, restore, migration: what comes out is what went in."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from server.accounts.directory import Directory
from server.delivery.audit import check
from server.evidence.blobstore import FolderBlobStore, derivative
from server.evidence.examination import WIDTHS
from server.evidence.redaction import redact_photo
from server.intake.running.lock import IntakeRunning
from server.intake.writing.ledger import LEDGER_FILE, SKIPPED, Ledger
from server.operations.backup import (
    ORDER,
    BackupError,
    back_up,
    last_backup,
    prune,
    read_manifest,
    sweep_photos,
)
from server.operations.migrate import MigrationError, migrate
from server.operations.restore import restore
from server.settings import Settings
from server.store import epoch as epochs
from server.store.databases import Databases
from sync.couchdb import open_couchdb
from sync.embedded import open_engine
from sync.interface import AllDocsQuery, Engine
from tests.device import subject_of
from tests.server.evidence.pictures import picture, sha256
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Municipality]:
    folder = tmp_path / "data"
    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        yield town


async def truth(engine: Engine) -> dict[str, dict[str, str | None]]:
    """Every document of every database of the truth, by revision: read past the code under test."""
    found = {}
    for name in ORDER:
        page = await (await engine.open(name)).all_docs(AllDocsQuery())
        found[name] = {row.id: row.rev for row in page.rows}
    return found


async def findings(engine: Engine, town: Municipality) -> list[str]:
    databases = await Databases.open(engine)
    directory = Directory(databases.accounts)
    await directory.refresh()
    return await check(databases, directory, town.clock)


async def keep_photo(town: Municipality, seed: int = 1) -> str:
    """A judged photo, as the evidence part leaves it."""
    data = picture(seed=seed)
    name = sha256(data)
    blobs = FolderBlobStore(town.folder / "evidence")
    await blobs.put(name, data)
    for width in WIDTHS:
        await blobs.put(derivative(name, width), b"small")
    await town.databases.evidence.put(
        {
            "_id": f"blob:{name}",
            "schema": "blob.v1",
            "sha256": name,
            "bytes": len(data),
            "verdict": "ok",
            "type": "image/jpeg",
            "deliveries": [],
        }
    )
    return name


def elsewhere(tmp_path: Path, town: Municipality, *, ledger: bool = True) -> Settings:
    """An empty data folder on another machine, to which the folio ledger was carried or not."""
    folder = tmp_path / "restored"
    folder.mkdir()
    if ledger:
        shutil.copy(town.folder / "folios.ledger", folder)
    return Settings(data_dir=folder)


async def test_a_restored_backup_holds_what_was_there(town: Municipality, tmp_path: Path) -> None:
    reports = [await town.capture("lucia", "lampara", **inside(1)) for _ in range(3)]
    photo = await keep_photo(town)
    await town.intake.run_until_idle()
    before, boxes = (
        await truth(town.engine),
        {name: await town.mailbox(name) for name in ("lucia", "luz1", "norma")},
    )
    done = await back_up(
        town.databases, FolderBlobStore(town.folder / "evidence"), tmp_path / "b", town.clock
    )
    assert done.photos == 1
    assert read_manifest(done.folder) == done
    settings = elsewhere(tmp_path, town)
    await restore(done.folder, settings, town.clock)
    async with await open_engine(settings.data_dir / "engine") as engine:
        assert await truth(engine) == before
        assert await findings(engine, town) == []
        restored = Municipality(engine, settings.data_dir)
        restored.clock = town.clock
        async with restored:
            for name, box in boxes.items():
                content = {key: {**doc, "_rev": None} for key, doc in (await restored.mailbox(name)).items()}
                assert content == {key: {**doc, "_rev": None} for key, doc in box.items()}
            restored.pens = town.pens
            new = await restored.capture("lucia", "lampara", **inside(1))
            # Nothing shows that the ledger is younger than the backup.
            assert (await restored.report(new))["folio"] == f"VP-{3 + SKIPPED + 1:06d}"
            assert (await restored.report(reports[0]))["folio"] == "VP-000001"
    blobs = FolderBlobStore(settings.data_dir / "evidence")
    assert b"".join([piece async for piece in blobs.read(photo)]) == picture(seed=1)


async def test_a_backup_is_consistent_while_work_comes_in(town: Municipality, tmp_path: Path) -> None:
    pen = await town.pen("lucia")
    events = [pen.capture("lampara", **inside(1)) for _ in range(30)]
    blobs = FolderBlobStore(town.folder / "evidence")

    async def work() -> None:
        for event in events:
            await town.push(event)

    task = asyncio.create_task(work())
    # Begin in the midst of it: once the first records are there.
    await town.databases.cases.wait_for_change("0", 30)
    done = await back_up(town.databases, blobs, tmp_path / "b", town.clock)
    await task
    settings = elsewhere(tmp_path, town)
    await restore(done.folder, settings, town.clock)
    async with await open_engine(settings.data_dir / "engine") as engine:
        databases = await Databases.open(engine)
        page = await databases.cases.all_docs(
            AllDocsQuery(startkey="record:", endkey="record:\uffff", include_docs=True)
        )
        admissions = {orjson.loads(row.doc)["admission"] for row in page.rows if row.doc}
        # What counts as backed up is there, whole.
        assert set(range(1, done.admission + 1)) <= admissions
        restored = Municipality(engine, settings.data_dir)
        restored.clock = town.clock
        async with restored:
            restored.pens = town.pens
            await restored.intake.run_until_idle()
            await restored.push(*events)
            folios = {(await restored.report(subject_of(event)))["folio"] for event in events}
            original = {(await town.report(subject_of(event)))["folio"] for event in events}
            assert folios == original
            assert await findings(engine, town) == []


async def test_an_older_backup_reissues_no_folio_even_without_the_ledger(
    town: Municipality, tmp_path: Path
) -> None:
    await town.capture("lucia", "lampara", **inside(1))
    done = await back_up(
        town.databases, FolderBlobStore(town.folder / "evidence"), tmp_path / "b", town.clock
    )
    pen = await town.pen("lucia")
    lost = pen.capture("lampara", **inside(1))
    await town.push(lost)
    settings = elsewhere(tmp_path, town, ledger=False)
    await restore(done.folder, settings, town.clock)
    async with await open_engine(settings.data_dir / "engine") as engine:
        restored = Municipality(engine, settings.data_dir)
        restored.clock = town.clock
        async with restored:
            restored.pens = town.pens
            await restored.push(lost)
            assert (await restored.report(subject_of(lost)))["folio"] == "VP-010002"


async def test_nothing_is_written_over(town: Municipality, tmp_path: Path) -> None:
    blobs = FolderBlobStore(town.folder / "evidence")
    done = await back_up(town.databases, blobs, tmp_path / "b", town.clock)
    with pytest.raises(IntakeRunning):
        await restore(done.folder, Settings(data_dir=town.folder), town.clock)
    other = tmp_path / "other"
    (other / "engine").mkdir(parents=True)
    (other / "engine" / "something").touch()
    with pytest.raises(BackupError, match="holds data already"):
        await restore(done.folder, Settings(data_dir=other), town.clock)
    with pytest.raises(BackupError, match="no finished backup"):
        await restore(tmp_path, Settings(data_dir=tmp_path / "third"), town.clock)
    with pytest.raises(BackupError, match="exists already"):
        await back_up(town.databases, blobs, tmp_path / "b", town.clock)


async def test_a_backup_that_lacks_a_photo_counts_for_nothing(town: Municipality, tmp_path: Path) -> None:
    await town.capture("lucia", "lampara", **inside(1))
    photo = await keep_photo(town)
    blobs = FolderBlobStore(town.folder / "evidence")
    await blobs.delete(photo)
    with pytest.raises(BackupError, match=photo):
        await back_up(town.databases, blobs, tmp_path / "b", town.clock)
    assert (await epochs.read(town.databases.cases)).admission == 0
    assert await last_backup(town.databases.cases) is None
    assert [path.name for path in (tmp_path / "b").iterdir() if path.name != "blobs"] == [
        "2026-11-23T160509123Z.unfinished"
    ]


@pytest.mark.parametrize("room", [0, 4_096, 20_000, 60_000, 100_000])
async def test_a_backup_on_a_full_disk_is_one_sentence_and_leaves_nothing(
    town: Municipality, tmp_path: Path, room: int
) -> None:
    await town.capture("lucia", "lampara", **inside(1))
    await keep_photo(town)
    blobs, root = FolderBlobStore(town.folder / "evidence"), tmp_path / "backups"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))  # no file may grow beyond it
    try:
        with pytest.raises(BackupError) as refused:
            await back_up(town.databases, blobs, root, town.clock)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(refused.value).startswith(f"{root} could not be written; nothing was backed up.")
    assert "\n" not in str(refused.value)
    assert [path for path in root.glob("*") if path.name != "blobs"] == []
    assert [path for path in root.rglob("*.part") if path.is_file()] == []
    done = await back_up(town.databases, blobs, root, town.clock)
    assert (done.photos, done.documents["cases"] > 0) == (1, True)


async def test_the_second_backup_copies_only_new_photos(town: Municipality, tmp_path: Path) -> None:
    blobs = FolderBlobStore(town.folder / "evidence")
    first = await keep_photo(town, 1)
    await back_up(town.databases, blobs, tmp_path / "b", town.clock)
    kept = FolderBlobStore(tmp_path / "b").path(first)
    stamp = kept.stat().st_mtime_ns
    second = await keep_photo(town, 2)
    town.clock.advance(hours=1)
    done = await back_up(town.databases, blobs, tmp_path / "b", town.clock)
    assert done.photos == 2
    assert kept.stat().st_mtime_ns == stamp
    assert FolderBlobStore(tmp_path / "b").path(second).exists()


async def test_old_backups_go_and_their_photos_stay(town: Municipality, tmp_path: Path) -> None:
    blobs = FolderBlobStore(town.folder / "evidence")
    photo = await keep_photo(town)
    made = []
    for _ in range(3):
        made.append((await back_up(town.databases, blobs, tmp_path / "b", town.clock)).folder)
        town.clock.advance(hours=1)
    assert prune(tmp_path / "b", 2) == made[:1]
    assert not made[0].exists()
    await restore(made[2], elsewhere(tmp_path, town), town.clock)
    assert FolderBlobStore(tmp_path / "restored" / "evidence").path(photo).exists()


async def test_a_redacted_photo_leaves_with_the_last_backup_that_held_it(
    town: Municipality, tmp_path: Path
) -> None:
    blobs, root = FolderBlobStore(town.folder / "evidence"), tmp_path / "b"
    kept, erased = await keep_photo(town, 1), await keep_photo(town, 2)
    await back_up(town.databases, blobs, root, town.clock)
    assert await redact_photo(town.databases.evidence, blobs, town.clock, erased, "ARCO 7")
    town.clock.advance(hours=1)
    await back_up(town.databases, blobs, root, town.clock)

    def held() -> list[str]:
        """Read from the folder itself."""
        return sorted({file.name[:64] for file in (root / "blobs").rglob("*") if file.is_file()})

    # The first backup still names it, and could not be restored without it.
    assert await sweep_photos(root) == 0
    assert held() == sorted([kept, erased])
    assert len(prune(root, 1)) == 1
    # A backup under way may name anything.
    (root / "later.unfinished").mkdir()
    assert await sweep_photos(root) is None
    assert held() == sorted([kept, erased])
    (root / "later.unfinished").rmdir()
    assert await sweep_photos(root) == 1 + len(WIDTHS)
    assert held() == [kept]
    assert await sweep_photos(root) == 0


@pytest.fixture
async def couch(couch_prefix: str) -> AsyncIterator[Engine]:
    async with await open_couchdb(os.environ["COUCHDB_URL"], prefix=couch_prefix) as engine:
        yield engine


class Cut(Exception):
    """Stands for a process that ends."""


class CutShort:
    """A target whose making ends at one of its databases."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self._name = engine, name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def ensure(self, name: str) -> Any:
        if name == self._name:
            raise Cut
        return await self._engine.ensure(name)


@pytest.mark.parametrize("at", [*ORDER[1:], "mailboxes"])
async def test_a_migration_cut_short_is_run_again(town: Municipality, tmp_path: Path, at: str) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))

    def end(*_: object) -> None:
        raise Cut

    async with await open_engine(tmp_path / "target") as target:
        await town.intake.close()
        into = target if at == "mailboxes" else cast(Engine, CutShort(target, at))
        with pytest.raises(Cut):
            await migrate(town.engine, into, town.folder, town.clock, end)
        # Meanwhile the source goes on: what the target has is of its past.
        town.intake = await town.open_intake()
        await town.act("luz1", "started", report)
        await town.intake.close()
        await migrate(town.engine, target, town.folder, town.clock)
        assert await truth(target) == await truth(town.engine)
        assert await findings(target, town) == []
        with pytest.raises(MigrationError, match="with content"):
            await migrate(town.engine, target, town.folder, town.clock)
    town.intake = await town.open_intake()


async def test_a_migration_throws_away_only_what_it_made(town: Municipality, tmp_path: Path) -> None:
    await town.capture("lucia", "lampara", **inside(1))
    await town.intake.close()
    async with await open_engine(tmp_path / "target") as target:
        with pytest.raises(Cut):
            await migrate(town.engine, cast(Engine, CutShort(target, "accounts")), town.folder, town.clock)
        inbox = await target.open("inbox")
        await inbox.put({"_id": "of-somebody", "schema": "receipt.v1"})
        with pytest.raises(MigrationError, match="of-somebody"):
            await migrate(town.engine, target, town.folder, town.clock)
        assert (await inbox.get("of-somebody"))["_id"] == "of-somebody"
        assert (await (await target.open("cases")).info()).doc_count > 0
    async with await open_engine(tmp_path / "other") as target:
        await (await target.ensure("registry")).put({"_id": "theirs"})
        with pytest.raises(MigrationError, match="registry with content"):
            await migrate(town.engine, target, town.folder, town.clock)
    town.intake = await town.open_intake()


@pytest.mark.couchdb
async def test_a_municipality_moves_to_couchdb_and_goes_on(
    town: Municipality, tmp_path: Path, couch: Engine
) -> None:
    reports = [await town.capture("lucia", "lampara", **inside(1)) for _ in range(3)]
    await town.act("luz1", "started", reports[0])
    before, epoch = await truth(town.engine), await epochs.read(town.databases.cases)
    with pytest.raises(IntakeRunning):
        await migrate(town.engine, couch, town.folder, town.clock)
    await town.intake.close()
    done = await migrate(town.engine, couch, town.folder, town.clock)
    assert await truth(couch) == before
    assert done.documents["inbox"] == 4
    assert await findings(couch, town) == []
    with pytest.raises(MigrationError, match="with content"):
        await migrate(town.engine, couch, town.folder, town.clock)
    moved = Municipality(couch, town.folder)
    moved.clock = town.clock
    async with moved:
        moved.pens = town.pens
        assert (await epochs.read(moved.databases.cases)).epoch != epoch.epoch
        new = await moved.capture("lucia", "lampara", **inside(1))
        assert (await moved.report(new))["folio"] == "VP-000004"
        assert await findings(couch, town) == []
    await town.open_intake()


@pytest.mark.couchdb
async def test_a_couchdb_is_backed_up_and_restored_into_either(
    couch: Engine, couch_prefix: str, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    async with Municipality(couch, folder) as town:
        report = await town.capture("lucia", "lampara", **inside(1))
        before = await truth(couch)
        done = await back_up(town.databases, FolderBlobStore(folder / "evidence"), tmp_path / "b", town.clock)
        settings = elsewhere(tmp_path, town)
    await restore(done.folder, settings, town.clock)
    async with await open_engine(settings.data_dir / "engine") as engine:
        assert await truth(engine) == before
        restored = Municipality(engine, settings.data_dir)
        restored.clock = town.clock
        async with restored:
            restored.pens = town.pens
            await restored.intake.run_until_idle()
            assert await truth(engine) == before
            assert await findings(engine, town) == []
            assert (await restored.report(report))["folio"] == "VP-000001"
            new = await restored.capture("lucia", "lampara", **inside(1))
            assert (await restored.report(new))["folio"] == "VP-000002"
    again = Settings(data_dir=tmp_path / "again")
    with pytest.raises(BackupError, match="already"):
        await restore(done.folder, again, town.clock, couch)
    async with await open_couchdb(os.environ["COUCHDB_URL"], prefix=couch_prefix + "b-") as other:
        await restore(done.folder, again, town.clock, other)
        async with Municipality(other, again.data_dir) as restored:
            await restored.intake.run_until_idle()
            assert await truth(other) == before
            assert await findings(other, town) == []


@pytest.mark.parametrize("ledger", ["survived", "as old as the backup", "between two backups", "missing"])
@pytest.mark.parametrize("before", [0, 2])
async def test_a_restore_gives_no_folio_twice_whatever_the_ledger(
    town: Municipality, tmp_path: Path, ledger: str, before: int
) -> None:
    """Folios given after the backup were read aloud, and the phones of their reports are not back."""
    file, blobs = town.folder / LEDGER_FILE, FolderBlobStore(town.folder / "evidence")
    settings = elsewhere(tmp_path, town, ledger=False)
    for _ in range(before):
        await town.capture("lucia", "lampara", **inside(1))
    if ledger == "as old as the backup" and file.exists():
        shutil.copy(file, settings.data_dir)
    done = await back_up(town.databases, blobs, tmp_path / "b", town.clock)
    assert (done.folio, read_manifest(done.folder).folio) == (before, before)
    given = {(await town.report(await town.capture("marta", "lampara", **inside(2))))["folio"]}
    if ledger == "between two backups":
        shutil.copy(file, settings.data_dir)
        given.add((await town.report(await town.capture("marta", "lampara", **inside(2))))["folio"])
        town.clock.advance(hours=1)
        await back_up(town.databases, blobs, tmp_path / "b", town.clock)
    elif ledger == "survived":
        shutil.copy(file, settings.data_dir)
    _, skipped = await restore(done.folder, settings, town.clock)
    highest = before + len(given)
    expected = {
        "survived": None,
        "as old as the backup": before + SKIPPED,
        "between two backups": highest + SKIPPED,
        "missing": before + SKIPPED,
    }
    assert skipped == expected[ledger]
    async with await open_engine(settings.data_dir / "engine") as engine:
        restored = Municipality(engine, settings.data_dir)
        restored.clock, restored.pens = town.clock, town.pens
        async with restored:
            new = (await restored.report(await restored.capture("lucia", "lampara", **inside(1))))["folio"]
            assert new not in given
            assert new == f"VP-{(highest if skipped is None else skipped) + 1:06d}"


def test_a_number_passed_over_proves_nothing_of_a_ledgers_age(tmp_path: Path) -> None:
    """After an earlier restore it counts from far above what was given."""
    (tmp_path / LEDGER_FILE).write_text("2 0192f3a0-0001-7000-8000-000000000001\nskip 10002\n")
    assert Ledger.doubt(tmp_path, 2) == 10_002 + SKIPPED
    assert Ledger.doubt(tmp_path, 1) is None


async def test_what_a_restore_lost_counts_whenever_it_comes_back(town: Municipality, tmp_path: Path) -> None:
    """Finished, lost, and brought back a month later, after somebody else's note: it is finished still."""
    report = await town.capture("lucia", "lampara", **inside(1))
    for account in ("luz1", "norma"):
        await town.pen(account)  # enrolled before the backup
    settings = elsewhere(tmp_path, town)
    done = await back_up(
        town.databases, FolderBlobStore(town.folder / "evidence"), tmp_path / "b", town.clock
    )
    town.clock.advance(hours=1)
    finished = await town.act("luz1", "finished", report, {"done": "foco"})
    town.clock.advance(hours=1)
    noted = await town.act("lucia", "noted", report, {"text": "gracias"}, based_on=[])
    town.clock.advance(hours=1)
    await restore(done.folder, settings, town.clock)
    async with await open_engine(settings.data_dir / "engine") as engine:
        restored = Municipality(engine, settings.data_dir)
        restored.clock, restored.pens = town.clock, town.pens
        async with restored:
            await epochs.backed_up(restored.databases.cases, 5)
            town.clock.advance(days=30)
            await restored.push(noted)
            await restored.push(finished)
            stored = await restored.report(report)
            assert (stored["status"], "late" in stored["flags"]) == ("finished", False)
            town.clock.advance(days=1)
            await restored.act("lucia", "noted", report, {"text": "hoy"})
            old = (await restored.pen("norma")).event(
                "noted", report, {"text": "ayer"}, at=town.clock.now() - timedelta(days=20)
            )
            await restored.push(old)
            assert "late" in (await restored.report(report))["flags"]
