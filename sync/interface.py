"""The one interface of every engine: what a CouchDB does, as plain async calls.

Law: a call that returns has taken effect durably; a call that raises has changed nothing.
``embedded`` implements it on SQLite, ``couchdb`` over HTTP; one contract suite holds both to it.

Documents travel as JSON objects (``dict``) with CouchDB's reserved members (``_id``, ``_rev``,
``_deleted``, ``_attachments`` …). Where a caller only forwards a document, the ``raw`` variants give
and take its UTF-8 JSON bytes, which are never parsed on the way.
Sequences are opaque strings: comparing or parsing them is an error; only ``0`` and ``now`` are known words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

from sync.errors import DatabaseExists, DatabaseNotFound
from sync.spreading import Step as Step
from sync.spreading import Write as Write

Json = dict[str, Any]
#: A document to be written: read, never changed, so a ``TypedDict`` may stand here.
Doc = Mapping[str, Any]
JsonBytes = bytes


@dataclass(frozen=True, slots=True)
class DatabaseInfo:
    """Sizes are bytes; ``doc_count`` counts live documents, ``doc_del_count`` tombstones."""

    name: str
    doc_count: int
    doc_del_count: int
    update_seq: str
    purge_seq: str
    size_file: int
    size_external: int
    size_active: int
    instance_start_time: str
    #: Changes when the database is deleted and created anew, or restored: replication checkpoints rest on it.
    uuid: str


class BulkRow(NamedTuple):
    """The fate of one document of a bulk write. ``error`` is None when it was stored."""

    id: str
    rev: str | None
    error: str | None = None
    reason: str | None = None

    @property
    def ok(self) -> bool:
        return self.error is None


class DocRow(NamedTuple):
    """One row of ``all_docs``. ``rev`` is None and ``error`` is ``not_found`` for a key that is missing."""

    id: str
    rev: str | None
    deleted: bool = False
    error: str | None = None
    doc: JsonBytes | None = None


@dataclass(frozen=True, slots=True)
class DocPage:
    total_rows: int
    offset: int | None
    rows: list[DocRow]


class ChangeRow(NamedTuple):
    """One change: the winner's revision, or every leaf with ``style=all_docs``."""

    seq: str
    id: str
    revs: tuple[str, ...]
    deleted: bool = False
    doc: JsonBytes | None = None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """``pending`` counts the changes after ``last_seq`` that the query would still give."""

    rows: list[ChangeRow]
    last_seq: str
    pending: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What ``revs_diff`` found wanting for one document."""

    missing: tuple[str, ...]
    possible_ancestors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttachmentMeta:
    """``digest`` is CouchDB's ``md5-<base64>`` over the bytes as stored; ``length`` is in bytes."""

    name: str
    content_type: str
    digest: str
    length: int
    revpos: int
    encoding: str | None = None
    encoded_length: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment being read. ``chunks`` may be iterated once; nothing is held in memory whole.

    They are the bytes as stored: where ``meta.encoding`` is ``gzip`` they are ``encoded_length`` bytes of
    gzip (CouchDB compresses text so, and replicates it so); otherwise they are the content itself.
    """

    meta: AttachmentMeta
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class DocOptions:
    """How a document is read (CouchDB ``GET /{db}/{docid}``)."""

    rev: str | None = None
    revs: bool = False
    revs_info: bool = False
    conflicts: bool = False
    deleted_conflicts: bool = False
    latest: bool = False
    local_seq: bool = False
    attachments: bool = False
    att_encoding_info: bool = False
    atts_since: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ChangesQuery:
    """How a feed is read. ``doc_ids`` and ``selector`` filter; ``design_only`` is the ``_design`` filter."""

    since: str = "0"
    limit: int | None = None
    descending: bool = False
    include_docs: bool = False
    conflicts: bool = False
    attachments: bool = False
    att_encoding_info: bool = False
    all_leaves: bool = False
    doc_ids: tuple[str, ...] | None = None
    selector: Json | None = None
    design_only: bool = False


@dataclass(frozen=True, slots=True)
class AllDocsQuery:
    keys: tuple[str, ...] | None = None
    startkey: str | None = None
    endkey: str | None = None
    inclusive_end: bool = True
    limit: int | None = None
    skip: int = 0
    descending: bool = False
    include_docs: bool = False
    conflicts: bool = False
    attachments: bool = False
    #: Whether ``DocPage.offset`` must be told where there is a first key: counting costs a walk up to it.
    counted: bool = False


class BulkGetRequest(NamedTuple):
    id: str
    rev: str | None = None
    atts_since: tuple[str, ...] | None = None


class BulkGetRow(NamedTuple):
    """``doc`` is the document's bytes; otherwise ``error`` and ``reason`` say why not."""

    id: str
    rev: str | None
    doc: JsonBytes | None = None
    error: str | None = None
    reason: str | None = None


