"""Moving a municipality from the embedded engine to a CouchDB.

Law: intake is stopped and the inbox empty before the first document moves, so that nothing is in between; the
target must be empty, or hold only what an earlier try of the same source was cut short over; every database
is compared, revision by revision, before the move is called done. Photos and the folio ledger stay in the
data folder, which the service goes on using. The source is only read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.accounts.directory import Directory
from server.certainty import WatchedClock
from server.clock import Clock
from server.intake.running.intake import Intake
from server.intake.running.lock import IntakeLock
from server.intake.writing import checkpoint as checkpoints
from server.operations.backup import ORDER, copy_local, put_local, replicate_truth
from server.operations.refused import OperationRefused
from server.operations.restore import remake_mailboxes
from server.store import epoch as epochs
from server.store.databases import Databases
from sync.errors import NotFound
from sync.interface import ChangesQuery, Database, Engine

Progress = Callable[[str, int, int], None]
_PAGE = 2_000
#: ``_local`` document of the target's ``cases`` while a move is under way: of which source.
_UNDER_WAY = "migration"


class MigrationError(OperationRefused):
    """The text is the sentence for the operator; the source is as it was."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """Documents written by database, and documents in the new mailboxes."""

    documents: dict[str, int]
    mailbox_documents: int


async def migrate(
    source: Engine, target: Engine, folder: Path, clock: Clock, progress: Progress | None = None
) -> Migrated:
    """Move everything from ``source`` to ``target``; ``folder`` is the data folder, whose lock is
    held meanwhile.

    Raises ``MigrationError``, and ``IntakeRunning`` while a service runs.
    """
    databases = await Databases.open(source)
    await _make_way(databases, target)
    directory = Directory(databases.accounts)
    await directory.start()
    try:
        intake = Intake(databases, directory, clock, folder, certain=WatchedClock(folder, clock))
        await intake.open()
        try:
            await intake.run_until_idle()
        finally:
            await intake.close()
    finally:
        await directory.stop()
    with IntakeLock(folder):
        documents = await replicate_truth(databases, target)
        moved = await Databases.open(target)
        for name in ORDER:
            await compare(name, getattr(databases, name), getattr(moved, name))
        await copy_local(databases.accounts, moved.accounts)
        await _carry_checkpoint(await checkpoints.read(databases.cases), moved)
        mailbox_documents = await remake_mailboxes(moved, clock, progress)
        # Nothing of the new epoch is backed up: the old backups are of another engine's life.
        await epochs.renew(moved.cases)
        await moved.cases.delete_local(_UNDER_WAY)
        return Migrated(documents, mailbox_documents)


async def _make_way(databases: Databases, target: Engine) -> None:
    """Leave the target empty and marked. Raises ``MigrationError`` where it holds what is not this move's."""
    ours = {"source": await databases.cases.identity()}
    filled: dict[str, Database] = {}
    for name in await target.names():
        if name in ORDER:
            database = await target.open(name)
            info = await database.info()
            if info.doc_count + info.doc_del_count:
                filled[name] = database
    if filled and await _mark(target) != ours["source"]:
        raise MigrationError(f"The target already has a database {min(filled)} with content.")
    for name, database in filled.items():
        # The mark was set on an empty target; what came to it since from elsewhere is nobody's to throw away.
        if foreign := await _unknown(await _leaves(database), getattr(databases, name)):
            raise MigrationError(
                f"The target's {name} holds {foreign}, which is not here: nothing was touched."
            )
    for name in sorted(filled, key=lambda name: name == "cases"):  # the mark goes last
        await target.delete(name)
    await put_local(await target.ensure("cases"), _UNDER_WAY, ours)


async def _mark(target: Engine) -> str | None:
    """Of which source the target holds a move that was cut short."""
    try:
        return str((await (await target.open("cases")).get_local(_UNDER_WAY))["source"])
    except NotFound:
        return None


async def _unknown(leaves: dict[str, tuple[str, ...]], source: Database) -> str | None:
    """A document of which the source lacks a revision, and never had it."""
    names = sorted(leaves)
    for start in range(0, len(names), _PAGE):
        missing = await source.revs_diff({name: leaves[name] for name in names[start : start + _PAGE]})
        if missing:
            return min(missing)
    return None


async def _carry_checkpoint(done: checkpoints.Checkpoint, moved: Databases) -> None:
    """All that moved is done: intake goes on after it, with the counters it had."""
    places = {
        name: (await getattr(moved, name).changes(ChangesQuery(since="now", limit=1))).last_seq
        for name in ("inbox", "evidence", "cases")
    }
    await checkpoints.write(
        moved.cases,
        checkpoints.Checkpoint(
            places["inbox"], places["evidence"], places["cases"], done.admission, done.folio
        ),
    )


async def compare(name: str, source: Database, target: Database) -> None:
    """Raises ``MigrationError`` unless both hold the same leaves of the same documents."""
    ours, theirs = await _leaves(source), await _leaves(target)
    if ours != theirs:
        different = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
        raise MigrationError(f"{name}: {len(different)} documents differ, the first is {different[0]}.")


async def _leaves(database: Database) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    since = "0"
    while True:
        page = await database.changes(ChangesQuery(since=since, limit=_PAGE, all_leaves=True))
        found |= {row.id: tuple(sorted(row.revs)) for row in page.rows}
        since = page.last_seq
        if len(page.rows) < _PAGE:
            return found
