"""Rows of ``_all_docs``, ``_local_docs`` and ``_design_docs``, in pages joined into one answer.

Law: an answer of any size takes the memory of one page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson

from sync.errors import BadRequest
from sync.http.context import Context
from sync.http.inline import inlined
from sync.http.query import Query, QueryParseError, flag, from_json, json_object, require_json_type, whole
from sync.http.reply import Reply, Stream
from sync.http.request import Request
from sync.interface import AllDocsQuery, Database, DocPage, DocRow

#: Rows asked of the engine at once; with documents of the usual kilobyte a page is about a megabyte.
PAGE = 1000

Fetch = Callable[[AllDocsQuery], Awaitable[DocPage]]


async def all_docs(context: Context, request: Request, db: Database) -> Reply | Stream:
    params, keys = await _parameters(context, request)
    at = (await db.info()).update_seq if flag(params, "update_seq") else None
    return await _answer(db, db.all_docs, parse_query(params, keys), update_seq=at)


async def design_docs(context: Context, request: Request, db: Database) -> Reply | Stream:
    params, keys = await _parameters(context, request)
    query = parse_query(params, keys)
    if keys is None:
        first, last = ("_design0", "_design/") if query.descending else ("_design/", "_design0")
        query = replace(query, startkey=query.startkey or first, endkey=query.endkey or last)
    return await _answer(db, db.all_docs, query)


async def local_docs(context: Context, request: Request, db: Database) -> Reply | Stream:
    params, keys = await _parameters(context, request)
    return await _answer(db, db.local_docs, parse_query(params, keys), local=True)


async def _parameters(context: Context, request: Request) -> tuple[dict[str, str], tuple[str, ...] | None]:
    """Query parameters (a POST's members count as parameters too) and ``keys``."""
    params: dict[str, str] = dict(request.query)
    keys: Any = None
    if request.method == "POST":
        require_json_type(request)
        body = await json_object(request, context.limits.body)
        if "queries" in body:
            raise BadRequest("Several queries in one request are not supported")
        keys = body.get("keys")
        for name, value in body.items():
            params.setdefault(
                name, value if name in _WORDS and isinstance(value, str) else orjson.dumps(value).decode()
            )
    if keys is None and "keys" in request.query:
        keys = from_json(request.query, "keys")
        if keys is None:
            raise BadRequest("`keys` parameter must be an array.")
    if keys is None:
        return params, None
    if not isinstance(keys, list):
        raise BadRequest("`keys` member must be an array.")
    if not _BOUNDS.isdisjoint(params):
        raise QueryParseError("`keys` is incompatible with `key`, `start_key` and `end_key`")
    return params, tuple(key if isinstance(key, str) else NO_ID + orjson.dumps(key).decode() for key in keys)


#: A key that is no string names no document: it goes as what cannot be an id, and comes back as it was.
NO_ID = "_\0"
_BOUNDS = frozenset({"key", "startkey", "start_key", "endkey", "end_key"})


#: What is taken and means nothing here: rows are always as they are.
_WORDS = {
    "update": ("true", "false", "lazy"),
    "stable": ("true", "false"),
    "stale": ("ok", "update_after", "false"),
}


def parse_query(query: Query, keys: tuple[str, ...] | None = None) -> AllDocsQuery:
    """Raises ``QueryParseError`` or ``BadRequest``."""
    for name in ("att_encoding_info", "sorted", "stable", "update_seq"):
        flag(query, name)
    for name, words in _WORDS.items():
        if query.get(name, words[0]) not in words:
            raise QueryParseError(f"Invalid value for `{name}`.")
    if flag(query, "reduce") or flag(query, "group"):
        raise QueryParseError("Invalid use of grouping or reducing on a map view.")
    descending = flag(query, "descending")
    key = from_json(query, "key")
    start = _bound(query, "startkey", "start_key", key)
    end = _bound(query, "endkey", "end_key", key)
    limit = whole(query, "limit")
    # As in CouchDB, whatever is no string stands before every id here, an object too.
    nothing = _is_before(start if descending else end)
    if nothing:
        limit = 0
    return AllDocsQuery(
        keys=keys,
        startkey=start if isinstance(start, str) else "" if nothing and descending else None,
        endkey=end if isinstance(end, str) else None,
        inclusive_end=flag(query, "inclusive_end", True),
        limit=limit,
        skip=whole(query, "skip") or 0,
        descending=descending,
        include_docs=flag(query, "include_docs"),
        conflicts=flag(query, "conflicts"),
        attachments=flag(query, "attachments"),
        counted=True,
    )


class _Absent:
    pass


_ABSENT = _Absent()


def _bound(query: Query, name: str, alias: str, key: Any) -> Any:
    for word in (name, alias):
        if word in query:
            return from_json(query, word)
    return key if "key" in query else _ABSENT


def _is_before(bound: Any) -> bool:
    return not isinstance(bound, (str, _Absent))


async def _answer(
    db: Database, fetch: Fetch, query: AllDocsQuery, *, local: bool = False, update_seq: str | None = None
) -> Reply | Stream:
    bytes_inline = query.attachments and query.include_docs
    query = replace(query, attachments=False)
    first_size = PAGE if query.limit is None else min(PAGE, query.limit)
    paged = query.keys is None
    page = await fetch(replace(query, limit=first_size) if paged else query)
    head = b'{"total_rows":%s,"offset":%s,%b"rows":[\r\n' % (
        *(
            (b"null", b"null")
            if local
            else (b"%d" % page.total_rows, b"null" if page.offset is None else b"%d" % page.offset)
        ),
        b"" if update_seq is None else b'"update_seq":%s,' % orjson.dumps(update_seq),
    )
    last = not paged or len(page.rows) < first_size or first_size == query.limit
    if last and not bytes_inline:
        body = b",\r\n".join([row_bytes(row, query.include_docs) for row in page.rows])
        return Reply(head + body + b"\r\n]}\n")
    return Stream(_pages(db, fetch, query, page, head, last=last, bytes_inline=bytes_inline))


async def _pages(
    db: Database,
    fetch: Fetch,
    query: AllDocsQuery,
    page: DocPage,
    head: bytes,
    *,
    last: bool,
    bytes_inline: bool,
) -> AsyncIterator[bytes]:
    given = 0
    yield head
    while True:
        if bytes_inline:
            for row in page.rows:
                yield (b",\r\n" if given else b"") + row_bytes(row, False)[:-1] + b',"doc":'
                if row.doc is None:
                    yield b"null}"
                else:
                    async for piece in inlined(db, row.doc):
                        yield piece
                    yield b"}"
                given += 1
        elif page.rows:
            rows = b",\r\n".join([row_bytes(row, query.include_docs) for row in page.rows])
            yield b",\r\n" + rows if given else rows
            given += len(page.rows)
        if last or not page.rows:
            break
        size = PAGE if query.limit is None else min(PAGE, query.limit - given)
        page = await fetch(replace(query, startkey=page.rows[-1].id, skip=1, limit=size, counted=False))
        last = len(page.rows) < size or (query.limit is not None and given + len(page.rows) >= query.limit)
    yield b"\r\n]}\n"


def row_bytes(row: DocRow, include_docs: bool) -> bytes:
    """One row as CouchDB writes it."""
    if row.id.startswith(NO_ID):
        return b'{"key":%b,"error":"not_found"}' % row.id.removeprefix(NO_ID).encode()
    if row.rev is None:
        return orjson.dumps({"key": row.id, "error": row.error or "not_found"})
    value: dict[str, Any] = {"rev": row.rev}
    if row.deleted:
        value["deleted"] = True
    line = orjson.dumps({"id": row.id, "key": row.id, "value": value})
    return line[:-1] + b',"doc":' + (row.doc or b"null") + b"}" if include_docs else line
