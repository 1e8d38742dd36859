"""What intake says of a pen's events: done, refused, put aside, or nothing yet.

Law: an act is admitted only when its report holds it; a record without that is still on its way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from server.documents import reading
from server.documents.ids import record_of, report_id, subject_of
from server.documents.shapes import Record
from server.store.databases import Databases

State = Literal["admitted", "refused", "quarantined", "waiting"]


@dataclass(frozen=True, slots=True)
class Word:
    """What became of an act. ``code`` and ``message`` where it was refused or put aside."""

    event: str
    state: State
    folio: str | None = None
    code: str | None = None
    message: str | None = None


async def said(databases: Databases, device: str, events: Sequence[str]) -> dict[str, Word]:
    """Intake's word on each of these events of a device, by the event's id."""
    records = {event: record_of(event) for event in events}
    chain_id = f"chain:{device}"
    reports = sorted({_report(event) for event in events})
    found = await databases.cases.get_many([*records.values(), chain_id, *reports])
    troubles = _troubles(found.get(chain_id, {}))
    words: dict[str, Word] = {}
    for event, record in records.items():
        if record in found:
            # The report is written after its records: without the event in it the act is not done yet.
            report = found.get(_report(event))
            done = not _folded(reading.record(found[record])) or (
                report is not None and event in report.get("events", ())
            )
            folio = (report or {}).get("folio") if done else None
            words[event] = Word(event, "admitted" if done else "waiting", folio=folio)
        else:
            words[event] = troubles.get(event) or Word(event, "waiting")
    return words


def _report(event: str) -> str:
    return report_id(subject_of(event))


def _troubles(chain: Mapping[str, Any]) -> dict[str, Word]:
    states: tuple[State, ...] = ("quarantined", "refused")
    return {
        entry["event"]: Word(entry["event"], state, code=entry["code"], message=entry.get("message"))
        for state in states
        for entry in chain.get(state, ())
    }


def _folded(record: Record) -> bool:
    """Whether the record's event appears in its report: those of incidents and proposals do not."""
    event = record.get("event")
    return event is None or event["kind"] not in {"incident_opened", "incident_closed", "leader_proposed"}
