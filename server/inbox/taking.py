"""Taking signed events into the inbox and citizen documents into ``citizens``.

Law: a row says ``ok`` only for what is durably stored, and a citizen document is stored before the
event that names it. Nothing is judged here but form: an event is its signer's, whoever brings it. A retry
appends another receipt, which is harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, Protocol, TypedDict

import orjson

from server.cases.validation import Refusal, validate_citizen
from server.clock import Clock, new_uuid7
from server.documents.depth import DEPTH, is_deeper
from server.documents.ids import EVENT_ID
from server.documents.shapes import Citizen, Receipt
from server.instants import say
from server.metrics import Metrics
from server.problems import CATALOGUE, Problem
from server.store.databases import Databases

#: Documents taken in one piece (docs/gateway.md).
MOST_DOCS = 500
#: Bytes of one document: four times what intake admits, so that what is too long is refused on the record.
DOC_BYTES = 262_144


class Row(TypedDict):
    """What became of a document: ``ok``, or why not."""

    id: str | None
    ok: NotRequired[bool]
    error: NotRequired[str]
    message: NotRequired[str]
    reason: NotRequired[str]


class Sender(Protocol):
    """Who brings documents: a session, or a pen."""

    @property
    def account(self) -> str: ...

    @property
    def device(self) -> str | None: ...


class Inbox:
    """The door by which events enter, for pushes and for a colleague's courier file."""

    def __init__(self, databases: Databases, clock: Clock, metrics: Metrics) -> None:
        self._databases = databases
        self._clock = clock
        self._metrics = metrics

    async def take(self, sender: Sender, docs: list[Any]) -> list[Row]:
        """Store what has the right form; a row for each document, in order."""
        rows: list[Row] = [{"id": None} for _ in docs]
        citizens: dict[str, Citizen] = {}
        events: list[tuple[int, Mapping[str, Any]]] = []
        for number, doc in enumerate(docs):
            doc_id = doc.get("_id") if isinstance(doc, dict) else None
            if is_deeper(doc):
                rows[number] = _refused(doc_id, "event_form", f"nested deeper than {DEPTH} levels")
            elif isinstance(doc_id, str) and doc_id.startswith("citizen:"):
                try:
                    validate_citizen(doc)
                except Refusal as refusal:
                    rows[number] = _refused(doc_id, "citizen_invalid", refusal.reason)
                    continue
                citizens[doc_id] = doc
                rows[number] = {"ok": True, "id": doc_id}
            elif (why := _why_no_event(doc)) is not None:
                rows[number] = _refused(doc_id, "event_form", why)
            else:
                events.append((number, doc))
        if citizens:
            await self._store_citizens(citizens)
        await self._store_events(sender, events, rows, citizens)
        for row in rows:
            if "error" in row:
                self._metrics.refusals.labels(row["error"]).inc()
        return rows

    async def _store_citizens(self, citizens: dict[str, Citizen]) -> None:
        """Their ids cover their contents: one that is there already is the same, or was redacted by law."""
        rows = await self._databases.citizens.bulk_docs(list(citizens.values()))
        for row in rows:
            if not row.ok and row.error != "conflict":
                raise Problem("unavailable", f"{row.id}: {row.error}")

    async def _store_events(
        self,
        sender: Sender,
        events: list[tuple[int, Mapping[str, Any]]],
        rows: list[Row],
        citizens: dict[str, Citizen],
    ) -> None:
        named = {citizen for _, event in events if (citizen := _citizen_of(event))} - citizens.keys()
        known = await self._databases.citizens.get_many(sorted(named)) if named else {}
        missing = named - known.keys()
        received_at = say(self._clock.now())
        receipts: list[Receipt] = []
        numbers: list[int] = []
        for number, event in events:
            citizen = _citizen_of(event)
            if citizen in missing:
                rows[number] = _refused(event["_id"], "citizen_missing", f"{citizen} is not here")
                continue
            numbers.append(number)
            receipts.append(
                {
                    "_id": new_uuid7(self._clock),
                    "schema": "receipt.v1",
                    "received_at": received_at,
                    "session": {"account": sender.account, "device": sender.device},
                    "event": event,
                }
            )
        if not receipts:
            return
        stored = await self._databases.inbox.bulk_docs(receipts)
        for number, receipt, row in zip(numbers, receipts, stored, strict=True):
            if not row.ok:
                raise Problem("unavailable", f"the inbox refused a receipt: {row.error}: {row.reason}")
            rows[number] = {"ok": True, "id": receipt["event"]["_id"]}


def _why_no_event(doc: Any) -> str | None:
    """Why a document is not a new signed event, or None. Only form: intake judges the rest."""
    if not isinstance(doc, dict):
        return "not an object"
    if EVENT_ID.match(str(doc.get("_id"))) is None:
        return "_id must be event:<uuid7>:<uuid7>"
    reserved = sorted(name for name in doc if name.startswith("_") and name != "_id")
    if reserved:
        return f"{reserved[0]} may not be there"
    if not isinstance(doc.get("sig"), str):
        return "sig is missing"
    if len(orjson.dumps(doc)) > DOC_BYTES:
        return f"more than {DOC_BYTES} bytes"
    return None


def _citizen_of(event: Mapping[str, Any]) -> str | None:
    payload = event.get("payload")
    named = payload.get("citizen") if isinstance(payload, dict) else None
    return named if isinstance(named, str) and len(named) <= 200 else None


def _refused(doc_id: Any, code: str, reason: str) -> Row:
    shown = doc_id[:200] if isinstance(doc_id, str) else None
    return {"id": shown, "error": code, "message": CATALOGUE[code].message, "reason": reason[:500]}
