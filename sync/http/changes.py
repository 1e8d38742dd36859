"""``_changes``: everything since a sequence, once or for as long as the client listens.

Law: a row is sent only after it is durable, rows in the order of the feed; the last sequence sent never lies
beyond a row that was not. A silent connection carries heartbeats, so a dead one is noticed.
Source: CouchDB's API reference, "/{db}/_changes".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from sync.errors import BadRequest, DatabaseNotFound, NotImplementedHere
from sync.http.context import Context
from sync.http.inline import inlined
from sync.http.query import from_json, json_object, require_json_type, said, strings, whole
from sync.http.reply import Reply, Stream
from sync.http.request import Request
from sync.interface import ChangePage, ChangeRow, ChangesQuery, Database
from sync.selector import compile_selector

#: CouchDB's defaults, in milliseconds: an idle feed ends after a minute, a heartbeat comes every minute.
DEFAULT_TIMEOUT = 60_000
DEFAULT_HEARTBEAT = 60_000

#: Rows of the first page; the following ones are sized so that a page is about ``PAGE_BYTES``.
FIRST_PAGE = 500
PAGE_BYTES = 1 << 20
MAX_PAGE = 5000
#: What CouchDB counts down from where no limit is given.
NO_LIMIT = 10**15


@dataclass(frozen=True, slots=True)
class Feed:
    """``heartbeat`` and ``timeout`` in seconds; with a heartbeat there is no timeout."""

    query: ChangesQuery
    kind: str
    heartbeat: float | None
    timeout: float
    seq_interval: int


async def changes(context: Context, request: Request, db: Database) -> Reply | Stream:
    feed = await parse_feed(context, request)
    if feed.query.limit == 0:
        return await _nothing(db, feed)
    if feed.kind == "normal":
        return await _normal(db, feed)
    # The first page is read before the answer begins, so that a wrong query is an error and no broken stream.
    rows = MAX_PAGE if feed.kind == "longpoll" else FIRST_PAGE
    size = feed.query.limit if feed.query.descending else min(rows, feed.query.limit or rows)
    page = await db.changes(_engine_query(feed, feed.query.since, size))
    pieces = _longpoll(db, feed, page) if feed.kind == "longpoll" else _continuous(db, feed, page)
    return Stream(pieces, live=True)


async def parse_feed(context: Context, request: Request) -> Feed:
    """Raises ``BadRequest``, ``QueryParseError`` or ``NotImplementedHere``."""
    params = request.query
    body: dict[str, Any] = {}
    if request.method == "POST":
        require_json_type(request)
        if request.content_length != 0:
            body = await json_object(request, context.limits.body)
    kind = params.get("feed", "normal")
    if kind == "eventsource":
        raise NotImplementedHere("The eventsource feed is not implemented; use longpoll or continuous")
    if kind not in ("normal", "longpoll", "continuous"):
        raise BadRequest(f"Supported `feed` types: normal, longpoll, continuous; not {kind!r}")
    limit = None if params.get("limit", "").startswith("-") else whole(params, "limit")
    query = ChangesQuery(
        since=_since(request),
        limit=limit,
        descending=said(params, "descending") or params.get("dir") == "rev",
        include_docs=said(params, "include_docs"),
        conflicts=said(params, "conflicts"),
        attachments=said(params, "attachments"),
        att_encoding_info=said(params, "att_encoding_info"),
        all_leaves=_style(params.get("style", "main_only")),
    )
    heartbeat = _heartbeat(params.get("heartbeat"))
    timeout = whole(params, "timeout")
    return Feed(
        _filtered(query, request, body),
        kind,
        heartbeat,
        (DEFAULT_TIMEOUT if timeout is None else timeout) / 1000,
        _seq_interval(params.get("seq_interval")),
    )


def _since(request: Request) -> str:
    since = request.query.get("since")
    if since is None:
        since = request.header(b"last-event-id") or "0"
    return since.strip('"') or "0"


def _style(style: str) -> bool:
    if style not in ("main_only", "all_docs"):
        raise BadRequest(f"Supported `style` values: main_only, all_docs; not {style!r}")
    return style == "all_docs"


def _seq_interval(value: str | None) -> int:
    if value is None:
        return 1
    if not (value.isascii() and value.isdigit()) or int(value) < 1:
        raise BadRequest("invalid_seq_interval")
    return int(value)


def _heartbeat(value: str | None) -> float | None:
    if value is None:
        return None
    if value == "true":
        return DEFAULT_HEARTBEAT / 1000
    if not (value.isascii() and value.isdigit()) or not 0 < int(value) < 2**31:
        raise BadRequest("heartbeat must be `true` or a positive number of milliseconds")
    return int(value) / 1000


def _filtered(query: ChangesQuery, request: Request, body: dict[str, Any]) -> ChangesQuery:
    name = request.query.get("filter")
    if not name:
        return query
    if name == "_doc_ids":
        doc_ids = body.get("doc_ids")
        if doc_ids is None:
            doc_ids = from_json(request.query, "doc_ids")
        if doc_ids is None:
            raise BadRequest("`doc_ids` filter parameter is not valid.")
        return replace(query, doc_ids=strings(doc_ids, "doc_ids"))
    if name == "_selector":
        selector = body.get("selector")
        if selector is None:
            raise BadRequest("Selector must be specified in POST payload")
        compile_selector(selector)
        return replace(query, selector=selector)
    if name == "_design":
        return replace(query, design_only=True)
    if name.startswith("_") and name != "_view":
        raise BadRequest("unknown builtin filter name")
    if name != "_view" and "/" not in name:
        raise BadRequest("`filter` must be of the form `designname/filtername`")
    raise NotImplementedHere("Filter functions are not run here; use _doc_ids, _selector or _design")


# -- answers ---------------------------------------------------------------------------------------


def row_bytes(row: ChangeRow, include_docs: bool, *, seq: bool = True) -> bytes:
    """One row as CouchDB writes it, its document joined in as stored."""
    line: dict[str, Any] = {
        "seq": row.seq if seq else None,
        "id": row.id,
        "changes": [{"rev": rev} for rev in row.revs],
    }
    if row.deleted:
        line["deleted"] = True
    raw = orjson.dumps(line)
    return raw[:-1] + b',"doc":' + (row.doc or b"null") + b"}" if include_docs else raw


async def _row_pieces(db: Database, feed: Feed, row: ChangeRow, *, seq: bool) -> AsyncIterator[bytes]:
    """A row whose document carries its attachments' bytes."""
    yield row_bytes(row, False, seq=seq)[:-1] + b',"doc":'
    if row.doc is None:
        yield b"null}"
        return
    async for piece in inlined(db, row.doc, encoded=feed.query.att_encoding_info):
        yield piece
    yield b"}"


