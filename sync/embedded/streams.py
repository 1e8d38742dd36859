"""Attachments as streams: found, read in ranges, received, and put into or taken out of a document."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import orjson

from sync.draft import Draft, Given
from sync.embedded.attaching import Staging
from sync.embedded.blobs import CHUNK, Arrival, Staged
from sync.embedded.reading import named
from sync.embedded.record import Body, fetch, header, meta_of
from sync.errors import Conflict, NotFound, RangeNotSatisfiable
from sync.interface import Attachment, AttachmentMeta


def find(
    db: apsw.Connection, number: int, doc_id: str, name: str, rev: str | None
) -> tuple[AttachmentMeta, str]:
    """An attachment of the winner or of ``rev``, with its file's name. Raises ``NotFound``."""
    header(db, number)
    row = fetch(db, number, doc_id)
    if row is None:
        raise NotFound("missing")
    if rev is None:
        if row.deleted:
            raise NotFound("deleted")
        rev = row.rev
    body = named(db, number, row, rev)
    kept: dict[str, Any] = orjson.loads(body.atts) if body.atts else {}
    if name not in kept:
        raise NotFound("Document is missing attachment")
    return meta_of(name, kept[name]), kept[name]["hash"]


def read(meta: AttachmentMeta, path: Path, start: int | None, end: int | None) -> Attachment:
    """The stored bytes from ``start`` to ``end`` inclusive. Raises ``RangeNotSatisfiable``."""
    stored = meta.length if meta.encoded_length is None else meta.encoded_length
    first = 0 if start is None else start
    last = stored - 1 if end is None else min(end, stored - 1)
    if (start is not None or end is not None) and not 0 <= first <= last:
        raise RangeNotSatisfiable("Requested range not satisfiable")
    if not path.exists():
        raise NotFound("Document is missing attachment")
    return Attachment(meta, _chunks(path, first, last - first + 1))


async def _chunks(path: Path, first: int, left: int) -> AsyncIterator[bytes]:
    """Opened at the first read: a stream that nobody reads leaves nothing open."""
    loop = asyncio.get_running_loop()
    try:
        file = path.open("rb", buffering=0)
    except FileNotFoundError as error:
        raise NotFound("Document is missing attachment") from error
    try:
        file.seek(first)
        while left > 0:
            chunk = await loop.run_in_executor(None, file.read, min(CHUNK, left))
            if not chunk:
                raise NotFound("Document is missing attachment")
            left -= len(chunk)
            yield chunk
    finally:
        file.close()


async def receive(staging: Staging, draft: Draft, name: str, chunks: AsyncIterator[bytes]) -> None:
    """Write a stream to disk for ``draft``. Raises ``StorageFull`` or ``PreconditionFailed`` (digest)."""
    arrival = Arrival(staging.blobs)
    loop = asyncio.get_running_loop()
    gathered: list[bytes] = []
    size = 0

    def write(last: bool) -> Staged | None:
        arrival.write(b"".join(gathered))
        return arrival.finish() if last else None

    try:
        async for chunk in chunks:
            gathered.append(chunk)
            size += len(chunk)
            if size >= CHUNK:
                await loop.run_in_executor(None, write, False)
                gathered, size = [], 0
        staged = await loop.run_in_executor(None, write, True)
    except BaseException:
        arrival.drop()
        raise
    if staged is not None:
        staging.add(draft, name, staged)


def with_attachment(db: apsw.Connection, number: int, probe: Draft) -> Draft:
    """The document that ``probe`` updates, as an edit that keeps everything and adds its attachment."""
    base = _base(db, number, probe)
    atts = _stubs(base)
    atts.update(probe.attachments or {})
    if base is None:
        return Draft(probe.id, None, b"}", attachments=atts)
    return Draft(probe.id, probe.rev, base.body, attachments=atts)


def without_attachment(db: apsw.Connection, number: int, probe: Draft, name: str) -> Draft:
    """The same without one. Raises ``NotFound``."""
    base = _base(db, number, probe)
    atts = _stubs(base)
    if base is None or name not in atts:
        raise NotFound("Document is missing attachment")
    del atts[name]
    return Draft(probe.id, probe.rev, base.body, attachments=atts or None)


def _base(db: apsw.Connection, number: int, probe: Draft) -> Body | None:
    """What ``probe`` stands on; None for a document that begins with it. Raises ``Conflict``."""
    header(db, number)
    row = fetch(db, number, probe.id)
    if probe.rev is None:
        if row is not None and not row.deleted:
            raise Conflict
        return None
    if row is None:
        raise Conflict
    try:
        return named(db, number, row, probe.rev)
    except NotFound as error:
        raise Conflict from error


def _stubs(base: Body | None) -> dict[str, Given]:
    kept = orjson.loads(base.atts) if base is not None and base.atts else {}
    return {name: Given(one["content_type"], stub=True, digest=one["digest"]) for name, one in kept.items()}
