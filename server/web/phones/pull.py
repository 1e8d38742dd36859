"""Pulling: ``_changes`` of the reference and of one's own mailbox.

Law: the feed is the session's, never one a request names, so there is nothing to guess. Documents go
out as the bytes the engine holds; nothing is parsed, filtered or joined on the way. When there is too
much to do, pulls wait their turn and then are told to come back; pushes are never held up by them.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Mapping

import orjson
from starlette.responses import Response

from server.accounts.sessions import Session
from server.context import Context
from server.feeds.feeds import REFERENCE, place
from server.problems import Problem
from server.web.authentication import authenticate, authenticate_again
from server.web.state import Request
from sync.errors import BadRequest, DatabaseNotFound
from sync.interface import ChangePage, ChangesQuery, Database

#: Rows of one answer: what a weak phone writes in one transaction.
LIMIT = 500
MOST = 2_500
#: Seconds a longpoll may be held; the default stays under common proxies' minute.
HOLD = 50.0
LONGEST = 300.0
#: Bytes from which an answer is worth compressing, and from which it is done beside the loop.
WORTH_GZIP = 1_024
BESIDE = 65_536


async def pull_reference(request: Request) -> Response:
    """``GET /sync/reference/_changes``."""
    context = request.state["context"]
    await authenticate(request)
    return await _answer(request, context, REFERENCE, None)


async def pull_mailbox(request: Request) -> Response:
    """``GET /sync/mailbox/_changes``: the session's own."""
    context = request.state["context"]
    session = await authenticate(request, "forget")
    return await _answer(request, context, None, session)


async def _open(context: Context, session: Session | None) -> Database | None:
    if session is None:
        return context.databases.reference
    account = context.directory.account(session.account)
    if account is None:
        raise Problem("session_unknown")
    try:
        return await context.feeds.mailbox(account.id, account.generation)
    except DatabaseNotFound:
        await context.directory.refresh()
        anew = context.directory.account(session.account)
        if anew is None or anew.generation == account.generation:
            return None  # Not delivered yet: an empty feed.
        return await context.feeds.mailbox(anew.id, anew.generation)


def _query(request: Request) -> Mapping[str, str]:
    """The query's last value of each name; where nothing is escaped, splitting is all there is to do."""
    text = request.scope["query_string"].decode("latin-1")
    if "%" in text or "+" in text:
        return request.query_params
    return {name: value for name, _, value in (pair.partition("=") for pair in text.split("&"))}


def _wake_name(context: Context, session: Session | None) -> str:
    if session is None:
        return REFERENCE
    account = context.directory.account(session.account)
    if account is None:
        raise Problem("session_unknown")
    return context.databases.mailbox_name(account.id, account.generation)


async def _answer(request: Request, context: Context, name: str | None, session: Session | None) -> Response:
    query = _query(request)
    since = query.get("since")
    limit = min(_number(query.get("limit"), LIMIT), MOST)
    hold = 0.0
    if query.get("feed", "normal") == "longpoll":
        hold = min(_number(query.get("timeout"), int(HOLD * 1000)) / 1000, LONGEST)
    elif query.get("feed", "normal") != "normal":
        raise Problem("bad_request", "feed is normal or longpoll")
    end = time.monotonic() + hold
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    gone: asyncio.Future[None] | None = None
    try:
        while True:
            wake = _wake_name(context, session)
            rings = context.feeds.rings(wake)
            left = end - time.monotonic()
            over = left <= 0 or (gone is not None and gone.done())
            if over or not context.feeds.is_end(wake, rings, since):
                async with context.turns:
                    found = await _read(context, session, wake, since, limit)
                    if found is None:
                        continue
                    page, feed = found
                    if page is not None and page.pending == 0:
                        context.feeds.note_end(wake, rings, f"{feed}.{page.last_seq}")
                    left = end - time.monotonic()
                    if (page is not None and page.rows) or over or left <= 0:
                        bare = session is not None and "work" not in session.powers
                        return await _response(_body(page, feed, bare), zipped)
            if gone is None:
                gone = asyncio.ensure_future(_gone(request))
            await context.feeds.wait(wake, rings, left, unless=gone)
            if session is not None:
                session = await authenticate_again(context.sessions, session, "forget")
    finally:
        if gone is not None:
            gone.cancel()


async def _read(
    context: Context, session: Session | None, wake: str, since: str | None, limit: int
) -> tuple[ChangePage | None, str] | None:
    """The page (None: nothing was delivered yet) and its feed; None where the mailbox is another by now."""
    database = await _open(context, session)
    if database is None:
        if since not in (None, "", "0"):
            raise Problem("feed_changed")
        return None, ""
    if session is not None and database.name != wake:
        return None  # Another generation, of which the directory has only now heard.
    try:
        feed = await context.feeds.name(database)
        page = await database.changes(ChangesQuery(since=place(since, feed), limit=limit, include_docs=True))
    except BadRequest:
        raise Problem("feed_changed") from None
    except DatabaseNotFound:
        if session is None:
            raise Problem("feed_changed") from None
        context.feeds.forget(session.account)
        return None
    return page, feed


async def _gone(request: Request) -> None:
    """Until the phone has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _body(page: ChangePage | None, feed: str, bare: bool = False) -> bytes:
    """CouchDB's ``_changes`` answer with the documents' own bytes in it; ``bare``: only what is gone."""
    if page is None:
        return b'{"results":[],"last_seq":"0","pending":0}'
    parts = []
    for row in page.rows:
        gone = row.deleted or row.doc is None
        if bare and not gone:
            continue
        seq = orjson.dumps(f"{feed}.{row.seq}")
        head = b'{"seq":%b,"id":%b,"changes":[{"rev":%b}]' % (
            seq,
            orjson.dumps(row.id),
            orjson.dumps(row.revs[0]),
        )
        if gone or row.doc is None:
            parts.append(head + b',"deleted":true}')
        else:
            parts.append(head + b',"doc":' + row.doc + b"}")
    last = orjson.dumps(f"{feed}.{page.last_seq}")
    return b'{"results":[%b],"last_seq":%b,"pending":%d}' % (b",".join(parts), last, page.pending)


async def _response(body: bytes, zipped: bool) -> Response:
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if zipped and len(body) >= WORTH_GZIP:
        body = _gzip(body) if len(body) < BESIDE else await asyncio.to_thread(_gzip, body)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type="application/json", headers=headers)


def _gzip(body: bytes) -> bytes:
    """Level 4: an eighth smaller than level 1 at about its speed; level 6 takes twice as long for little."""
    packer = zlib.compressobj(4, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Problem("bad_request", f"{text[:20]!r} is not a whole number")
    return int(text)
