"""A backup while the service runs: the truth's databases, then every photo they name.

Law: the admission number that counts as backed up is read from the copy itself, and told to the phones only
when everything is on the disk. A photo's bytes are durable before its document is written, so no copied
document can name bytes that are not there. The folio ledger is left out on purpose: it is what keeps folios
unique when an older backup comes back.

A backup is a folder ``<root>/<moment>/`` with ``engine/`` (an embedded engine's data folder) and
``backup.json``; the photos of all backups share ``<root>/blobs/``, since they never change, and leave it with
the last backup that names them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from server.clock import Clock
from server.documents.ids import blob_id
from server.evidence.blobstore import FolderBlobStore, derivative
from server.evidence.examination import WIDTHS
from server.instants import say
from server.intake.writing import checkpoint as checkpoints
from server.operations.refused import OperationRefused
from server.store import epoch as epochs
from server.store.databases import Databases
from server.store.scan import scan
from sync.embedded import open_engine
from sync.errors import NotFound, NotImplementedHere, StorageFull
from sync.interface import AllDocsQuery, Database, Engine
from sync.replicator import Options, Replication

MANIFEST = "backup.json"
#: What a CouchDB's copy reads first is the most derived: whatever arrives meanwhile is in what is read later,
#: and intake takes it in again after a restore.
ORDER = ("cases", "inbox", "citizens", "registry", "accounts", "reference", "office", "evidence")
_PAGE = 1_000
_STATE = "backup"
#: How the name of a backup ends that is being made, or was cut short.
_UNFINISHED = ".unfinished"


class BackupError(OperationRefused):
    """The text is the sentence for the operator; nothing counts as backed up."""


@dataclass(frozen=True, slots=True)
class Backup:
    """``admission``: every record up to this number is in it. ``documents``: live ones by database.

    ``folio``: the highest folio's number in it; 0 where there is none, or it is a backup of before this was
    noted.
    """

    folder: Path
    epoch: str
    admission: int
    made_at: str
    documents: dict[str, int]
    photos: int
    folio: int = 0


async def back_up(databases: Databases, blobs: FolderBlobStore, root: Path, clock: Clock) -> Backup:
    """Make a backup under ``root`` and note it. Raises ``BackupError``."""
    made_at = say(clock.now())
    folder = root / made_at.replace(":", "").replace(".", "")
    if folder.exists():
        raise BackupError(f"{folder} exists already.")
    epoch = (await epochs.read(databases.cases)).epoch
    unfinished = folder.with_name(folder.name + _UNFINISHED)
    try:
        await asyncio.to_thread(_prepare, unfinished)
        backup = await _copy_whole(databases, blobs, Backup(folder, epoch, 0, made_at, {}, 0), unfinished)
        await asyncio.to_thread(_finish, unfinished, backup)
    except (OSError, StorageFull) as error:
        for half in (unfinished, folder):
            await asyncio.to_thread(shutil.rmtree, half, ignore_errors=True)
        raise BackupError(f"{root} could not be written; nothing was backed up. {error}") from error
    await epochs.backed_up(databases.cases, backup.admission)
    await _note(databases.cases, {"at": made_at, "admission": backup.admission})
    return backup


async def _copy_whole(
    databases: Databases, blobs: FolderBlobStore, backup: Backup, unfinished: Path
) -> Backup:
    """Everything but the manifest; gives what it will say."""
    await copy_databases(databases, unfinished / "engine")
    async with await open_engine(unfinished / "engine") as copied:
        evidence = await copied.open("evidence")
        photos = await copy_photos(evidence, blobs, FolderBlobStore(backup.folder.parent))
        admission, folio = await counted(await copied.open("cases"))
        documents = {name: (await (await copied.open(name)).info()).doc_count for name in ORDER}
    return replace(backup, admission=admission, documents=documents, photos=photos, folio=folio)


def _prepare(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


async def copy_databases(databases: Databases, target: Path) -> None:
    """The truth into a new embedded data folder: at one moment, or in ``ORDER`` from a CouchDB."""
    try:
        await databases.engine.backup(str(target))
        return
    except NotImplementedHere:
        pass
    async with await open_engine(target) as engine:
        await replicate_truth(databases, engine)
        # Not those of ``cases``: intake's place is a sequence of the other engine. It starts again from the
        # beginning of the inbox and finds everything done.
        await copy_local(databases.accounts, await engine.open("accounts"))


async def counted(cases: Database) -> tuple[int, int]:
    """The number up to which a copy holds every record, and its highest folio's."""
    found, holes, _ = await checkpoints.count_on(cases, checkpoints.Checkpoint())
    return holes[0] - 1 if holes else found.admission, found.folio


def later_folio(backup: Backup) -> int:
    """The highest folio's number that any backup beside this one shows."""
    highest = backup.folio
    for path in backup.folder.parent.glob(f"*/{MANIFEST}"):
        try:
            highest = max(highest, read_manifest(path.parent).folio)
        except BackupError:
            pass  # Another version's: it says nothing here.
    return highest


async def replicate_truth(databases: Databases, target: Engine, prefix: str = "") -> dict[str, int]:
    """Every database of the truth into ``target``; gives the documents written by database.

    Raises ``BackupError`` where a document was refused.
    """
    written = {}
    for name in ORDER:
        copy = await target.ensure(prefix + name)
        result = await Replication(getattr(databases, name), copy, Options(use_checkpoints=False)).run()
        if result.progress.doc_write_failures:
            doc_id, _, reason = result.progress.refused[0]
            raise BackupError(f"{name}: {doc_id} could not be copied: {reason}")
        written[name] = result.progress.docs_written
    return written


