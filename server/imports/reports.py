"""An old system's reports: rows become ``captured`` events, and what followed them by their status.

Law: the same row of the same source gives the same event, whenever it is imported: ids are made from the
source and the old folio, so a second run of the file changes nothing. The old folio stays as an alias. These
events carry no signature; their receipts say ``"trusted": "import"``, which only this importer writes.
Pure: the present is handed in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from server.clock import uuid7
from server.imports import statuses
from server.imports.columns import tidy
from server.imports.findings import RowRefused
from server.imports.known import Known
from server.imports.values import boolean, decimal, happened, identifier, slug, text, to_slug
from server.instants import say

Json = dict[str, Any]

MEMBERS = frozenset(
    {
        "folio", "date", "lat", "lon", "text", "type", "channel", "block", "colonia", "street", "between",
        "reference", "urgent", "closed", "done", "status", "agency", "duplicate_of",
    }
)  # fmt: skip
#: The account and role in whose name an old system's reports stand.
ACCOUNT, ROLE = "import", "desk"


#: Degrees that hold all of Mexico, its islands too: west, south, east, north. No point of it stays inside
#: with its axes swapped.
MEXICO = (-119.0, 14.0, -86.0, 33.0)


@dataclass(slots=True)
class Told:
    """What the operator is told of how rows were read, beside those refused: how many of each."""

    swapped: int = 0
    undated: int = 0
    unnamed: int = 0
    #: Texts by the member and id they gave, where several gave the same.
    folded: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def said(self, member: str, key: str, written: Any) -> None:
        self.folded.setdefault((member, key), set()).add(tidy(str(written)))

    def sentences(self) -> list[str]:
        found = []
        for (member, key), texts in sorted(self.folded.items()):
            if len({to_plain(text) for text in texts}) > 1:
                shown = ", ".join(repr(text) for text in sorted(texts)[:5])
                found.append(f"{len(texts)} texts of {member} are one, {key}: {shown}.")
        if self.swapped:
            found.append(f"{self.swapped} rows had latitude and longitude swapped; they were put right.")
        if self.undated:
            found.append(f"{self.undated} rows have ended without a date: they count as ended when captured.")
        if self.unnamed:
            found.append(
                f"{self.unnamed} duplicates name no report of this file (duplicate_of): they are not viable."
            )
        return found


def to_plain(written: str) -> str:
    """A text as one compares it by ear: no case, no accents."""
    return to_slug(written) if not written else "".join(to_slug(c) or c for c in tidy(written).casefold())


class OldReports:
    """Turns rows into receipts. ``source`` names the old system: part of every id.

    ``words``: what the operator says of statuses. ``told`` grows with the rows.
    """

    def __init__(
        self,
        source: str,
        known: Known,
        now: datetime,
        *,
        words: Mapping[str, str] | None = None,
    ) -> None:
        self._source = source
        self._known = known
        self._now = now
        self._words = words or {}
        self._device = f"{ACCOUNT}~{uuid7(datetime.fromtimestamp(0, now.tzinfo), self._bits('device'))}"
        self._rows: dict[str, int] = {}
        #: Reports by folio: what a duplicate may name.
        self._reports: dict[str, str] = {}
        self.told = Told()

    def _bits(self, *words: str) -> int:
        digest = hashlib.sha256("\x00".join((self._source, *words)).encode()).digest()
        return int.from_bytes(digest[:16], "big")

    def tail(self, kind: str, folio: str) -> int:
        """The part of an event's id that does not tell its time: 62 bits that name kind and folio."""
        return self._bits(kind, folio) & (2**62 - 1)

    def waits(self, row: Json) -> bool:
        """Whether the row is a duplicate of one that has not come yet."""
        if "duplicate_of" not in row or to_slug(row.get("status", "")) == "":
            return False
        return identifier("duplicate_of", row["duplicate_of"]) not in self._reports

    def receipts(self, number: int, row: Json) -> list[Json]:
        """The receipts of one row, its capture first. Raises ``RowRefused``; nothing of a refused row is
        given.
        """
        for member in ("folio", "date", "type"):
            if member not in row:
                raise RowRefused(member, None, "is missing")
        folio = text("folio", identifier("folio", row["folio"]), 64, lines=False)
        if folio in self._rows:
            raise RowRefused("folio", folio, f"is there twice (row {self._rows[folio]})")
        zone = self._known.zone
        at = happened("date", row["date"], zone, self._now, self._known.order)
        captured = self._captured(row)
        captured["old_folio"] = folio
        position, swapped = _position(row, at)
        status = statuses.meaning(row["status"], self._words) if "status" in row else None
        ended = (
            happened("closed", row["closed"], zone, self._now, self._known.order) if "closed" in row else None
        )
        if status is None:
            status = "captured" if ended is None else "finished"
        elif ended is not None and status not in statuses.CLOSED and status != "reopened":
            raise RowRefused("closed", row["closed"], f"is the end of a report that is {row['status']!r}")
        if "done" in row:
            row = {**row, "done": text("done", row["done"])}
        target = None
        if status == "duplicate" and "duplicate_of" in row:
            target = self._reports.get(
                text("duplicate_of", identifier("duplicate_of", row["duplicate_of"]), 64)
            )
        then = max(ended or at, at + timedelta(minutes=1))
        if then > self._now:
            raise RowRefused("closed", row.get("closed", row["date"]), "lies in the future")
        report = uuid7(at, self._bits("report", folio))
        found = [self._event("captured", report, folio, at, captured, position, number * 3 - 2)]
        agency = self._agency(row, captured["type"])
        following = statuses.events(status, row, agency=agency, duplicate_of=target)
        for step, (kind, payload) in enumerate(following):
            when = then + timedelta(minutes=step)
            found.append(
                self._event(kind, report, folio, when, payload, {"source": "none"}, number * 3 - 1 + step)
            )
        self._rows[folio] = number
        self._reports[folio] = report
        self.told.swapped += swapped
        self.told.undated += ended is None and status in (*statuses.CLOSED, "reopened")
        self.told.unnamed += status == "duplicate" and target is None
        return [self._receipt(event) for event in found]

    def _agency(self, row: Json, type_id: str) -> str:
        if "agency" in row:
            return str(self._known.agency("agency", row["agency"])["_id"].partition(":")[2])
        return str(self._known.types[type_id].get("agency", ""))

    def _captured(self, row: Json) -> Json:
        type_id = self._known.type("type", row["type"])
        channel = self._known.channel("channel", row.get("channel", "ventanilla"))
        self.told.said("type", type_id, row["type"])
        if "channel" in row:
            self.told.said("channel", channel, row["channel"])
        place: Json = {}
        if "block" in row:
            place["block"] = self._known.block("block", slug("block", row["block"]))
        if "colonia" in row:
            colonia = slug("colonia", row["colonia"])
            place["colonia"] = (
                colonia if colonia in self._known.colonias else text("colonia", row["colonia"], 200)
            )
        for member in ("street", "between", "reference"):
            if member in row:
                place[member] = text(member, row[member], 200, lines=False)
        payload: Json = {
            "type": type_id,
            "channel": channel,
            "for_whom": "anonymous",
            "answers": {},
            "place": place,
            "urgent": boolean("urgent", row.get("urgent", "no")),
        }
        if "text" in row:
            payload["text"] = text("text", row["text"])
        return payload

    def _event(
        self, kind: str, report: str, folio: str, at: datetime, payload: Json, position: Json, seq: int
    ) -> Json:
        return {
            "_id": f"event:{report}:{uuid7(at, self._bits(kind, folio))}",
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

    def _receipt(self, event: Json) -> Json:
        """The receipt's id is the event's own: a second run meets what the first one left."""
        return {
            "_id": event["_id"].rpartition(":")[2],
            "schema": "receipt.v1",
            "received_at": say(self._now),
            "session": {"account": ACCOUNT, "device": None},
            "trusted": "import",
            "event": event,
        }


def _position(row: Json, at: datetime) -> tuple[Json, bool]:
    """A pin where the row has both coordinates, and whether they were swapped; half of a position is none."""
    if "lat" not in row or "lon" not in row:
        return {"source": "none"}, False
    lat = decimal("lat", row["lat"], -180, 180)
    lon = decimal("lon", row["lon"], -180, 180)
    west, south, east, north = MEXICO
    swapped = west <= lat <= east and south <= lon <= north
    if swapped:
        lat, lon = lon, lat
    if not -90 <= lat <= 90:
        raise RowRefused("lat", row["lat"], "must be between -90 and 90")
    if lat == 0 and lon == 0:
        # What old systems write when they do not know.
        return {"source": "none"}, False
    return {"source": "pin", "lat": lat, "lon": lon, "taken_at": say(at)}, swapped
