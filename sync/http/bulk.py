"""Many documents in one request: written, read, compared, purged.

Source: CouchDB's API reference, "/{db}/_bulk_docs", "/{db}/_bulk_get", "/{db}/_revs_diff", "/{db}/_purge".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

import orjson

from sync.attachments import has_attachments
from sync.draft import check_id
from sync.errors import BadRequest, IllegalDocumentId
from sync.http.context import Context
from sync.http.document import check_size, is_rev
from sync.http.inline import as_parts, inlined
from sync.http.query import json_object, parse_json, require_json_type, said, strings
from sync.http.reply import Reply, Stream, json_reply
from sync.http.request import Request
from sync.interface import BulkGetRequest, BulkGetRow, BulkRow, Database
from sync.multipart import closing, opening

#: Requests of one ``_bulk_get`` read from the engine at once; bounds the memory of one answer.
PAGE = 200


class Wrong(NamedTuple):
    """A request that cannot be asked: a row with CouchDB's words."""

    id: str | None
    rev: Any
    error: str
    reason: str


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
    for name in ("open_revs", "new_edits", "w", "rev", "atts_since"):
        if name in request.query:
            raise BadRequest(f'"{name}" query parameter is not acceptable')
    revs, latest = said(request.query, "revs"), said(request.query, "latest")
    inline = said(request.query, "attachments")
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
    inline = inline or any(isinstance(one, BulkGetRequest) and one.atts_since for one in requests)
    if len(requests) <= PAGE and not inline:
        rows = await _read(db, requests, revs=revs, latest=latest)
        return Reply(b'{"results":[' + b",".join([_result(*one) for one in rows]) + b"]}\n")
    return Stream(_bulk_get_json(db, requests, revs=revs, latest=latest, inline=inline))


def _bulk_get_requests(docs: Any) -> list[BulkGetRequest | Wrong]:
    """What is asked for; what cannot be asked for so fails alone, as its row."""
    if docs is None:
        raise BadRequest("Missing JSON list of 'docs'.")
    if not isinstance(docs, list):
        raise BadRequest("`docs` must be an array.")
    return [_bulk_get_request(doc) for doc in docs]


def _bulk_get_request(doc: Any) -> BulkGetRequest | Wrong:
    if type(doc) is not dict or not doc:
        return Wrong(None, None, "bad_request", "document must be a JSON object")
    doc_id, rev = doc.get("id"), doc.get("rev")
    if "id" not in doc:
        return Wrong(None, None, "bad_request", "document id missed")
    if type(doc_id) is not str:
        raise BadRequest("An `id` must be a string.")
    try:
        if not doc_id.startswith("_local/"):
            check_id(doc_id)
    except IllegalDocumentId as error:
        return Wrong(doc_id, None, error.error, error.reason)
    since = doc.get("atts_since", [])
    for one in ([rev] if "rev" in doc else []) + (since if isinstance(since, list) else [since]):
        if type(one) is not str or not is_rev(one):
            return Wrong(doc_id, one, "bad_request", "Invalid rev format")
    if not isinstance(since, list):
        return Wrong(doc_id, since, "bad_request", "att_since value must be array of revs.")
    return BulkGetRequest(doc_id, rev, tuple(since) or None)


async def _read(
    db: Database, page: Sequence[BulkGetRequest | Wrong], *, revs: bool, latest: bool
) -> list[tuple[BulkGetRequest | Wrong, list[BulkGetRow]]]:
    """A page of requests, each with its rows; attachments are stubs, whose bytes are put in while sending."""
    asked = [one._replace(atts_since=None) for one in page if isinstance(one, BulkGetRequest)]
    found = iter(await db.bulk_get(asked, revs=revs, latest=latest))
    return [(one, next(found) if isinstance(one, BulkGetRequest) else []) for one in page]


def _result(asked: BulkGetRequest | Wrong, rows: list[BulkGetRow]) -> bytes:
    if isinstance(asked, Wrong):
        return b'{"id":%s,"docs":[{"error":%s}]}' % (orjson.dumps(asked.id), orjson.dumps(asked._asdict()))
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
    db: Database, requests: list[BulkGetRequest | Wrong], *, revs: bool, latest: bool, inline: bool
) -> AsyncIterator[bytes]:
    yield b'{"results":['
    for at in range(0, len(requests), PAGE):
        page = requests[at : at + PAGE]
        found = await _read(db, page, revs=revs, latest=latest)
        if not inline:
            yield (b"," if at else b"") + b",".join([_result(*one) for one in found])
            continue
        for place, (asked, rows) in enumerate(found):
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
                since = asked.atts_since if isinstance(asked, BulkGetRequest) else None
                async for piece in inlined(db, row.doc, atts_since=since):
                    yield piece
                yield b"}"
            yield b"]}"
    yield b"]}\n"


async def _bulk_get_parts(
    context: Context,
    db: Database,
    requests: list[BulkGetRequest | Wrong],
    boundary: str,
    *,
    revs: bool,
    latest: bool,
) -> AsyncIterator[bytes]:
    first = True
    for at in range(0, len(requests), PAGE):
        page = requests[at : at + PAGE]
        for asked, rows in await _read(db, page, revs=revs, latest=latest):
            if isinstance(asked, Wrong):
                yield opening(boundary, 'application/json; error="true"', first=first)
                yield orjson.dumps(asked._asdict())
                first = False
                continue
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
