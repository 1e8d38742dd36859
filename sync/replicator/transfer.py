"""One batch of changes carried from source to target.

Law: returns only when every revision the target lacked is written there, or refused by it for good, or no
longer at the source. Anything else raises, and the batch may be repeated: nothing is written twice.
Source: CouchDB Replication Protocol, 2.4.2.4.3 "Calculate Revision Difference", 2.4.2.5 "Replicate Changes".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sync import jsontext
from sync.attachments import has_attachments, wanted
from sync.errors import (
    BadRequest,
    DatabaseNotFound,
    EngineError,
    Forbidden,
    NotFound,
    NotImplementedHere,
    PreconditionFailed,
    TooLarge,
    Unavailable,
)
from sync.interface import Attachment, BulkGetRequest, BulkGetRow, ChangeRow, Database, DocOptions, JsonBytes
from sync.replicator.progress import Progress

Json = dict[str, Any]

#: Revisions asked of the source at once. CouchDB answers about this many without holding much.
READ_AT_ONCE = 100
#: Bytes of documents written at once; CouchDB's own limit of one request is far above.
WRITE_AT_ONCE = 4 << 20

#: A row's error words by which a target refuses a document for good (CouchDB: validation, limits).
_FINAL = frozenset(
    {
        "forbidden",
        "unauthorized",
        "too_large",
        "document_too_large",
        "attachment_too_large",
        "bad_request",
        "illegal_docid",
        "doc_validation",
    }
)


class Transfer:
    """Carries batches between two databases and counts in ``progress``."""

    def __init__(self, source: Database, target: Database, progress: Progress) -> None:
        self._source = source
        self._target = target
        self._progress = progress
        self._bulk_get = True
        #: Documents read and not yet written, and their bytes.
        self._ready: list[JsonBytes] = []
        self._size = 0

    async def batch(self, rows: Sequence[ChangeRow]) -> None:
        # What a batch that failed had read is asked for again.
        self._ready, self._size = [], 0
        asked: dict[str, list[str]] = {}
        for row in rows:
            asked.setdefault(row.id, []).extend(row.revs)
        found = await self._target.revs_diff(asked)
        checked, missing = sum(map(len, asked.values())), sum(len(row.missing) for row in found.values())
        requests = [
            BulkGetRequest(doc_id, rev, row.possible_ancestors or None)
            for doc_id, row in found.items()
            for rev in row.missing
        ]
        for at in range(0, len(requests), READ_AT_ONCE):
            await self._carry(requests[at : at + READ_AT_ONCE])
        await self._flush()
        self._progress.missing_checked += checked
        self._progress.missing_found += missing

    async def _carry(self, requests: list[BulkGetRequest]) -> None:
        found = await self._fetch(requests)
        for request, rows in zip(requests, found, strict=True):
            for row in rows:
                if row.doc is None:
                    if row.error not in (None, "not_found", "missing"):
                        raise Unavailable(
                            f"The source cannot read {row.id} {row.rev}: {row.error} {row.reason}"
                        )
                    continue  # purged or superseded since the feed was read: the feed tells of it again
                self._progress.docs_read += 1
                self._progress.bytes += len(row.doc)
                if has_attachments(row.doc) and (doc := jsontext.loads(row.doc)).get("_attachments"):
                    await self._with_attachments(doc, request)
                    continue
                self._ready.append(row.doc)
                self._size += len(row.doc)
                if self._size >= WRITE_AT_ONCE:
                    await self._flush()

    async def _flush(self) -> None:
        docs, self._ready, self._size = self._ready, [], 0
        await self._write(docs)

    async def _fetch(self, requests: list[BulkGetRequest]) -> list[list[BulkGetRow]]:
        """2.4.2.5.1: the revisions with their history, without attachments."""
        if self._bulk_get:
            try:
                # What the target has of the attachments matters when they are sent; asked for here, a CouchDB
                # would answer with their bytes.
                stubs = [request._replace(atts_since=None) for request in requests]
                return await self._source.bulk_get(stubs, revs=True, latest=True)
            except DatabaseNotFound:
                raise
            except (NotFound, NotImplementedHere, BadRequest):
                self._bulk_get = False  # an older server: one document at a time
        options = DocOptions(revs=True, latest=True)
        return [
            await self._source.open_revs(request.id, [request.rev] if request.rev else "all", options)
            for request in requests
        ]

    async def _write(self, docs: list[JsonBytes]) -> None:
        """2.4.2.5.2: as they are, in one durable step."""
        if not docs:
            return
        try:
            rows = await self._target.bulk_docs(docs, new_edits=False)
        except TooLarge as error:
            if len(docs) == 1:
                self._refused(jsontext.loads(docs[0]), error)
                return
            half = len(docs) // 2
            await self._write(docs[:half])
            await self._write(docs[half:])
            return
        failed = [row for row in rows if not row.ok]
        for row in failed:
            if row.error not in _FINAL:
                raise Unavailable(f"The target did not store {row.id}: {row.error} {row.reason}")
        for row in failed:
            self._progress.refuse(row.id, row.rev or "", f"{row.error}: {row.reason}")
        self._progress.docs_written += len(docs) - len(failed)

    async def _with_attachments(self, doc: Json, request: BulkGetRequest) -> None:
        """2.4.2.5.3: the document and the attachments the target lacks, streamed."""
        try:
            try:
                await self._send(doc, wanted(doc, request.atts_since))
            except PreconditionFailed:
                # The target lacks an attachment it was thought to have from an ancestor: all are sent.
                await self._send(doc, list(doc["_attachments"]))
        except (Forbidden, TooLarge, BadRequest) as error:
            self._refused(doc, error)
        else:
            self._progress.docs_written += 1

    async def _send(self, doc: Json, names: list[str]) -> None:
        entries = {name: dict(stub) for name, stub in doc["_attachments"].items()}
        attachments: list[Attachment] = []
        for name in names:
            attachment = await self._source.get_attachment(doc["_id"], name, rev=doc["_rev"])
            meta, entry = attachment.meta, entries[name]
            attachments.append(attachment)
            entry.pop("stub", None)
            entry.update(follows=True, digest=meta.digest, length=meta.length)
            if meta.encoding is not None:
                entry.update(encoding=meta.encoding, encoded_length=meta.encoded_length)
        sent = {**doc, "_attachments": entries}

        async def streams() -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
            for name, attachment in zip(names, attachments, strict=True):
                yield name, self._counted(attachment.chunks)

        await self._target.put_multipart(sent, streams(), new_edits=False)

    async def _counted(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self._progress.bytes += len(chunk)
            yield chunk

    def _refused(self, doc: Json, error: EngineError) -> None:
        self._progress.refuse(doc["_id"], doc.get("_rev", ""), f"{error.error}: {error.reason}")
