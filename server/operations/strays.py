"""Photos that nobody declares, and bytes that no document names: gone after a time.

Law: a photo goes only where no report's evidence lists it, and no event names it that waits to be judged, is
held for the desk or was refused; its document goes before its bytes, while nobody delivers. What a restore
lost may still be declared by phones, so time counts from the restore.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog

from server.context import Context
from server.documents.ids import blob_id, report_id, subject_if_event
from server.evidence.blob import Blob, blob
from server.evidence.blobstore import derivative
from server.evidence.examination import WIDTHS
from server.instants import parse
from server.intake.writing import checkpoint as checkpoints
from server.store import epoch
from server.store.scan import pages
from sync.errors import Conflict, NotFound
from sync.interface import ChangesQuery, Database

log = structlog.get_logger("manzana.evidence")

_PAGE = 500


async def sweep(context: Context, life: timedelta) -> int:
    """Take away what has been a stray for ``life``; gives how many photos."""
    cases = context.databases.cases
    before = context.certain.now() - life
    lost = await epoch.lost(cases)
    if lost is not None and parse(lost[1]) > before:
        return 0
    gone = 0
    # What waits first: what is judged meanwhile is found among the held, or in a report.
    held = await _waiting(context) | await _held(context)
    async for rows in pages(context.databases.evidence, "blob:"):
        docs = [blob(row.read()) for row in rows]
        old = [doc for doc in docs if "redacted_at" not in doc and parse(doc["received_at"]) < before]
        for doc in await _undeclared(cases, held, old):
            gone += await _take_away(context, doc)
    return gone + await _nameless(context, before)


async def _waiting(context: Context) -> set[str]:
    """Hashes that events name which intake has not said it is done with."""
    found: set[str] = set()
    since = (await checkpoints.read(context.databases.cases)).inbox
    while True:
        query = ChangesQuery(since=since, limit=_PAGE, include_docs=True)
        page = await context.databases.inbox.changes(query)
        for row in page.rows:
            found |= _named(orjson.loads(row.doc or b"{}"))
        if page.pending == 0:
            return found
        since = page.last_seq


async def _held(context: Context) -> set[str]:
    """Hashes that events name which wait for the desk or were refused."""
    found: set[str] = set()
    for kind in ("quarantine:", "refusal:"):
        async for rows in pages(context.databases.cases, kind):
            ids = [str(doc["receipt"]) for row in rows if (doc := row.read()).get("receipt")]
            for receipt in (await context.databases.inbox.get_many(ids)).values():
                found |= _named(receipt)
    return found


def _named(receipt: Mapping[str, Any]) -> set[str]:
    """Hashes of the photos of a receipt's event, of whatever form that is."""
    event = receipt.get("event")
    photos = event.get("photos") if isinstance(event, dict) else None
    listed = photos if isinstance(photos, list) else []
    return {str(photo.get("sha256")) for photo in listed if isinstance(photo, dict)}


async def _undeclared(cases: Database, held: set[str], docs: Iterable[Blob]) -> list[Blob]:
    """Those of the photos that no report which their deliveries name lists as evidence."""
    asked = {doc["sha256"]: _reports(doc) for doc in docs if doc["sha256"] not in held}
    reports = await cases.get_many(sorted({name for names in asked.values() for name in names}))
    left = []
    for doc in docs:
        sha256 = doc["sha256"]
        if sha256 in asked and not any(
            item["sha256"] == sha256
            for name in asked[sha256]
            for item in (reports.get(name) or {}).get("evidence") or ()
        ):
            left.append(doc)
    return left


def _reports(doc: Blob) -> list[str]:
    named = [subject_if_event(delivery["event"]) for delivery in doc["deliveries"]]
    return [report_id(report) for report in named if report is not None]


async def _take_away(context: Context, doc: Blob) -> int:
    """Document, then bytes; 0 where somebody is delivering, or delivered meanwhile."""
    evidence, sha256 = context.databases.evidence, doc["sha256"]
    async with context.uploads.deliveries.alone() as alone:
        if not alone:
            return 0
        try:
            await evidence.delete(doc["_id"], doc["_rev"])
        except (Conflict, NotFound):
            return 0
        for name in (*(derivative(sha256, width) for width in WIDTHS), sha256):
            await context.blobs.delete(name)
    log.info("stray_photo_gone", sha256=sha256, received_at=doc["received_at"])
    return 1


async def _nameless(context: Context, before: datetime) -> int:
    """Bytes of originals and derivatives without a document; gives how many originals went."""
    gone = 0
    names = await context.blobs.names()
    for start in range(0, len(names), _PAGE):
        some = names[start : start + _PAGE]
        async with context.uploads.deliveries.alone() as alone:
            if not alone:
                return gone
            docs = await context.databases.evidence.get_many(sorted({blob_id(name[:64]) for name in some}))
            named = {doc["sha256"] for doc in docs.values()}
            for name in some:
                if name[:64] in named:
                    continue
                written = await context.blobs.written(name)
                if written is not None and written < before.timestamp():
                    await context.blobs.delete(name)
                    gone += len(name) == 64
    return gone