async def _page_pieces(
    db: Database, feed: Feed, page: ChangePage, first: int, joint: bytes, *, end: bytes = b""
) -> AsyncIterator[bytes]:
    """The rows of a page; ``first`` counts the rows before it, for ``seq_interval``."""
    every, docs = feed.seq_interval, feed.query.include_docs
    # CouchDB counts what its limit leaves: a row has its sequence where that is a multiple of the interval.
    left = (NO_LIMIT if feed.query.limit is None else feed.query.limit) - first
    if not (feed.query.attachments and docs):
        if every == 1:
            lines = [row_bytes(row, docs) for row in page.rows]
        else:
            lines = [row_bytes(row, docs, seq=(left - at) % every == 0) for at, row in enumerate(page.rows)]
        if lines:
            yield joint.join(lines) + end
        return
    for at, row in enumerate(page.rows):
        async for piece in _row_pieces(db, feed, row, seq=(left - at) % every == 0):
            yield piece
        yield end if at == len(page.rows) - 1 else joint


def _engine_query(feed: Feed, since: str, limit: int | None) -> ChangesQuery:
    # Attachments are put in while sending, so that they are never whole in memory.
    return replace(feed.query, since=since, limit=limit, attachments=False)


def _tail(page: ChangePage) -> bytes:
    return b'\n],\n"last_seq":%s,"pending":%d}\n' % (orjson.dumps(page.last_seq), page.pending)


async def _nothing(db: Database, feed: Feed) -> Reply:
    """``limit=0``: no rows, whatever the feed, and how many there would be."""
    page = await db.changes(replace(feed.query, limit=1, include_docs=False, attachments=False))
    last_seq = feed.query.since if page.rows else page.last_seq
    if feed.kind == "continuous":
        return Reply(_last_line(last_seq, page.pending + len(page.rows)))
    return Reply(b'{"results":[' + _tail(ChangePage([], last_seq, page.pending + len(page.rows))))


