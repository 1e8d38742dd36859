"""What the law had removed is removed from the truth too: from the record and from every receipt.

Law: what remains is what ``judging/erased.py`` says. Erasing again changes nothing, so a crash in between is
completed by doing it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import orjson

from server.intake.judging.erased import mask, redaction
from server.store.databases import Databases
from sync.interface import AllDocsQuery, Database

Json = dict[str, Any]

#: Receipts looked at per page; some 2 MB.
_PAGE = 2_000


async def erase_event(databases: Databases, event: str, members: Iterable[str], at: str) -> Json | None:
    """Take members out of an event's record and receipts; gives its ``redacted:`` document.

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