class Database(ABC):
    """One database. Every method may raise ``DatabaseNotFound`` once the database is gone."""

    name: str

    @abstractmethod
    async def info(self) -> DatabaseInfo: ...

    async def identity(self) -> str:
        """Tells this database from others of its name: one made after it was deleted, or restored.
        An engine may know it without asking, and then gives it for a database that is just gone, too. CouchDB
        tells two apart that were made in different seconds.
        """
        info = await self.info()
        return f"{info.uuid} {info.instance_start_time}"

    # -- documents ---------------------------------------------------------------------------------

    @abstractmethod
    async def get_raw(self, doc_id: str, options: DocOptions = DocOptions()) -> JsonBytes:
        """One revision of a document (the winner by default). Raises ``NotFound`` (missing, deleted)."""

    @abstractmethod
    async def get(self, doc_id: str, options: DocOptions = DocOptions()) -> Json:
        """``get_raw``, parsed."""

    @abstractmethod
    async def get_many(self, doc_ids: Sequence[str]) -> dict[str, Json]:
        """The live winners among ``doc_ids``, by id; missing and deleted ones are left out."""

    @abstractmethod
    async def open_revs(
        self, doc_id: str, revs: Sequence[str] | Literal["all"], options: DocOptions = DocOptions()
    ) -> list[BulkGetRow]:
        """The named revisions, or every leaf; a missing one gives a row with ``error``."""

    @abstractmethod
    async def put(self, doc: Doc | JsonBytes) -> str:
        """Store an edit (``_id`` required, ``_rev`` to update). Gives the revision; raises ``Conflict``."""

    @abstractmethod
    async def delete(self, doc_id: str, rev: str) -> str:
        """Store a tombstone over ``rev``. Raises ``NotFound`` or ``Conflict``."""

    @abstractmethod
    async def bulk_docs(self, docs: Sequence[Doc | JsonBytes], *, new_edits: bool = True) -> list[BulkRow]:
        """Store many documents in one durable step, a row each in the order given.

        With ``new_edits=False`` revisions are merged as they are (``_revisions`` or ``_rev``) and only
        rows with an error are given, as CouchDB does.
        """

    @abstractmethod
    async def bulk_get(
        self,
        requests: Sequence[BulkGetRequest],
        *,
        revs: bool = False,
        latest: bool = False,
        attachments: bool = False,
    ) -> list[list[BulkGetRow]]:
        """For each request its rows (several where ``rev`` is None and there are conflicts)."""

    @abstractmethod
    async def all_docs(self, query: AllDocsQuery = AllDocsQuery()) -> DocPage: ...

    # -- feeds -------------------------------------------------------------------------------------

    @abstractmethod
    async def changes(self, query: ChangesQuery = ChangesQuery()) -> ChangePage:
        """The changes after ``since``, at once. Raises ``BadRequest`` for a malformed ``since``."""

    @abstractmethod
    async def wait_for_change(self, since: str, timeout: float) -> bool:
        """Wait until a change after ``since`` may exist; False after ``timeout`` seconds without one."""

    # -- replication -------------------------------------------------------------------------------

    @abstractmethod
    async def revs_diff(self, revs: Mapping[str, Sequence[str]]) -> dict[str, Missing]:
        """Which of these revisions are not here; documents with none missing are left out."""

    @abstractmethod
    async def get_local(self, local_id: str) -> Json:
        """A ``_local/`` document (``local_id`` without the prefix). Raises ``NotFound``."""

    @abstractmethod
    async def put_local(self, local_id: str, doc: Doc) -> str: ...

    @abstractmethod
    async def delete_local(self, local_id: str) -> None: ...

    @abstractmethod
    async def local_docs(self, query: AllDocsQuery = AllDocsQuery()) -> DocPage: ...

    # -- attachments -------------------------------------------------------------------------------

    @abstractmethod
    async def get_attachment(
        self,
        doc_id: str,
        name: str,
        *,
        rev: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> Attachment:
        """Bytes ``start`` to ``end`` inclusive of an attachment as stored, or all. Raises ``NotFound``."""

    @abstractmethod
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
        """Stream an attachment in; gives the document's new revision. A wrong ``digest`` is refused."""

    @abstractmethod
    async def delete_attachment(self, doc_id: str, name: str, rev: str) -> str: ...

    @abstractmethod
    async def put_multipart(
        self,
        doc: Json,
        attachments: AsyncIterator[tuple[str, AsyncIterator[bytes]]],
        *,
        new_edits: bool = True,
    ) -> str:
        """Store a document whose ``follows`` attachments arrive as streams, named and in the order listed.

        A ``follows`` entry with ``encoding`` arrives encoded, and its ``digest`` is over those bytes.
        """

    # -- housekeeping ------------------------------------------------------------------------------

    @abstractmethod
    async def purge(self, revs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Forget leaf revisions without a trace; gives those that were purged."""

    @abstractmethod
    async def compact(self) -> None:
        """Drop the bodies of revisions that are not leaves, and give the space back."""

    @abstractmethod
    async def get_security(self) -> Json: ...

    @abstractmethod
    async def set_security(self, value: Json) -> None: ...

    @abstractmethod
    async def get_revs_limit(self) -> int: ...

    @abstractmethod
    async def set_revs_limit(self, limit: int) -> None: ...


class Engine(ABC):
    """A set of databases. ``async with`` closes it."""

    @abstractmethod
    async def create(self, name: str) -> Database:
        """Raises ``IllegalDatabaseName`` or ``DatabaseExists``."""

    @abstractmethod
    async def open(self, name: str) -> Database:
        """Raises ``DatabaseNotFound``."""

    async def ensure(self, name: str) -> Database:
        """Open a database, made now if it was not there. Concurrent calls are safe."""
        try:
            return await self.open(name)
        except DatabaseNotFound:
            try:
                return await self.create(name)
            except DatabaseExists:
                return await self.open(name)

    @abstractmethod
    async def delete(self, name: str) -> None:
        """The database is gone at once for every caller; its rows are reclaimed in the background."""

    @abstractmethod
    async def names(self, *, prefix: str = "") -> list[str]:
        """Sorted names of the databases that begin with ``prefix``."""

    @abstractmethod
    async def spread(self, *steps: Step) -> list[list[BulkRow]]:
        """``bulk_docs`` for many databases, step after step; a row for each write of each step written.

        Nobody sees a step before all of those ahead of it. Rows are as independent as in ``bulk_docs``; a
        database that is gone refuses its own. Raises ``BadRequest`` for a document with attachments, before
        anything is written.
        """

    @abstractmethod
    async def backup(self, folder: str) -> None:
        """A consistent copy while writing goes on, into an empty or new folder (embedded only; a CouchDB
        engine raises ``NotImplementedHere``: replicate it instead)."""

    @abstractmethod
    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()
