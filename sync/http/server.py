"""The server as a whole: who it is, its databases, ids, and the replications it runs.

Source: CouchDB's API reference, "Server".
"""

from __future__ import annotations

from sync.errors import BadRequest
from sync.http.context import Context
from sync.http.query import flag, from_json, json_object, require_json_type, whole
from sync.http.reply import Reply, json_reply
from sync.http.request import Request

#: CouchDB's default ``max_count`` of ``_uuids``.
MAX_UUIDS = 1000

#: The CouchDB whose HTTP API is spoken; clients choose their ways by it.
API_VERSION = "3.5.0"


async def welcome(context: Context, request: Request) -> Reply:
    return json_reply(
        {
            "couchdb": "Welcome",
            "version": API_VERSION,
            "uuid": context.uuid,
            "features": [],
            "vendor": {"name": "Manzana", "version": API_VERSION},
        }
    )


async def up(context: Context, request: Request) -> Reply:
    await context.engine.names(prefix="_up")
    return json_reply({"status": "ok", "seeds": {}})


async def all_dbs(context: Context, request: Request) -> Reply:
    query = request.query
    names = await context.engine.names()
    start = from_json(query, "startkey" if "startkey" in query else "start_key")
    end = from_json(query, "endkey" if "endkey" in query else "end_key")
    descending = flag(query, "descending")
    if descending:
        names.reverse()
        start, end = end, start
    if isinstance(start, str):
        names = [name for name in names if name >= start]
    if isinstance(end, str):
        names = [name for name in names if name <= end]
    skip, limit = whole(query, "skip") or 0, whole(query, "limit")
    return json_reply(names[skip:] if limit is None else names[skip : skip + limit])


async def uuids(context: Context, request: Request) -> Reply:
    word = request.query.get("count", "1")
    if not (word.isascii() and word.isdigit()):
        raise BadRequest("count parameter must be a whole number")
    count = int(word)
    if count > MAX_UUIDS:
        raise BadRequest(f"count parameter too large; the most is {MAX_UUIDS}")
    fresh = [(b"cache-control", b"no-cache, must-revalidate"), (b"pragma", b"no-cache")]
    return json_reply({"uuids": [context.new_id() for _ in range(count)]}, headers=fresh)


async def active_tasks(context: Context, request: Request) -> Reply:
    return json_reply(context.jobs.tasks())


async def replicate(context: Context, request: Request) -> Reply:
    require_json_type(request)
    body = await json_object(request, context.limits.document)
    answer = await context.jobs.request(body)
    return json_reply(answer, 202 if body.get("continuous") and not body.get("cancel") else 200)