async def copy_local(source: Database, target: Database) -> None:
    """The ``_local`` documents, which replication leaves behind."""
    page = await source.local_docs(AllDocsQuery(include_docs=True))
    for row in page.rows:
        if row.doc is not None:
            doc = orjson.loads(row.doc)
            bare = {key: value for key, value in doc.items() if key not in ("_id", "_rev")}
            await put_local(target, row.id.removeprefix("_local/"), bare)


async def put_local(database: Database, local_id: str, doc: dict[str, Any]) -> None:
    """Write a ``_local`` document over whatever is there."""
    try:
        doc = {**doc, "_rev": (await database.get_local(local_id))["_rev"]}
    except NotFound:
        pass
    await database.put_local(local_id, doc)


async def photo_names(evidence: Database) -> list[str]:
    """The blobs that the evidence database names: originals, and derivatives of those judged sound."""
    names: list[str] = []
    async for row in scan(evidence, "blob:"):
        doc = row.read()
        if "redacted_at" in doc:
            continue
        names.append(doc["sha256"])
        if doc["verdict"] == "ok":
            names += [derivative(doc["sha256"], width) for width in WIDTHS]
    return names


async def copy_photos(evidence: Database, source: FolderBlobStore, target: FolderBlobStore) -> int:
    """Copy what ``target`` lacks; gives how many photos (originals) there are. Raises ``BackupError``."""
    originals = 0
    for name in await photo_names(evidence):
        originals += len(name) == 64
        if await target.size(name) is not None:
            continue
        if await source.size(name) is None:
            raise BackupError(f"The photo {name} is missing from the evidence folder.")
        part = target.path(name).with_name(name + ".part")
        try:
            await asyncio.to_thread(_copy, source.path(name), part)
            await target.put_file(name, part)
        except OSError:
            part.unlink(missing_ok=True)
            raise
    return originals


def _copy(source: Path, part: Path) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, part)


def _finish(unfinished: Path, backup: Backup) -> None:
    """The manifest, then the name that says it is whole."""
    facts = {
        "schema": "backup.v1",
        "made_at": backup.made_at,
        "epoch": backup.epoch,
        "admission": backup.admission,
        "documents": backup.documents,
        "photos": backup.photos,
        "folio": backup.folio,
    }
    with (unfinished / MANIFEST).open("wb") as file:
        file.write(orjson.dumps(facts, option=orjson.OPT_INDENT_2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, backup.folder)
    handle = os.open(backup.folder.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _note(cases: Database, state: dict[str, Any]) -> None:
    await put_local(cases, _STATE, state)


async def last_backup(cases: Database) -> str | None:
    """When the last backup of these databases ended."""
    try:
        return str((await cases.get_local(_STATE))["at"])
    except NotFound:
        return None


def prune(root: Path, keep: int) -> list[Path]:
    """Delete all but the newest ``keep`` finished backups under ``root``; gives what went."""
    finished = sorted(path.parent for path in root.glob(f"*/{MANIFEST}") if not path.parent.suffix)
    gone = finished[:-keep] if keep else []
    for folder in gone:
        shutil.rmtree(folder)
    return gone


async def sweep_photos(root: Path) -> int | None:
    """Delete the photos under ``root`` that none of its backups names: what was redacted ends with the last
    backup that held it. Gives how many files went.

    None, and nothing is deleted, while an unfinished backup lies there: what it will name is not known yet.
    """
    if await asyncio.to_thread(lambda: any(root.glob("*" + _UNFINISHED))):
        return None
    blobs = FolderBlobStore(root)
    manifests = await asyncio.to_thread(lambda: sorted(root.glob(f"*/{MANIFEST}"), reverse=True))
    unnamed = await blobs.names()
    for manifest in manifests:
        if not unnamed:
            return 0
        # The newest names all but what was redacted: the older ones are asked for little.
        async with await open_engine(manifest.parent / "engine") as engine:
            unnamed = await _unnamed(await engine.open("evidence"), unnamed)
    for name in unnamed:
        await blobs.delete(name)
    return len(unnamed)


async def _unnamed(evidence: Database, names: list[str]) -> list[str]:
    """Those of the blobs, derivatives among them, whose photo the evidence database lacks or has redacted."""
    left: list[str] = []
    for start in range(0, len(names), _PAGE):
        some = names[start : start + _PAGE]
        docs = await evidence.get_many(sorted({blob_id(name[:64]) for name in some}))
        live = {doc["sha256"] for doc in docs.values() if "redacted_at" not in doc}
        left += [name for name in some if name[:64] not in live]
    return left


def read_manifest(folder: Path) -> Backup:
    """What a backup says of itself. Raises ``BackupError`` for a folder that holds none."""
    try:
        facts = orjson.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise BackupError(f"{folder} holds no finished backup ({MANIFEST} is missing).") from None
    if facts.get("schema") != "backup.v1":
        raise BackupError(f"{folder}: a backup of another version ({facts.get('schema')}).")
    return Backup(
        folder,
        facts["epoch"],
        facts["admission"],
        facts["made_at"],
        facts["documents"],
        facts["photos"],
        facts.get("folio", 0),
    )
