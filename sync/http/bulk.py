"""Many documents in one request: written, read, compared, purged.

Source: CouchDB's API reference, "/{db}/_bulk_docs", "/{db}/_bulk_get", "/{db}/_revs_diff", "/{db}/_purge".
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson

from sync.attachments import has_attachments
from sync.errors import BadRequest
from sync.http.context import Context
from sync.http.document import check_size
from sync.http.inline import as_parts, inlined
from sync.http.query import flag, json_object, parse_json, require_json_type, strings
from sync.http.reply import Reply, Stream, json_reply
from sync.http.request import Request
from sync.interface import BulkGetRequest, BulkGetRow, BulkRow, Database
from sync.multipart import closing, opening

#: Requests of one ``_bulk_get`` read from the engine at once; bounds the memory of one answer.
PAGE = 200


async def bulk_docs(context: Context, request: Request, db: Database) -> Reply:
    require_json_type(request)
    body = await request.body(context.limits.body)
    value = _object(body)
    docs = value.get("docs")
    if docs is None:
        raise BadRequest("POST body must include `docs` parameter.")
    if not isinstance(docs, list):
        raise BadRequest("`docs` parameter must be an array.")
    new_edits = value.get("new_edits", True)
    if not isinstance(new_edits, bool):
        raise BadRequest("`new_edits` must be a boolean.")
    if value.get("all_or_nothing") is True:
        raise BadRequest("all_or_nothing is not supported")
    if not all(type(doc) is dict for doc in docs):
        raise BadRequest("Document must be a JSON object")
    if len(body) > context.limits.document:
        for doc in docs:
            check_size(doc, context.limits.document)
    if new_edits:
        for doc in docs:
            if "_id" not in doc:
                doc["_id"] = context.new_id()
    rows = await db.bulk_docs(docs, new_edits=new_edits)
    return Reply(orjson.dumps([_bulk_row(row) for row in rows]) + b"\n", 201)


def _object(body: bytes) -> dict[str, Any]:
    value = parse_json(body)
    if not isinstance(value, dict):
        raise BadRequest("Request body must be a JSON object")
    return value


def _bulk_row(row: BulkRow) -> dict[str, Any]:
    if row.error is None:
        return {"ok": True, "id": row.id, "rev": row.rev}
    refused: dict[str, Any] = {"id": row.id, "error": row.error, "reason": row.reason}
    if row.rev is not None:
        refused["rev"] = row.rev
    return refused


async def bulk_get(context: Context, request: Request, db: Database) -> Reply | Stream:
    require_json_type(request)
    body = await json_object(request, context.limits.body)
    requests = _bulk_get_requests(body.get("docs"))
    revs, latest = flag(request.query, "revs"), flag(request.query, "latest")
    inline = flag(request.query, "attachments")
    if request.wants("multipart/mixed") or request.wants("multipart/related"):
        boundary = context.new_id()
        kind = (
            "related"
            if request.wants("multipart/related") and not request.wants("multipart/mixed")
            else "mixed"
        )
        headers = [(b"content-type", f'multipart/{kind}; boundary="{boundary}"'.encode())]
        chunks = _bulk_get_parts(context, db, requests, boundary, revs=revs, latest=latest)
        return Stream(chunks, headers=headers, compressible=False)
    # As in CouchDB, naming what one has asks for the bytes of what one lacks.
    inline = inline or any(request.atts_since for request in requests)
    if len(requests) <= PAGE and not inline:
        found = await db.bulk_get(_for_stubs(requests), revs=revs, latest=latest)
        return Reply(b'{"results":[' + b",".join(map(_result, requests, found)) + b"]}\n")
    return Stream(_bulk_get_json(db, requests, revs=revs, latest=latest, inline=inline))


def _bulk_get_requests(docs: Any) -> list[BulkGetRequest]:
    if docs is None:
        raise BadRequest("Missing JSON list of 'docs'.")
    if not isinstance(docs, list):
        raise BadRequest("`docs` must be an array.")
    requests = []
    for doc in docs:
        if type(doc) is not dict or type(doc_id := doc.get("id")) is not str:
            raise BadRequest("Each member of `docs` must be an object with an `id`.")
        rev, since = doc.get("rev"), doc.get("atts_since")
        if rev is not None and type(rev) is not str:
            raise BadRequest("Invalid rev format")
        requests.append(BulkGetRequest(doc_id, rev, None if since is None else strings(since, "atts_since")))
    return requests


def _for_stubs(requests: list[BulkGetRequest]) -> list[BulkGetRequest]:
    """The same without ``atts_since``: the bytes are put in while sending."""
    return [request._replace(atts_since=None) for request in requests]


def _result(asked: BulkGetRequest, rows: list[BulkGetRow]) -> bytes:
    if len(rows) == 1 and (doc := rows[0].doc) is not None:
        return b'{"id":%s,"docs":[{"ok":%s}]}' % (orjson.dumps(asked.id), doc)
    docs = b",".join([b'{"ok":' + row.doc + b"}" if row.doc is not None else _error(row) for row in rows])
    return b'{"id":' + orjson.dumps(asked.id) + b',"docs":[' + docs + b"]}"


def _error(row: BulkGetRow) -> bytes:
    return b'{"error":' + _error_value(row) + b"}"


def _error_value(row: BulkGetRow) -> bytes:
    rev = "undefined" if row.rev is None else row.rev
    return orjson.dumps(
        {"id": row.id, "rev": rev, "error": row.error or "not_found", "reason": row.reason or "missing"}
    )


async def _bulk_get_json(
    db: Database, requests: list[BulkGetRequest], *, revs: bool, latest: bool, inline: bool
) -> AsyncIterator[bytes]:
    yield b'{"results":['
    for at in range(0, len(requests), PAGE):
        page = requests[at : at + PAGE]
        found = await db.bulk_get(_for_stubs(page), revs=revs, latest=latest)
        if not inline:
            yield (b"," if at else b"") + b",".join(map(_result, page, found))
            continue
        for place, (asked, rows) in enumerate(zip(page, found, strict=True)):
            if not any(row.doc is not None and has_attachments(row.doc) for row in rows):
                yield (b"," if at or place else b"") + _result(asked, rows)
                continue
            yield (b"," if at or place else b"") + b'{"id":' + orjson.dumps(asked.id) + b',"docs":['
            for nth, row in enumerate(rows):
                comma = b"," if nth else b""
                if row.doc is None:
                    yield comma + _error(row)
                    continue
                yield comma + b'{"ok":'
                async for piece in inlined(db, row.doc, atts_since=asked.atts_since):
                    yield piece
                yield b"}"
            yield b"]}"
    yield b"]}\n"


async def _bulk_get_parts(
    context: Context, db: Database, requests: list[BulkGetRequest], boundary: str, *, revs: bool, latest: bool
) -> AsyncIterator[bytes]:
    first = True
    for at in range(0, len(requests), PAGE):
        page = requests[at : at + PAGE]
        found = await db.bulk_get(_for_stubs(page), revs=revs, latest=latest)
        for asked, rows in zip(page, found, strict=True):
            for row in rows:
                named = [("X-Doc-Id", asked.id)] if asked.id.isascii() and asked.id.isprintable() else []
                if row.doc is None:
                    yield opening(boundary, 'application/json; error="true"', first=first) + _error_value(row)
                else:
                    content_type, pieces = await as_parts(
                        db, row.doc, context.new_id(), atts_since=asked.atts_since
                    )
                    yield opening(boundary, content_type, *named, first=first)
                    async for piece in pieces:
                        yield piece
                first = False
    yield closing(boundary)


async def _revs_by_id(context: Context, request: Request) -> dict[str, tuple[str, ...]]:
    require_json_type(request)
    body = await json_object(request, context.limits.body)
    return {doc_id: strings(revs, doc_id) for doc_id, revs in body.items()}


async def revs_diff(context: Context, request: Request, db: Database) -> Reply:
    found = await db.revs_diff(await _revs_by_id(context, request))
    answer: dict[str, Any] = {}
    for doc_id, row in found.items():
        answer[doc_id] = {"missing": row.missing}
        if row.possible_ancestors:
            answer[doc_id]["possible_ancestors"] = row.possible_ancestors
    return json_reply(answer)


async def missing_revs(context: Context, request: Request, db: Database) -> Reply:
    found = await db.revs_diff(await _revs_by_id(context, request))
    return json_reply({"missing_revs": {doc_id: row.missing for doc_id, row in found.items()}})


async def purge(context: Context, request: Request, db: Database) -> Reply:
    purged = await db.purge(await _revs_by_id(context, request))
    return json_reply({"purge_seq": None, "purged": purged}, 201)
