"""One database as a whole: made, told about, emptied of old bodies, dropped.

Source: CouchDB's API reference, "Databases".
"""

from __future__ import annotations

from sync.errors import BadRequest
from sync.http.context import Context
from sync.http.query import json_object, parse_json, require_json_type
from sync.http.reply import Reply, json_reply
from sync.http.request import Request
from sync.interface import Database


async def info(context: Context, request: Request, db: Database) -> Reply:
    found = await db.info()
    return json_reply(
        {
            "db_name": found.name,
            "uuid": found.uuid,
            "instance_start_time": found.instance_start_time,
            "doc_count": found.doc_count,
            "doc_del_count": found.doc_del_count,
            "update_seq": found.update_seq,
            "purge_seq": found.purge_seq,
            "sizes": {"file": found.size_file, "external": found.size_external, "active": found.size_active},
            "props": {},
            "disk_format_version": 8,
            "compact_running": False,
            # One copy on one machine: a write that is answered is on every node there is.
            "cluster": {"q": 1, "n": 1, "w": 1, "r": 1},
        }
    )


async def create(context: Context, request: Request, name: str) -> Reply:
    await context.engine.create(name)
    context.jobs.database_made(name)
    return json_reply({"ok": True}, 201, [request.location()])


async def drop(context: Context, request: Request, name: str) -> Reply:
    if "rev" in request.query:
        # CouchDB's guard: such a request meant a document and lost its id on the way.
        raise BadRequest(
            "You tried to DELETE a database with a ?=rev parameter. Did you mean to DELETE a document?"
        )
    await context.engine.delete(name)
    return json_reply({"ok": True})


async def compact(context: Context, request: Request, db: Database) -> Reply:
    require_json_type(request)
    await db.compact()
    return json_reply({"ok": True}, 202)


async def ensure_full_commit(context: Context, request: Request, db: Database) -> Reply:
    """Nothing is left to do: an answered write is on disk. Kept for replicators that ask."""
    require_json_type(request)
    return json_reply({"ok": True, "instance_start_time": (await db.info()).instance_start_time}, 201)


async def security(context: Context, request: Request, db: Database) -> Reply:
    if request.method != "PUT":
        return json_reply(await db.get_security())
    await db.set_security(await json_object(request, context.limits.document))
    return json_reply({"ok": True})


async def revs_limit(context: Context, request: Request, db: Database) -> Reply:
    if request.method != "PUT":
        return json_reply(await db.get_revs_limit())
    limit = parse_json(await request.body(64))
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit < 2**31:
        raise BadRequest("`_revs_limit` must be a positive integer")
    await db.set_revs_limit(limit)
    return json_reply({"ok": True})
