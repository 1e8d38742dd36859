"""What the law had removed is removed from the truth too: from the record and from every receipt.

Law ERASE-1: what remains is what ``judging/erased.py`` says. Erasing again changes nothing, so a crash in
between is completed by doing it again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from typing import Any

from server.documents.ids import event_parts, record_of
from server.documents.redacted import Redacted
from server.documents.shapes import Record
from server.intake.judging.erased import mask, redaction
from server.intake.judging.receipt import Raw
from server.store.databases import Databases
from server.store.scan import scan
from sync.interface import Database

#: Receipts looked at per page; some 2 MB.
_PAGE = 2_000


async def erase_event(databases: Databases, event: str, members: Iterable[str], at: str) -> Redacted | None:
    """Take members out of an event's record and receipts; gives its ``redacted:`` document.

    None where it never came; of what is held or was refused there are receipts only. Raises the engine's
    errors. Older revisions are left to compaction.
    """
    names = record_id, redaction_id = record_of(event), f"redacted:{event_parts(event)[1]}"
    found: dict[str, Any] = await databases.cases.get_many(names)
    record: Record | None = found.get(record_id)
    known: Redacted | None = found.get(redaction_id)
    receipts = [row async for row in _receipts_of(databases.inbox, event)]
    if record is None and not receipts:
        return None
    content: Raw = record["event"] if record is not None else receipts[0]["event"]
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


async def _receipts_of(inbox: Database, event: str) -> AsyncIterator[Raw]:
    """Every receipt of an event: a retry may have appended it any number of times."""
    sought = event.encode()
    async for row in scan(inbox, "", page=_PAGE):
        if sought in row.body:
            receipt: Raw = row.read()
            if isinstance(receipt.get("event"), dict) and receipt["event"].get("_id") == event:
                yield receipt


async def mask_receipts(inbox: Database, receipts: Iterable[Raw], members: Collection[str]) -> None:
    """Rewrite receipts (with their ``_rev``) without the members, where they still have them."""
    for receipt in receipts:
        event = mask(receipt["event"], members)
        if event != receipt["event"]:
            await inbox.put({**receipt, "event": event})
