"""One document: read in any revision, written, deleted; and ``_local`` documents.

Source: CouchDB's API reference, "/{db}/{docid}" and "/{db}/_local/{docid}".
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, Literal

import orjson

from sync import jsontext
from sync.attachments import has_attachments
from sync.errors import BadRequest, EngineError, NotFound, TooLarge
from sync.http.context import Context
from sync.http.inline import as_parts, inlined
from sync.http.query import Query, from_json, json_object, parse_json, require_json_type, said, strings
from sync.http.reply import Reply, Stream, json_reply
from sync.http.request import Request
from sync.interface import BulkGetRow, BulkRow, Database, DocOptions, JsonBytes
from sync.multipart import MultipartReader, boundary_of, closing, opening

Json = dict[str, Any]

#: An engine writes ``_rev`` second in a document; ids cannot hold an unescaped quote.
_REV = re.compile(rb'"_rev":"([^"]+)"')

_STATUS = {"conflict": 409, "forbidden": 403, "unauthorized": 401, "not_found": 404, "too_large": 413}


class Refused(EngineError):
    """The one row of a bulk write that holds a single document was refused."""

    def __init__(self, row: BulkRow) -> None:
        super().__init__(row.reason or "")
        self.word = row.error or "unknown_error"

    @property
    def http_status(self) -> int:
        return _STATUS.get(self.word, 412 if self.word in ("missing_stub", "precondition_failed") else 400)

    def as_json(self) -> dict[str, str]:
        return {"error": self.word, "reason": self.reason}


def options_of(query: Query) -> DocOptions:
    """Raises ``BadRequest``."""
    since = from_json(query, "atts_since") if "atts_since" in query else []
    for rev in (atts_since := strings(since, "atts_since")):
        _check_rev(rev)
    return DocOptions(
        rev=query.get("rev"),
        revs=said(query, "revs"),
        revs_info=said(query, "revs_info") or said(query, "meta"),
        conflicts=said(query, "conflicts") or said(query, "meta"),
        deleted_conflicts=said(query, "deleted_conflicts") or said(query, "meta"),
        latest=said(query, "latest"),
        local_seq=said(query, "local_seq"),
        att_encoding_info=said(query, "att_encoding_info"),
        atts_since=atts_since if "atts_since" in query else None,
    )


async def get(context: Context, request: Request, db: Database, doc_id: str) -> Reply | Stream:
    query = request.query
    if not query and not request.wants("multipart/"):
        raw = await db.get_raw(doc_id)
        return _whole(request, raw, plain=True)
    if "open_revs" in query:
        asked = query["open_revs"]
        revs = asked if asked == "all" else strings(parse_json(asked.encode()), "open_revs")
        # An empty list asks for nothing; CouchDB then gives the document.
        if revs:
            return await _open_revs(context, request, db, doc_id, revs)
    options = options_of(query)
    if options.rev is not None:
        _check_rev(options.rev)
        if options.latest:
            # As in CouchDB: the latest is the winner, whatever revision was named.
            options = replace(options, rev=None)
        else:
            # What the other branches are is told of the winner alone.
            options = replace(options, revs_info=False, conflicts=False, deleted_conflicts=False)
    with_bytes = said(query, "attachments") or options.atts_since is not None
    # The engine gives stubs: the bytes are put in while sending, so that they are never whole in memory.
    raw = await db.get_raw(doc_id, replace(options, atts_since=None))
    if not with_bytes or not has_attachments(raw):
        return _whole(request, raw, plain=set(query) <= {"rev", "attachments"})
    headers = _etag(raw)
    if request.wants("multipart/related") or (request.wants("multipart/mixed") and not request.wants("json")):
        content_type, chunks = await as_parts(db, raw, context.new_id(), atts_since=options.atts_since)
        headers.append((b"content-type", content_type.encode()))
        return Stream(chunks, headers=headers, compressible=False)
    chunks = inlined(db, raw, atts_since=options.atts_since, encoded=options.att_encoding_info)
    return Stream(chunks, headers=headers)


def _whole(request: Request, raw: JsonBytes, *, plain: bool) -> Reply:
    """A document as stored. The ETag is its revision, so only a plain reading may have one."""
    if not plain:
        return Reply(raw + b"\n")
    headers = _etag(raw)
    if headers and request.has_already(headers[0][1]):
        return Reply(b"", 304, headers)
    return Reply(raw + b"\n", 200, headers)


def _etag(raw: JsonBytes) -> list[tuple[bytes, bytes]]:
    found = _REV.search(raw)
    return [(b"etag", b'"%s"' % found[1])] if found else []


def is_rev(rev: str) -> bool:
    generation, _, word = rev.partition("-")
    return generation.isascii() and generation.isdigit() and word != ""


def _check_rev(rev: str) -> None:
    if not is_rev(rev):
        raise BadRequest("Invalid rev format")


async def _open_revs(
    context: Context, request: Request, db: Database, doc_id: str, asked: str | tuple[str, ...]
) -> Reply | Stream:
    query = request.query
    revs: Sequence[str] | Literal["all"] = "all" if isinstance(asked, str) else asked
    for rev in () if revs == "all" else revs:
        _check_rev(rev)
    options = options_of(query)
    rows = await db.open_revs(doc_id, revs, replace(options, atts_since=None))
    if options.latest:
        # Several of the named revisions may have grown into one leaf.
        rows = list({(row.rev, row.doc is None): row for row in rows}.values())
    if revs == "all" and not rows:
        raise NotFound("missing")
    # As in CouchDB, parts are what a client gets that does not name JSON.
    if request.wants("multipart/mixed") or not request.wants("application/json"):
        boundary = context.new_id()
        content_type = f'multipart/mixed; boundary="{boundary}"'.encode()
        chunks = _mixed(context, db, rows, boundary, options)
        return Stream(chunks, headers=[(b"content-type", content_type)], compressible=False)
    return Stream(_open_revs_json(db, rows, options, inline=said(query, "attachments")))


async def _mixed(
    context: Context, db: Database, rows: list[BulkGetRow], boundary: str, options: DocOptions
) -> AsyncIterator[bytes]:
    """Step 2.4.2.5.1 of CouchDB's replication protocol: each revision with what the reader lacks."""
    for at, row in enumerate(rows):
        first = at == 0
        if row.doc is None:
            missing = orjson.dumps({"missing": row.rev})
            yield opening(boundary, 'application/json; error="true"', first=first) + missing
            continue
        content_type, pieces = await as_parts(db, row.doc, context.new_id(), atts_since=options.atts_since)
        yield opening(boundary, content_type, first=first)
        async for piece in pieces:
            yield piece
    yield closing(boundary)


