"""An old system's reports: rows become ``captured`` events, and ``finished`` ones where they had ended.

Law: the same row of the same source gives the same event, whenever it is imported: ids are made from the
source and the old folio, so a second run of the file changes nothing. The old folio stays as an alias. These
events carry no signature; their receipts say ``"trusted": "import"``, which only this importer writes.
Pure: the present is handed in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from server.clock import uuid7
from server.documents.ids import event_id
from server.documents.shapes import Event, Kind, Payload, Place, Position, Receipt
from server.imports.findings import RowRefused
from server.imports.known import Known
from server.imports.values import boolean, decimal, happened, slug, text
from server.instants import say

MEMBERS = frozenset(
    {
        "folio", "date", "lat", "lon", "text", "type", "channel", "block", "colonia", "street", "between",
        "reference", "urgent", "closed", "done",
    }
)  # fmt: skip
#: The account and role in whose name an old system's reports stand.
ACCOUNT: Final = "import"
ROLE: Final = "desk"


class OldReports:
    """Turns rows into receipts. ``source`` names the old system: part of every id."""

    def __init__(self, source: str, known: Known, now: datetime) -> None:
        self._source = source
        self._known = known
        self._now = now
        self._device = f"{ACCOUNT}~{uuid7(datetime.fromtimestamp(0, now.tzinfo), self._bits('device'))}"
        self._seen: set[str] = set()

    def _bits(self, *words: str) -> int:
        digest = hashlib.sha256("\x00".join((self._source, *words)).encode()).digest()
        return int.from_bytes(digest[:16], "big")

    def receipts(self, number: int, row: Mapping[str, Any]) -> Iterator[Receipt]:
        """The receipts of one row. Raises ``RowRefused``; nothing of a refused row is given."""
        for member in ("folio", "date", "type"):
            if member not in row:
                raise RowRefused(member, None, "is missing")
        folio = text("folio", row["folio"], 64, lines=False)
        if folio in self._seen:
            raise RowRefused("folio", folio, "is there twice")
        at = happened("date", row["date"], self._known.zone, self._now)
        captured = self._captured(row, folio)
        position = _position(row, at)
        closed = None
        if "closed" in row:
            ended = happened("closed", row["closed"], self._known.zone, self._now)
            closed = max(ended, at + timedelta(minutes=1))
            if closed > self._now:
                raise RowRefused("closed", row["closed"], "lies in the future")
        self._seen.add(folio)
        report = uuid7(at, self._bits("report", folio))
        yield self._receipt(self._event("captured", report, folio, at, captured, position, number * 2 - 1))
        if closed is not None:
            done: Payload = {"done": text("done", row.get("done", "Atendido (sistema anterior)"))}
            yield self._receipt(
                self._event("finished", report, folio, closed, done, {"source": "none"}, number * 2)
            )

    def _captured(self, row: Mapping[str, Any], folio: str) -> Payload:
        type_id = slug("type", row["type"])
        if type_id not in self._known.types:
            raise RowRefused("type", row["type"], "is no petition type of this municipality")
        channel = slug("channel", row.get("channel", "ventanilla"))
        if channel not in self._known.channels:
            raise RowRefused("channel", row["channel"], "is no channel of this municipality")
        place: Place = {}
        if "block" in row:
            place["block"] = self._known.block("block", slug("block", row["block"]))
        if "colonia" in row:
            colonia = slug("colonia", row["colonia"])
            place["colonia"] = (
                colonia if colonia in self._known.colonias else text("colonia", row["colonia"], 200)
            )
        if "street" in row:
            place["street"] = text("street", row["street"], 200, lines=False)
        if "between" in row:
            place["between"] = text("between", row["between"], 200, lines=False)
        if "reference" in row:
            place["reference"] = text("reference", row["reference"], 200, lines=False)
        payload: Payload = {
            "type": type_id,
            "channel": channel,
            "for_whom": "anonymous",
            "answers": {},
            "place": place,
            "urgent": boolean("urgent", row.get("urgent", "no")),
            "old_folio": folio,
        }
        if "text" in row:
            payload["text"] = text("text", row["text"])
        return payload

    def _event(
        self,
        kind: Kind,
        report: str,
        folio: str,
        at: datetime,
        payload: Payload,
        position: Position,
        seq: int,
    ) -> Event:
        return {
            "_id": event_id(report, uuid7(at, self._bits(kind, folio))),
            "schema": "event.v1",
            "kind": kind,
            "actor": ACCOUNT,
            "role": ROLE,
            "device": self._device,
            "device_seq": seq,
            "prev": None,
            "based_on": [],
            "occurred_at": say(at),
            "position": position,
            "payload": payload,
            "photos": [],
            "app": "import",
            "privacy_notice": None,
        }

    def _receipt(self, event: Event) -> Receipt:
        """The receipt's id is the event's own: a second run meets what the first one left."""
        return {
            "_id": event["_id"].rpartition(":")[2],
            "schema": "receipt.v1",
            "received_at": say(self._now),
            "session": {"account": ACCOUNT, "device": None},
            "trusted": "import",
            "event": event,
        }


def _position(row: Mapping[str, Any], at: datetime) -> Position:
    """A pin where the row has both coordinates; half of a position, or none, is none."""
    if "lat" not in row or "lon" not in row:
        return {"source": "none"}
    lat = decimal("lat", row["lat"], -90, 90)
    lon = decimal("lon", row["lon"], -180, 180)
    if lat == 0 and lon == 0:
        # What old systems write when they do not know.
        return {"source": "none"}
    return {"source": "pin", "lat": lat, "lon": lon, "taken_at": say(at)}
