"""Flags that go by themselves: what they say is missing has come.

Law: that a record was flagged stays in it for ever (the fold's law); that it is settled is a fact of its own,
recorded once, which the fold reads. Only ``sequence_gap`` and ``based_on_unknown`` tell of something that may
come. Pure, but for changing the draft.
"""

from __future__ import annotations

from server.cases.effective import UNKNOWN_BASIS
from server.documents.shapes import Record
from server.intake.deciding.draft import Draft
from server.intake.memory.casefile import CaseFile
from server.intake.memory.chain import GAP


def bases_came(file: CaseFile, draft: Draft) -> None:
    """Settle the records of a report that named events which were unknown then and all are here now."""
    for record in list(file.records.values()):
        if UNKNOWN_BASIS not in record.get("flags", ()):
            continue
        if all(file.admission_of(seen) is not None for seen in record["event"]["based_on"]):
            _settle(file, record, UNKNOWN_BASIS, draft)


def gap_filled(file: CaseFile | None, event: str, draft: Draft) -> None:
    """Settle the record of an event before which nothing of its device is missing any more."""
    record = file.records.get(f"record:{event.removeprefix('event:')}") if file else None
    if file is not None and record is not None and GAP in record.get("flags", ()):
        _settle(file, record, GAP, draft)


def _settle(file: CaseFile, record: Record, flag: str, draft: Draft) -> None:
    if file.report is None:
        return  # Incidents and proposals show no flags.
    event = record["event"]["_id"]
    draft.fact(
        file,
        f"explained:{flag}:{event[-36:]}",
        {"kind": "explained", "event": event, "admission": record["admission"], "flags": [flag]},
        at=max(draft.now, record["effective_at"]),
        month=draft.month,
        flags=[],
    )
