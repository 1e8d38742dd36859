"""Checkpoints: what both sides remember about earlier runs of the same replication.

Law: a replication goes on from a sequence only if both sides recorded that very sequence in the same session.
Either side may have been restored from a backup since; what only one remembers is not believed, and reading
further back costs time but never a document. Sequences are compared for equality only.
Source: CouchDB Replication Protocol, 2.4.2.3 "Find Common Ancestry" and 2.4.2.5, "Record Replication
Checkpoint".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from sync import jsontext
from sync.errors import Conflict, DatabaseNotFound, NotFound
from sync.interface import Database

Json = dict[str, Any]

#: CouchDB keeps fifty entries; older ones are never needed.
HISTORY = 50

#: The way the id and the log are made; another version never reads this one's logs.
VERSION = 4


def replication_id(
    source_uuid: str, target_uuid: str, doc_ids: Sequence[str] | None, selector: Mapping[str, Any] | None
) -> str:
    """32 hex digits: the same for the same two databases and the same filter (2.4.2.3.1)."""
    identity = [
        VERSION, source_uuid, target_uuid, None if doc_ids is None else sorted(doc_ids),
        None if selector is None else jsontext.dumps(selector).decode(),
    ]  # fmt: skip
    return sha256(jsontext.dumps(identity)).hexdigest()[:32]


async def read_log(database: Database, checkpoint_id: str) -> Json:
    """The log of a side, empty when it has none (2.4.2.3.2)."""
    try:
        return await database.get_local(checkpoint_id)
    except DatabaseNotFound:
        raise
    except NotFound:
        return {}


def common_sequence(source: Mapping[str, Any], target: Mapping[str, Any]) -> str:
    """The newest sequence that both logs recorded in one session, ``0`` if there is none (2.4.2.3.3)."""
    known = set(_entries(target))
    return next((entry[1] for entry in _entries(source) if entry in known), "0")


def _entries(log: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(session, sequence) pairs, newest first. What is malformed counts as not recorded."""
    if log.get("replication_id_version") != VERSION:
        return []
    history = log.get("history")
    if not isinstance(history, list):
        return []
    pairs = (
        (entry.get("session_id"), entry.get("recorded_seq")) for entry in history if isinstance(entry, dict)
    )
    return [(session, seq) for session, seq in pairs if isinstance(session, str) and isinstance(seq, str)]


def with_entry(log: Mapping[str, Any], entry: Json) -> Json:
    """The log with one more checkpoint at its head."""
    history = log.get("history") if _entries(log) else []
    assert isinstance(history, list)
    return {
        "session_id": entry["session_id"],
        "source_last_seq": entry["recorded_seq"],
        "replication_id_version": VERSION,
        "history": [entry, *history][:HISTORY],
    }


async def record(database: Database, checkpoint_id: str, log: Json, entry: Json) -> Json:
    """Write the log with ``entry`` to one side; gives the log as it is now there."""
    for _ in range(3):
        doc = with_entry(log, entry)
        if "_rev" in log:
            doc["_rev"] = log["_rev"]
        try:
            rev = await database.put_local(checkpoint_id, doc)
        except Conflict:
            # Another run of the same replication wrote meanwhile; its entries are kept.
            log = await read_log(database, checkpoint_id)
            continue
        return {**doc, "_rev": rev}
    raise Conflict("The checkpoint is being written by another replication")