async def _open_revs_json(
    db: Database, rows: list[BulkGetRow], options: DocOptions, *, inline: bool
) -> AsyncIterator[bytes]:
    yield b"["
    for at, row in enumerate(rows):
        comma = b"," if at else b""
        if row.doc is None:
            yield comma + orjson.dumps({"missing": row.rev})
        elif inline or options.atts_since is not None:
            yield comma + b'{"ok":'
            async for piece in inlined(db, row.doc, atts_since=options.atts_since):
                yield piece
            yield b"}"
        else:
            yield comma + b'{"ok":' + row.doc + b"}"
    yield b"]\n"


async def put(context: Context, request: Request, db: Database, doc_id: str) -> Reply:
    new_edits = request.query.get("new_edits") != "false"
    if request.media_type == "multipart/related":
        return await _put_multipart(context, request, db, doc_id, new_edits=new_edits)
    body = await request.body(context.limits.body)
    doc = _as_document(parse_json(body))
    if len(body) > context.limits.document:
        check_size(doc, context.limits.document)
    return await _store(request, db, _addressed(request, doc, doc_id), new_edits=new_edits)


async def post(context: Context, request: Request, db: Database) -> Reply:
    """``POST /{db}``: the id may be left to the server."""
    require_json_type(request)
    doc = await json_object(request, context.limits.body)
    check_size(doc, context.limits.document)
    doc.setdefault("_id", context.new_id())
    return await _store(request, db, doc, new_edits=True)


async def _store(request: Request, db: Database, doc: Json, *, new_edits: bool) -> Reply:
    if new_edits:
        rev = await db.put(doc)
    else:
        for row in await db.bulk_docs([doc], new_edits=False):
            if not row.ok:
                raise Refused(row)
        rev = own_rev(doc)
    return _stored(request, doc, rev)


def _stored(request: Request, doc: Json, rev: str) -> Reply:
    """As CouchDB answers: 201, or 200 where the document was deleted by its own word."""
    doc_id = doc["_id"]
    status = 200 if doc.get("_deleted") is True and request.method == "PUT" else 201
    body = b'{"ok":true,"id":%s,"rev":%s}\n' % (orjson.dumps(doc_id), orjson.dumps(rev))
    place = request.location(doc_id) if request.method == "POST" else request.location()
    return Reply(body, status, [(b"etag", b'"%s"' % rev.encode()), place])


def own_rev(doc: Json) -> str:
    """The revision a document of ``new_edits=false`` carries."""
    rev = doc.get("_rev")
    if isinstance(rev, str):
        return rev
    history = doc["_revisions"]
    return f"{history['start']}-{history['ids'][0]}"


def _as_document(value: Any) -> Json:
    if not isinstance(value, dict):
        raise BadRequest("Document must be a JSON object")
    return value


