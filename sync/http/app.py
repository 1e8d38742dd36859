"""The ASGI application: routes, authentication, and the one outermost error handler.

Law: every request gets an answer in CouchDB's shape; what this server does not offer says so with 501.
Routing is by path segments before unescaping, from tables made once.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sync.errors import BadRequest, DatabaseNotFound, EngineError, NotFound, NotImplementedHere, Unauthorized
from sync.http import attachment, bulk, changes, database, document, find, rows, server
from sync.http.context import Context, Limits
from sync.http.document import Refused
from sync.http.reply import MethodNotAllowed, Reply, Stream, error_reply, send_reply, send_stream
from sync.http.request import Receive, Request, Scope, Send
from sync.http.session import Sessions, session
from sync.interface import Database, Engine
from sync.replicator.jobs import Jobs

log = logging.getLogger("sync.http")

H = TypeVar("H")

Answer = Reply | Stream
DatabaseHandler = Callable[[Context, Request, Database], Awaitable[Answer]]
ServerHandler = Callable[[Context, Request], Awaitable[Answer]]

SERVER: dict[str, dict[str, ServerHandler]] = {
    "_all_dbs": {"GET": server.all_dbs, "HEAD": server.all_dbs},
    "_uuids": {"GET": server.uuids, "HEAD": server.uuids},
    "_active_tasks": {"GET": server.active_tasks, "HEAD": server.active_tasks},
    "_replicate": {"POST": server.replicate},
}

DATABASE: dict[str, dict[str, DatabaseHandler]] = {
    "_all_docs": {"GET": rows.all_docs, "HEAD": rows.all_docs, "POST": rows.all_docs},
    "_design_docs": {"GET": rows.design_docs, "HEAD": rows.design_docs, "POST": rows.design_docs},
    "_local_docs": {"GET": rows.local_docs, "HEAD": rows.local_docs, "POST": rows.local_docs},
    "_bulk_docs": {"POST": bulk.bulk_docs},
    "_bulk_get": {"POST": bulk.bulk_get},
    "_changes": {"GET": changes.changes, "HEAD": changes.changes, "POST": changes.changes},
    "_revs_diff": {"POST": bulk.revs_diff},
    "_missing_revs": {"POST": bulk.missing_revs},
    "_purge": {"POST": bulk.purge},
    "_find": {"POST": find.find},
    "_compact": {"POST": database.compact},
    "_ensure_full_commit": {"POST": database.ensure_full_commit},
    "_security": {"GET": database.security, "HEAD": database.security, "PUT": database.security},
    "_revs_limit": {"GET": database.revs_limit, "HEAD": database.revs_limit, "PUT": database.revs_limit},
}

#: CouchDB's paths that are answered 501, with what to say.
NOT_HERE_SERVER = {
    name: f"{name} is not implemented by this server"
    for name in (
        "_node", "_scheduler", "_membership", "_cluster_setup", "_config", "_stats", "_dbs_info",
        "_db_updates", "_utils", "_search_analyze", "_nouveau_analyze", "_reshard", "_restart", "_log",
    )
}  # fmt: skip
NOT_HERE_DATABASE = {
    "_index": "Mango indexes are not implemented",
    "_explain": "There are no indexes to explain",
    "_view_cleanup": "Views are not implemented",
    "_temp_view": "Views are not implemented",
    "_partition": "Partitions are not implemented",
    "_shards": "There are no shards here",
    "_sync_shards": "There are no shards here",
    "_purged_infos": "Purge infos are not implemented",
    "_purged_infos_limit": "Purge infos are not implemented",
    "_auto_purge": "Automatic purging is not implemented",
}
#: Below a design document a path may be an attachment, unless it is one of these.
NOT_HERE_DESIGN = {
    "_view": "Views are not implemented",
    "_info": "Views are not implemented",
    "_show": "Show functions are not run here",
    "_list": "List functions are not run here",
    "_update": "Update functions are not run here",
    "_rewrite": "Rewrites are not implemented",
    "_search": "Search indexes are not implemented",
    "_search_info": "Search indexes are not implemented",
    "_nouveau": "Search indexes are not implemented",
}

#: Databases whose names begin with an underscore, as CouchDB has them.
SYSTEM_DATABASES = frozenset({"_replicator", "_users", "_global_changes"})


class App:
    """Serves one engine. Made by ``create_app``."""

    def __init__(self, context: Context) -> None:
        self.context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError(f"{scope['type']} is not served")
        request: Request | None = None
        try:
            request = Request(scope, receive)
            answer = await self._route(request)
        except EngineError as error:
            answer = _refusal(error)
        except Exception:
            reference = secrets.token_hex(6)
            log.exception("unexpected error %s at %s", reference, scope.get("path"))
            answer = error_reply(EngineError(f"unexpected; see the server's log, reference {reference}"))
        if isinstance(answer, Reply) or request is None:
            assert isinstance(answer, Reply)
            await send_reply(answer, request, send)
        else:
            await send_stream(answer, request, send)

    async def startup(self) -> None:
        """Begin following the ``_replicator`` database; called by the lifespan, or by who mounts the app."""
        await self.context.jobs.start()

    async def shutdown(self) -> None:
        await self.context.jobs.stop()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.startup()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.shutdown()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _route(self, request: Request) -> Answer:
        context, segments, method = self.context, request.segments, request.method
        first = segments[0] if segments else ""
        if first == "" or first in ("_up", "_session"):
            return await self._open_to_all(request, first)
        user = context.sessions.user(request)
        if not user.is_admin:
            raise Unauthorized("You are not authorized to access this server.")
        if method == "COPY":
            raise NotImplementedHere("COPY is not implemented")
        if first.startswith("_") and first not in SYSTEM_DATABASES:
            if first in SERVER and len(segments) == 1:
                return await _method(SERVER[first], method)(context, request)
            if first in NOT_HERE_SERVER:
                raise NotImplementedHere(NOT_HERE_SERVER[first])
            if method != "PUT" or len(segments) > 1:
                raise DatabaseNotFound
        if len(segments) == 1:
            return await self._database(request, first)
        return await self._below(request, first, segments[1:])

    async def _open_to_all(self, request: Request, first: str) -> Answer:
        """What CouchDB answers without credentials."""
        if len(request.segments) > 1:
            raise NotFound("missing")
        if first == "_session":
            _allow(request.method, "GET", "HEAD", "POST", "DELETE")
            return await session(self.context.sessions, request)
        _allow(request.method, "GET", "HEAD")
        return await (server.up if first == "_up" else server.welcome)(self.context, request)

    async def _database(self, request: Request, name: str) -> Answer:
        context = self.context
        if request.method == "PUT":
            return await database.create(context, request, name)
        if request.method == "DELETE":
            return await database.drop(context, request, name)
        _allow(request.method, "GET", "HEAD", "PUT", "POST", "DELETE")
        db = await context.engine.open(name)
        if request.method == "POST":
            return await document.post(context, request, db)
        return await database.info(context, request, db)

    async def _below(self, request: Request, name: str, rest: list[str]) -> Answer:
        context, method, head = self.context, request.method, rest[0]
        if head in DATABASE and len(rest) == 1:
            handler = _method(DATABASE[head], method)
            return await handler(context, request, await context.engine.open(name))
        if head in DATABASE:
            raise NotImplementedHere(f"{head}/{rest[1]} is not implemented")
        db = await context.engine.open(name)
        if head in ("_design", "_local") and len(rest) > 1:
            head, rest = f"{head}/{rest[1]}", [f"{head}/{rest[1]}", *rest[2:]]
        if head == "_local":
            raise BadRequest("Invalid _local document id.")
        if head.startswith("_local/"):
            if len(rest) > 1:
                raise BadRequest("_local documents do not accept attachments.")
            _allow(method, "GET", "HEAD", "PUT", "DELETE")
            return await document.local(context, request, db, head.removeprefix("_local/"))
        if head.startswith("_") and not head.startswith("_design/"):
            if head in NOT_HERE_DATABASE:
                raise NotImplementedHere(NOT_HERE_DATABASE[head])
            if method in ("GET", "HEAD"):
                raise NotFound("missing")
        if head == "":
            raise NotFound("missing")
        if len(rest) == 1:
            return await self._document(request, db, head)
        if head.startswith("_design/") and rest[1] in NOT_HERE_DESIGN:
            raise NotImplementedHere(NOT_HERE_DESIGN[rest[1]])
        return await self._attachment(request, db, head, "/".join(rest[1:]))

    async def _document(self, request: Request, db: Database, doc_id: str) -> Answer:
        context, method = self.context, request.method
        if method == "GET" or method == "HEAD":
            return await document.get(context, request, db, doc_id)
        if method == "PUT":
            return await document.put(context, request, db, doc_id)
        _allow(method, "GET", "HEAD", "PUT", "DELETE")
        return await document.delete(context, request, db, doc_id)

    async def _attachment(self, request: Request, db: Database, doc_id: str, name: str) -> Answer:
        context, method = self.context, request.method
        if method == "GET" or method == "HEAD":
            return await attachment.get(context, request, db, doc_id, name)
        if method == "PUT":
            return await attachment.put(context, request, db, doc_id, name)
        _allow(method, "GET", "HEAD", "PUT", "DELETE")
        return await attachment.delete(context, request, db, doc_id, name)


def _method(table: dict[str, H], method: str) -> H:
    handler = table.get(method)
    if handler is None:
        raise MethodNotAllowed(sorted(table))
    return handler


def _allow(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise MethodNotAllowed(allowed)


def _refusal(error: EngineError) -> Reply:
    reply = error_reply(error)
    if isinstance(error, Refused):
        reply.status = error.http_status
    return reply


def create_app(
    engine: Engine,
    *,
    admin: tuple[str, str] | None = None,
    uuid: str | None = None,
    limits: Limits | None = None,
    secret: bytes | None = None,
    now: Callable[[], float] = time.time,
    new_id: Callable[[], str] = lambda: secrets.token_hex(16),
) -> App:
    """The CouchDB HTTP API over ``engine``.

    ``admin`` is the one account, (name, password); None makes everybody an administrator, so the caller must
    then serve loopback only. ``uuid`` names the server to replicators and should stay the same over restarts.
    """
    sessions = Sessions(admin, secret or secrets.token_bytes(32), now)
    jobs = Jobs(engine, now=now, new_id=new_id)
    return App(Context(engine, sessions, jobs, new_id, uuid or new_id(), limits or Limits()))