def _last_line(last_seq: str, pending: int) -> bytes:
    return b'{"last_seq":%s,"pending":%d}\n' % (orjson.dumps(last_seq), pending)


async def _normal(db: Database, feed: Feed) -> Reply | Stream:
    """One page when it is all; otherwise pages joined into one stream."""
    limit = feed.query.limit
    # Newest first cannot be continued from a sequence, so it is read at once.
    size = limit if feed.query.descending else min(FIRST_PAGE, limit or FIRST_PAGE)
    page = await db.changes(_engine_query(feed, feed.query.since, size))
    if (page.pending == 0 or size == limit or feed.query.descending) and not feed.query.attachments:
        pieces = [piece async for piece in _page_pieces(db, feed, page, 0, b",\n")]
        return Reply(b'{"results":[\n' + b"".join(pieces) + _tail(page))
    return Stream(_normal_pages(db, feed, page))


async def _normal_pages(db: Database, feed: Feed, page: ChangePage) -> AsyncIterator[bytes]:
    limit, given = feed.query.limit, 0
    yield b'{"results":[\n'
    while True:
        size = 0
        if given and page.rows:
            yield b",\n"
        async for piece in _page_pieces(db, feed, page, given, b",\n"):
            size += len(piece)
            yield piece
        given += len(page.rows)
        if (
            not page.rows
            or page.pending == 0
            or feed.query.descending
            or (limit is not None and given >= limit)
        ):
            break
        rows = min(MAX_PAGE, max(10, PAGE_BYTES * len(page.rows) // max(size, 1)))
        page = await db.changes(
            _engine_query(feed, page.last_seq, rows if limit is None else min(rows, limit - given))
        )
    yield _tail(page)


async def _longpoll(db: Database, feed: Feed, page: ChangePage) -> AsyncIterator[bytes]:
    """A page at most: the client asks again from ``last_seq``."""
    yield b'{"results":[\n'
    silence = _Silence(feed)
    limit = min(feed.query.limit or MAX_PAGE, MAX_PAGE)
    while not page.rows:
        try:
            if await db.wait_for_change(page.last_seq, silence.left()):
                page = await db.changes(_engine_query(feed, page.last_seq, limit))
        except DatabaseNotFound:
            break  # as in CouchDB, a feed ends with its database
        if not page.rows and silence.over():
            if feed.heartbeat is None:
                break
            silence = _Silence(feed)
            yield b"\n"
    async for piece in _page_pieces(db, feed, page, 0, b",\n"):
        yield piece
    yield _tail(page)


async def _continuous(db: Database, feed: Feed, page: ChangePage) -> AsyncIterator[bytes]:
    limit, given = feed.query.limit, 0
    silence = _Silence(feed)
    while True:
        async for piece in _page_pieces(db, feed, page, given, b"\n", end=b"\n"):
            yield piece
        given += len(page.rows)
        if page.rows:
            silence = _Silence(feed)
        # Newest first is read at once and cannot be gone on from.
        if feed.query.descending or (limit is not None and given >= limit):
            break
        try:
            changed = bool(page.pending and page.rows)
            while not changed and not (changed := await db.wait_for_change(page.last_seq, silence.left())):
                if not silence.over():
                    continue
                if feed.heartbeat is None:
                    break
                silence = _Silence(feed)
                yield b"\n"
            if not changed:
                break
            size = FIRST_PAGE if limit is None else min(FIRST_PAGE, limit - given)
            page = await db.changes(_engine_query(feed, page.last_seq, size))
        except DatabaseNotFound:
            break
    yield _last_line(page.last_seq, page.pending)


class _Silence:
    """How long the feed may still say nothing: until its timeout, or until its next heartbeat."""

    def __init__(self, feed: Feed) -> None:
        self._now = asyncio.get_running_loop().time
        self._end = self._now() + (feed.timeout if feed.heartbeat is None else feed.heartbeat)

    def left(self) -> float:
        return max(0.0, self._end - self._now())

    def over(self) -> bool:
        return self._now() >= self._end
