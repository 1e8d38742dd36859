"""One database of the embedded engine: each call as one read or one piece of the writer's work."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from sync import draft, jsontext
from sync.embedded import feed, housekeeping, listing, reading, sequence, streams
from sync.embedded import locals as local_docs
from sync.embedded.attaching import Staging
from sync.embedded.edit import Edits
from sync.embedded.record import Header, fetch, header
from sync.embedded.writer import Tx
from sync.errors import BadRequest, DocValidation, NotFound, refusal
from sync.interface import (
    AllDocsQuery,
    Attachment,
    BulkGetRequest,
    BulkGetRow,
    BulkRow,
    ChangePage,
    ChangesQuery,
    Database,
    DatabaseInfo,
    Doc,
    DocOptions,
    DocPage,
    Json,
    JsonBytes,
    Missing,
)

if TYPE_CHECKING:
    from sync.embedded.engine import EmbeddedEngine

T = TypeVar("T")

#: From here on documents are taken apart in a thread, so that a large batch does not hold the loop.
MANY_DOCS = 50
#: Look-ups of so many documents are quicker than a thread's hand-over.
FEW_DOCS = 20
#: What a replicator asks for at once (PouchDB's and CouchDB's batch). It is one statement and some half a
#: millisecond of the loop, and handing it to a thread and back costs a busy machine more than that.
PAGE_DOCS = 100

#: What the replicator keeps in its documents, in databases of its kind only.
REPLICATION_MEMBERS = frozenset(
    f"_replication_{word}" for word in ("state", "state_time", "state_reason", "id", "stats", "start_time")
)


class EmbeddedDatabase(Database):
    def __init__(self, engine: EmbeddedEngine, name: str, number: int, tag: str, created: int) -> None:
        self.name = name
        self.number = number
        self._identity = f"{tag} {created}"
        self._engine = engine
        self._readers = engine.readers
        self._also = REPLICATION_MEMBERS if name.rpartition("/")[2] == "_replicator" else frozenset()

    async def info(self) -> DatabaseInfo:
        head = self._head()
        return DatabaseInfo(
            name=self.name,
            doc_count=head.live,
            doc_del_count=head.gone,
            update_seq=sequence.show(head, head.update_seq),
            purge_seq=sequence.show(head, head.purge_seq),
            size_file=head.size,
            size_external=head.size,
            size_active=head.size,
            instance_start_time=str(head.created),
            uuid=head.uuid,
        )

    async def identity(self) -> str:
        return self._identity

    # -- documents ---------------------------------------------------------------------------------

    async def get_raw(self, doc_id: str, options: DocOptions = DocOptions()) -> JsonBytes:
        args = (self.number, doc_id, options, self._engine.blobs)
        if options.attachments or options.atts_since is not None:
            return await self._readers.scan(reading.get_raw, *args)
        return self._readers.quick(reading.get_raw, *args)

    async def get(self, doc_id: str, options: DocOptions = DocOptions()) -> Json:
        return _object(await self.get_raw(doc_id, options))

    async def get_many(self, doc_ids: Sequence[str]) -> dict[str, Json]:
        if len(doc_ids) <= FEW_DOCS:
            found = self._readers.quick(reading.get_many, self.number, doc_ids)
        else:
            found = await self._readers.scan(reading.get_many, self.number, doc_ids)
        return {doc_id: _object(raw) for doc_id, raw in found.items()}

    async def open_revs(
        self, doc_id: str, revs: Sequence[str] | Literal["all"], options: DocOptions = DocOptions()
    ) -> list[BulkGetRow]:
        return await self._readers.scan(
            reading.open_revs, self.number, doc_id, revs, options, self._engine.blobs
        )

    async def put(self, doc: Doc | JsonBytes) -> str:
        return await self._store(draft.read(doc, also=self._also))

    async def delete(self, doc_id: str, rev: str) -> str:
        one = draft.read({"_id": doc_id, "_rev": rev, "_deleted": True}, also=self._also)

        def work(tx: Tx) -> str:
            if not doc_id.startswith(local_docs.PREFIX):
                row = fetch(tx.db, self.number, doc_id)
                if row is None or row.deleted:
                    header(tx.db, self.number)
                    raise NotFound("missing" if row is None else "deleted")
            return self._edit(tx, one, Staging(self._engine.blobs), new_edits=True)

        return await self._engine.writer.submit(work)

    async def bulk_docs(self, docs: Sequence[Doc | JsonBytes], *, new_edits: bool = True) -> list[BulkRow]:
        if not docs:
            self._head()
            return []
        if len(docs) < MANY_DOCS:
            drafts = self._drafts(docs, new_edits)
        else:
            drafts = await self._engine.in_thread(self._drafts, docs, new_edits)

        def work(tx: Tx, staging: Staging) -> list[BulkRow]:
            edits = Edits(tx, self.number, staging)
            rows = edits.apply(drafts, new_edits=new_edits)
            edits.finish()
            return rows

        rows = await self._staged(drafts, work)
        return rows if new_edits else [row for row in rows if row.error is not None]

    async def bulk_get(
        self,
        requests: Sequence[BulkGetRequest],
        *,
        revs: bool = False,
        latest: bool = False,
        attachments: bool = False,
    ) -> list[list[BulkGetRow]]:
        options = DocOptions(revs=revs, latest=latest, attachments=attachments)
        args = (self.number, requests, options, self._engine.blobs)
        if len(requests) <= PAGE_DOCS and not attachments and all(one.atts_since is None for one in requests):
            return self._readers.quick(reading.bulk_get, *args)
        return await self._readers.scan(reading.bulk_get, *args)

    async def all_docs(self, query: AllDocsQuery = AllDocsQuery()) -> DocPage:
        return await self._readers.scan(listing.all_docs, self.number, query, self._engine.blobs)

    # -- feeds -------------------------------------------------------------------------------------

    async def changes(self, query: ChangesQuery = ChangesQuery()) -> ChangePage:
        args = (self.number, query, self._engine.blobs, self._engine.counted)
        page = self._readers.quick(feed.changes_if_short, *args)
        return page if page is not None else await self._readers.scan(feed.changes, *args)

    async def wait_for_change(self, since: str, timeout: float) -> bool:
        head = self._head()
        seq = sequence.read(head, since)
        if head.update_seq > seq:
            return True
        return await self._engine.waiting.wait(self.number, seq, timeout)

    # -- replication -------------------------------------------------------------------------------

    async def revs_diff(self, revs: Mapping[str, Sequence[str]]) -> dict[str, Missing]:
        if len(revs) <= FEW_DOCS:
            return self._readers.quick(reading.revs_diff, self.number, revs)
        return await self._readers.scan(reading.revs_diff, self.number, revs)

    async def get_local(self, local_id: str) -> Json:
        self._head()
        return _object(self._readers.quick(local_docs.get, self.number, local_id))

    async def put_local(self, local_id: str, doc: Doc) -> str:
        one = draft.read({**doc, "_id": local_docs.PREFIX + local_id})
        return await self._engine.writer.submit(lambda tx: self._put_local(tx, one))

    async def delete_local(self, local_id: str) -> None:
        one = draft.read({"_id": local_docs.PREFIX + local_id, "_deleted": True})
        await self._engine.writer.submit(lambda tx: self._put_local(tx, one))

    async def local_docs(self, query: AllDocsQuery = AllDocsQuery()) -> DocPage:
        return await self._readers.scan(listing.local_page, self.number, query)

    # -- attachments -------------------------------------------------------------------------------

    async def get_attachment(
        self,
        doc_id: str,
        name: str,
        *,
        rev: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> Attachment:
        meta, file = self._readers.quick(streams.find, self.number, doc_id, name, rev)
        return streams.read(meta, self._engine.blobs.path(file), start, end)

    async def put_attachment(
        self,
        doc_id: str,
        name: str,
        content_type: str,
        chunks: AsyncIterator[bytes],
        *,
        rev: str | None = None,
        digest: str | None = None,
    ) -> str:
        given = {"content_type": content_type, "follows": True, "digest": digest}
        probe = draft.read({"_id": doc_id, "_attachments": {name: given}} | ({"_rev": rev} if rev else {}))
        self._head()
        staging = Staging(self._engine.blobs)

        def work(tx: Tx) -> str:
            whole = streams.with_attachment(tx.db, self.number, probe)
            staging.adopt(whole, probe)
            return self._edit(tx, whole, staging, new_edits=True)

        try:
            await streams.receive(staging, probe, name, chunks)
            return await self._engine.writer.submit(work)
        finally:
            staging.done()

    async def delete_attachment(self, doc_id: str, name: str, rev: str) -> str:
        probe = draft.read({"_id": doc_id, "_rev": rev})

        def work(tx: Tx) -> str:
            whole = streams.without_attachment(tx.db, self.number, probe, name)
            return self._edit(tx, whole, Staging(self._engine.blobs), new_edits=True)

        return await self._engine.writer.submit(work)

    async def put_multipart(
        self,
        doc: Json,
        attachments: AsyncIterator[tuple[str, AsyncIterator[bytes]]],
        *,
        new_edits: bool = True,
    ) -> str:
        one = draft.read(doc, new_edits=new_edits, also=self._also)
        self._head()
        staging = Staging(self._engine.blobs)
        expected = [name for name, given in (one.attachments or {}).items() if given.follows]
        try:
            async for name, chunks in attachments:
                if name not in expected:
                    raise BadRequest(f"Attachment '{name}' was not announced by the document.")
                expected.remove(name)
                await streams.receive(staging, one, name, chunks)
            if expected:
                raise BadRequest(f"Attachment '{expected[0]}' was announced but did not follow.")
            return await self._store(one, staging, new_edits=new_edits)
        finally:
            staging.done()

    # -- housekeeping ------------------------------------------------------------------------------

    async def purge(self, revs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        return await self._engine.writer.submit(
            lambda tx: housekeeping.purge(tx, self.number, revs), heavy=True
        )

    async def compact(self) -> None:
        await self._engine.compact(self.number)
        await self._engine.give_back()
        await self._engine.begin_log_anew()

    async def get_security(self) -> Json:
        return _object(self._head().security)

    async def set_security(self, value: Json) -> None:
        if not isinstance(value, dict):
            raise BadRequest("Request body must be a JSON object")
        await self._set("security", jsontext.dumps(value))

    async def get_revs_limit(self) -> int:
        return self._head().revs_limit

    async def set_revs_limit(self, limit: int) -> None:
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit < 10**9:
            raise BadRequest("`revs_limit` must be a positive integer")
        await self._set("revs_limit", limit)

    # -- within ------------------------------------------------------------------------------------

    def _head(self) -> Header:
        return self._readers.quick(header, self.number)

    async def _set(self, column: Literal["security", "revs_limit"], value: bytes | int) -> None:
        def work(tx: Tx) -> None:
            header(tx.db, self.number)
            tx.heads.clear()
            tx.db.execute(f"UPDATE databases SET {column} = ? WHERE number = ?", (value, self.number))

        await self._engine.writer.submit(work)

    def _drafts(self, docs: Sequence[Doc | JsonBytes], new_edits: bool) -> list[draft.Draft]:
        return [draft.read(doc, new_edits=new_edits, new_id=_new_id, also=self._also) for doc in docs]

    async def _store(
        self, one: draft.Draft, staging: Staging | None = None, *, new_edits: bool = True
    ) -> str:
        def work(tx: Tx, staged: Staging) -> str:
            return self._edit(tx, one, staged, new_edits=new_edits)

        return await self._staged([one], work, staging)

    async def _staged(
        self, drafts: Sequence[draft.Draft], work: Callable[[Tx, Staging], T], staging: Staging | None = None
    ) -> T:
        """Put inline attachments on disk, do the work, and let go of their arrivals."""
        mine = staging or Staging(self._engine.blobs)
        try:
            for one in drafts:
                if one.attachments is None:
                    continue
                if any(
                    given.follows and (id(one), name) not in mine.files
                    for name, given in one.attachments.items()
                ):
                    raise DocValidation("An attachment that follows needs a multipart body.")
                await self._engine.in_thread(mine.take, one)
            return await self._engine.writer.submit(lambda tx: work(tx, mine), heavy=len(drafts) > FEW_DOCS)
        finally:
            if staging is None and mine.files:
                mine.done()

    def _edit(self, tx: Tx, one: draft.Draft, staging: Staging, *, new_edits: bool) -> str:
        edits = Edits(tx, self.number, staging)
        row = edits.apply([one], new_edits=new_edits)[0]
        edits.finish()
        if row.error is not None or row.rev is None:
            raise refusal(row.error or "", row.reason or "")
        return row.rev

    def _put_local(self, tx: Tx, one: draft.Draft) -> str:
        header(tx.db, self.number)
        return local_docs.put(tx.db, self.number, one)


def _new_id() -> str:
    return uuid.uuid4().hex


def _object(raw: bytes) -> Json:
    value: Any = jsontext.loads(raw)
    return dict(value)
