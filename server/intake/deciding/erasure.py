"""What the law had removed is removed from the truth too: from the record and from every receipt.

Law: of a redacted event there remain its id, kind, author, numbering and what was not asked for, and the
SHA-256 of what it was, so that the phone that still holds it is met as before and brings nothing back.
Its signature stays and no longer verifies; that it did is what the record's admission says. Erasing again
changes nothing, so a crash in between is completed by doing it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import orjson

from server.cases.canonical import content_digest, seal
from server.cases.facts import redacted
from server.cases.whereabouts import EXACT, is_faded
from server.store.databases import Databases
from sync.interface import AllDocsQuery, Database

Json = dict[str, Any]

#: Receipts looked at per page; some 2 MB.
_PAGE = 2_000


def mask(event: Json, members: Collection[str]) -> Json:
    """The event without these members; whatever stands where a payload belongs is taken out whole."""
    if not isinstance(event.get("payload"), dict):
        event = {**event, "payload": {}}
    return redacted(event, set(members))


async def load(cases: Database) -> dict[str, Json]:
    """Event id to ``{digest, members}`` of everything that was redacted."""
    query = AllDocsQuery(startkey="redacted:", endkey="redacted:\uffff", include_docs=True)
    docs = (orjson.loads(row.doc) for row in (await cases.all_docs(query)).rows if row.doc is not None)
    return {doc["event"]: doc for doc in docs}


async def erase_event(databases: Databases, event: str, members: Iterable[str], at: str) -> Json | None:
    """Take members out of an event's record and receipts; gives what ``load`` would.

    None where it never came; of what is held or was refused there are receipts only. Raises the engine's
    errors. Older revisions are left to compaction.
    """
    _, subject, own = event.split(":")
    names = record_id, redaction_id = f"record:{subject}:{own}", f"redacted:{own}"
    found = await databases.cases.get_many(names)
    record, known = found.get(record_id), found.get(redaction_id)
    receipts = [row async for row in _receipts_of(databases.inbox, event)]
    if record is None and not receipts:
        return None
    content = (record or receipts[0])["event"]
    doc = redaction(content, members, at, known, held=record is None)
    gone = doc["members"]
    if doc != known:
        await databases.cases.put(doc)
    if record is not None:
        masked = mask(record["event"], gone)
        if masked != record["event"]:
            await databases.cases.put({**record, "event": masked})
    await mask_receipts(databases.inbox, receipts, gone)
    return doc


def redaction(event: Json, members: Iterable[str], at: str, known: Json | None, *, held: bool) -> Json:
    """The ``redacted:`` document of an event as it is stored now; ``known``: the one there is, completed.

    ``held``: it has no record. Then the receipt, once written again, comes by as any other, and by ``masked``
    it is known for what is left.
    """
    gone = sorted({*members, *(known["members"] if known else ())})
    name = event["_id"]
    doc = {"_id": f"redacted:{name[-36:]}", "schema": "redacted.v1", "event": name, "members": gone, "at": at}
    doc["digest"] = known["digest"] if known else content_digest(event)
    if held:
        doc["masked"] = content_digest(mask(event, gone))
    if known is not None:
        doc |= {"_rev": known["_rev"], "at": known["at"]}
    return doc


def met_again(event: Json, kept: Json, gone: Json | None) -> tuple[bool, list[str]]:
    """Whether an event that comes is the one a record keeps, and what must leave its receipt again.

    ``gone`` is what ``load`` knows of it. Of a record whose exact position went by age, everything but that
    position must be the same; the chain's next event still names the hash of the whole.
    """
    names, left = seal(event).names, content_digest(kept)
    if left in names:
        return True, []
    members = list(gone["members"] if gone else ())
    if is_faded(kept):
        members.append(EXACT)
        names |= seal(mask(event, [EXACT])).names
    return left in names or (gone is not None and gone["digest"] in names), members


async def _receipts_of(inbox: Database, event: str) -> Any:
    """Every receipt of an event: a retry may have appended it any number of times."""
    start, sought = "", event.encode()
    while True:
        rows = (await inbox.all_docs(AllDocsQuery(startkey=start, include_docs=True, limit=_PAGE))).rows
        for row in rows:
            if row.doc is not None and sought in row.doc:
                receipt = orjson.loads(row.doc)
                if isinstance(receipt.get("event"), dict) and receipt["event"].get("_id") == event:
                    yield receipt
        if len(rows) < _PAGE:
            return
        start = rows[-1].id + "\u0000"


async def mask_receipts(inbox: Database, receipts: Iterable[Json], members: Collection[str]) -> None:
    """Rewrite receipts (with their ``_rev``) without the members, where they still have them."""
    for receipt in receipts:
        event = mask(receipt["event"], members)
        if event != receipt["event"]:
            await inbox.put({**receipt, "event": event})
