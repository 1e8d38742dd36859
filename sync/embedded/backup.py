"""A consistent copy of a data folder while it is written to.

Law: the database file is copied first, then every attachment file it names. Files are kept for a day after
their last row, so none that the copy names can vanish in between.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import apsw

from sync.embedded import schema
from sync.embedded.blobs import Blobs
from sync.errors import BadRequest, StorageFull


def copy(file: Path, blobs: Blobs, target: Path) -> None:
    """Into ``target``, which must be empty or new. Raises ``BadRequest`` if it is neither, and
    ``StorageFull`` where the disk refuses the copy, of which some may be left there.
    """
    try:
        _copy(file, blobs, target)
    except (OSError, apsw.FullError, apsw.IOError) as error:
        raise StorageFull(f"The disk refused the copy: {error}") from error


def _copy(file: Path, blobs: Blobs, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise BadRequest("The backup folder is not empty.")
    # Under another name until it is whole, so that a broken copy is not taken for a backup.
    unfinished = target / (schema.FILE_NAME + ".unfinished")
    source = schema.connect(file, writer=False)
    try:
        source.pragma("query_only", False)
        source.execute("VACUUM INTO ?", (str(unfinished),))
    finally:
        source.close()
    copied = schema.connect(unfinished, writer=True)
    try:
        names = [name for (name,) in copied.execute("SELECT DISTINCT hash FROM blob_refs")]
    finally:
        copied.close()
    kept = Blobs(target)
    for name in names:
        path = kept.path(name)
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(blobs.path(name), path)
        _sync(path)
    for folder in {kept.path(name).parent for name in names}:
        _sync(folder)
    _sync(unfinished)
    unfinished.rename(target / schema.FILE_NAME)
    _sync(target)


def restore(source: Path, target: Path) -> None:
    """A backup as a data folder, into ``target``, which must be empty or new.

    Its databases get new identities: whoever remembers a sequence of the lost ones is sent everything again,
    since what they wrote after the backup is not there (CouchDB's ``instance_start_time`` means the same).
    Raises ``BadRequest``.
    """
    if not (source / schema.FILE_NAME).is_file():
        raise BadRequest("The folder holds no finished backup.")
    copy(source / schema.FILE_NAME, Blobs(source), target)
    db = schema.connect(target / schema.FILE_NAME, writer=True)
    try:
        db.execute("UPDATE databases SET uuid = lower(hex(randomblob(16)))")
    finally:
        db.close()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
