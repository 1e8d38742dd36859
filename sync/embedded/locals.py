"""``_local/`` documents: kept beside the others, never replicated, one revision each (``0-N``)."""

from __future__ import annotations

import apsw
import orjson

from sync.draft import Draft
from sync.errors import BadRequest, Conflict, NotFound

PREFIX = "_local/"


def get(db: apsw.Connection, number: int, local_id: str) -> bytes:
    """The document's JSON. ``local_id`` is without the prefix. Raises ``NotFound``."""
    row = db.execute("SELECT rev, body FROM locals WHERE db = ? AND id = ?", (number, local_id)).fetchone()
    if row is None:
        raise NotFound("missing")
    return render(local_id, *row)


def render(local_id: str, rev: int, body: bytes) -> bytes:
    head = b'{"_id":%b,"_rev":"0-%d"' % (orjson.dumps(PREFIX + local_id), rev)
    return head + body if body == b"}" else head + b"," + body


def put(db: apsw.Connection, number: int, draft: Draft) -> str:
    """Store or (``deleted``) remove one. A ``_rev`` that is given must be the current one."""
    local_id = draft.id.removeprefix(PREFIX)
    now = db.execute("SELECT rev FROM locals WHERE db = ? AND id = ?", (number, local_id)).get
    if draft.rev is not None and _generation(draft.rev) != now and now is not None:
        raise Conflict
    if draft.deleted:
        if now is None:
            raise NotFound("missing")
        db.execute("DELETE FROM locals WHERE db = ? AND id = ?", (number, local_id))
        return "0-0"
    rev = (now or 0) + 1
    db.execute("INSERT OR REPLACE INTO locals VALUES (?, ?, ?, ?)", (number, local_id, rev, draft.body))
    return f"0-{rev}"


def _generation(rev: str) -> int:
    word = rev.removeprefix("0-")
    if not (word.isascii() and word.isdigit() and len(word) < 16):
        raise BadRequest("Invalid rev format")
    return int(word)