def _addressed(request: Request, doc: Json, doc_id: str) -> Json:
    """The document under the URL's id, with the revision from body, query or If-Match (all must agree)."""
    if doc.get("_id", doc_id) != doc_id:
        raise BadRequest("Document ID in the body and in the URL are different")
    doc["_id"] = doc_id
    rev = named_rev(request)
    if rev is not None and doc.setdefault("_rev", rev) != rev:
        raise BadRequest("Document rev from request body and query string have different values")
    return doc


def named_rev(request: Request) -> str | None:
    """The revision of the query string or of If-Match. Raises ``BadRequest`` when they differ."""
    rev = request.query.get("rev")
    matched = request.header(b"if-match").strip().strip('"') if b"if-match" in request.headers else None
    if "" in (rev, matched):
        raise BadRequest("Invalid rev format")
    if rev is not None and matched is not None and rev != matched:
        raise BadRequest("Document rev and etag have different values")
    return rev or matched


def check_size(doc: Any, limit: int) -> None:
    """Raises ``TooLarge`` when the JSON without inline attachments is over ``limit`` bytes."""
    if not isinstance(doc, dict):
        return
    attachments = doc.get("_attachments")
    if isinstance(attachments, dict):
        bare = {
            name: {key: value for key, value in entry.items() if key != "data"}
            if isinstance(entry, dict)
            else entry
            for name, entry in attachments.items()
        }
        doc = {**doc, "_attachments": bare}
    if len(jsontext.dumps(doc)) > limit:
        raise TooLarge(f"document_too_large: {doc.get('_id', '')}")


async def _put_multipart(
    context: Context, request: Request, db: Database, doc_id: str, *, new_edits: bool
) -> Reply:
    """multipart/related: the document, then its ``follows`` attachments in the order it lists them."""
    reader = MultipartReader(request.content(), boundary_of(request.header(b"content-type")))
    first = await reader.next_part()
    if first is None:
        raise BadRequest("The multipart body has no document")
    parts, size = [], 0
    async for chunk in first.content:
        size += len(chunk)
        if size > context.limits.document:
            raise TooLarge(f"document_too_large: {doc_id}")
        parts.append(chunk)
    doc = _addressed(request, _as_document(parse_json(b"".join(parts))), doc_id)
    entries = doc.get("_attachments") or {}
    if not isinstance(entries, dict):
        raise BadRequest("Attachments must be a JSON object")
    follows = [
        name for name, entry in entries.items() if isinstance(entry, dict) and entry.get("follows") is True
    ]
    rev = await db.put_multipart(
        doc, _following(reader, follows, context.limits.attachment), new_edits=new_edits
    )
    return _stored(request, doc, rev)


async def _following(
    reader: MultipartReader, names: list[str], limit: int
) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
    """The attachments by name: the part's file name where it has one, else the order of the document."""
    left = list(names)
    while left:
        part = await reader.next_part()
        if part is None:
            raise BadRequest(f"The multipart body lacks the attachment {left[0]!r}")
        name = part.filename if part.filename in left else left[0]
        left.remove(name)
        yield name, bounded(part.content, limit)
    if await reader.next_part() is not None:
        raise BadRequest("The multipart body has more parts than the document names")


async def bounded(chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """The chunks, as long as they stay within ``limit`` bytes. Raises ``TooLarge``."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge("attachment_too_large")
        yield chunk


async def delete(context: Context, request: Request, db: Database, doc_id: str) -> Reply:
    rev = named_rev(request)
    if rev is None:
        # Without a revision CouchDB answers conflict, or not_found where there is nothing to delete.
        await db.get_raw(doc_id)
        return json_reply({"error": "conflict", "reason": "Document update conflict."}, 409)
    try:
        _check_rev(rev)
    except BadRequest:
        await db.get_raw(doc_id)  # what is not there is not found, whatever revision is named
        raise
    new_rev = await db.delete(doc_id, rev)
    body = {"ok": True, "id": doc_id, "rev": new_rev}
    return json_reply(body, headers=[(b"etag", b'"%s"' % new_rev.encode())])


async def local(context: Context, request: Request, db: Database, local_id: str) -> Reply:
    """``/{db}/_local/{id}``: replication checkpoints; never replicated themselves."""
    if request.method in ("GET", "HEAD"):
        return Reply(jsontext.dumps(await db.get_local(local_id)) + b"\n")
    full_id = f"_local/{local_id}"
    if request.method == "DELETE":
        await db.delete_local(local_id)
        return json_reply({"ok": True, "id": full_id, "rev": "0-0"})
    doc = await json_object(request, context.limits.document)
    doc = _addressed(request, doc, full_id)
    rev = await db.put_local(local_id, doc)
    status = 200 if doc.get("_deleted") is True else 201
    return json_reply({"ok": True, "id": full_id, "rev": rev}, status, [request.location()])
