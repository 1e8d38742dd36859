"""What a draft gets once its reports have numbers: folios, and what its phones are told was admitted.

Law: a folio is the ledger's; here it becomes a record, once. Pure, but for the draft.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.cases.folio import definitive
from server.documents.ids import subject_of
from server.documents.shapes import FolioFact
from server.intake.deciding.draft import Draft
from server.intake.memory import chain as chains


def give_folios(draft: Draft, numbers: Mapping[str, int]) -> None:
    """Record the numbers of reports that have none yet."""
    prefix = draft.memory.world.settings["folio_prefix"]
    for report, number in numbers.items():
        file = draft.open(report)
        assert file is not None
        at = file.captured_at
        assert at is not None
        fact: FolioFact = {"kind": "folio", "folio": definitive(prefix, number)}
        draft.fact(file, "folio", fact, at=at, month=draft.month, flags=[])


def list_admitted(draft: Draft) -> None:
    """List what was admitted in the chains of the phones that wrote it."""
    for device, event, record_id in draft.accepted:
        file = draft.open(subject_of(record_id))
        assert file is not None
        record = file.records[record_id]
        folio = file.report["folio"] if file.report else None
        chain = draft.chain(device)
        chains.accept(chain, event, record["admission"], folio, record["event"]["device_seq"])
