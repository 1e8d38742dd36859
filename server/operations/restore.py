"""A backup becomes the municipality again.

Law: a restore never writes over data: the place it goes to must be empty. It begins a new epoch, so every
phone offers again what it still holds, and pulls its mailbox anew; what the phones had delivered after the
backup comes back from them under the same event ids, with the same folios where the ledger survived. A ledger
that may be as old as the backup is told from one that survived, and numbers are passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from server.accounts.directory import Directory
from server.clock import Clock
from server.delivery.audit import rebuild, view
from server.evidence.blobstore import FolderBlobStore
from server.instants import say
from server.intake.running.lock import IntakeLock
from server.intake.writing.ledger import Ledger
from server.operations.backup import (
    Backup,
    BackupError,
    copy_local,
    copy_photos,
    counted,
    later_folio,
    read_manifest,
    replicate_truth,
)
from server.settings import Settings
from server.store import epoch as epochs
from server.store.databases import Databases
from sync.embedded import open_engine, restore_engine
from sync.interface import Engine

Progress = Callable[[str, int, int], None]


async def restore(
    folder: Path,
    settings: Settings,
    clock: Clock,
    target: Engine | None = None,
    progress: Progress | None = None,
) -> tuple[Backup, int | None]:
    """Restore the backup ``folder`` into ``settings.data_dir`` (or the CouchDB ``target``).

    Gives the backup, and after which number folios go on where the ledger did not survive; None where it did.
    Raises ``BackupError`` for what is no backup or a place that is not empty, ``IntakeRunning`` while a
    service runs there.
    """
    backup = await asyncio.to_thread(read_manifest, folder)
    data_dir = settings.data_dir
    await asyncio.to_thread(data_dir.mkdir, parents=True, exist_ok=True)
    with IntakeLock(data_dir):
        if target is not None:
            await _into_couchdb(folder, target)
            skipped = await _renew(target, backup, clock, folder, data_dir, progress)
        else:
            place = data_dir / "engine"
            if await asyncio.to_thread(lambda: place.exists() and any(place.iterdir())):
                raise BackupError(
                    f"{place} holds data already. Move it away first, and keep {data_dir}/folios.ledger."
                )
            await restore_engine(folder / "engine", place)
            async with await open_engine(place) as engine:
                skipped = await _renew(engine, backup, clock, folder, data_dir, progress)
    return backup, skipped


async def _into_couchdb(folder: Path, target: Engine) -> None:
    if "cases" in await target.names(prefix="cases"):
        raise BackupError("The CouchDB holds a municipality under this prefix already: take another prefix.")
    async with await open_engine(folder / "engine") as source:
        databases = await Databases.open(source)
        await replicate_truth(databases, target)
        await copy_local(databases.accounts, await target.open("accounts"))


async def _renew(
    engine: Engine, backup: Backup, clock: Clock, folder: Path, data_dir: Path, progress: Progress | None
) -> int | None:
    """Folios, photos, a new epoch and mailboxes made anew; the caller holds the intake's lock."""
    databases = await Databases.open(engine)
    _, folio = await counted(databases.cases)
    seen = await asyncio.to_thread(later_folio, backup)
    skipped = await asyncio.to_thread(Ledger.doubt, data_dir, max(folio, seen))
    photos = FolderBlobStore(data_dir / "evidence")
    await copy_photos(databases.evidence, FolderBlobStore(folder.parent), photos)
    await epochs.renew(databases.cases)
    await epochs.backed_up(databases.cases, backup.admission)
    await epochs.note_lost(databases.cases, backup.made_at, say(clock.now()))
    await remake_mailboxes(databases, clock, progress)
    return skipped


async def remake_mailboxes(databases: Databases, clock: Clock, progress: Progress | None = None) -> int:
    """Drop every mailbox and make it anew from the truth; gives the documents written."""
    for account, generation in await databases.mailboxes():
        await databases.drop_mailbox(account, generation)
    directory = Directory(databases.accounts)
    await directory.refresh()
    return await rebuild(databases, await view(databases, directory, clock), progress=progress)
