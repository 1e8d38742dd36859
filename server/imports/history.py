"""An old system's reports from file to inbox.

Law: every row is judged before the first is written; the judged ones wait in a file without a name, so memory
does not grow. What was imported before is never written again nor changed: a row that says otherwise now is
named, member by member. Counts are of rows. Reports go to the inbox, and nowhere else: intake makes of them
what it makes of any event.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson

from server.imports import reports
from server.imports.columns import Columns, MappingError
from server.imports.findings import Findings, RowRefused
from server.imports.judging import Step, judged, opened, order_of
from server.imports.known import Known
from server.imports.store import BATCH, Written, batches, store
from server.store.databases import Databases
from server.store.scan import scan_ids
from sync.errors import NotFound
from sync.interface import Database

Json = dict[str, Any]

#: Where the inbox keeps which old systems were imported: a file's new name is no new system.
_SOURCES = "import-sources"
#: Rows compared with what other sources brought.
_COMPARED = 200
_PAGE = 5_000
#: Kinds that end a report: an import that now says another than before names it.
_ENDINGS = ("finished", "not_viable", "withdrawn", "marked_duplicate")


class Before:
    """What the inbox holds already, by the part of its ids that does not tell the time: eight bytes each."""

    def __init__(self, tails: list[int]) -> None:
        self._tails = np.sort(np.array(tails, dtype=np.uint64))

    @classmethod
    async def load(cls, inbox: Database) -> Before:
        names = scan_ids(inbox, "", page=_PAGE)
        return cls(
            [int(name.replace("-", "")[-16:], 16) & (2**62 - 1) async for name in names if len(name) == 36]
        )

    def __contains__(self, tail: int) -> bool:
        at = int(np.searchsorted(self._tails, np.uint64(tail)))
        return at < len(self._tails) and int(self._tails[at]) == tail


async def import_reports(
    databases: Databases,
    path: Path,
    columns: Columns,
    findings: Findings,
    step: Step,
    *,
    source: str | None,
    now: datetime,
    words: Mapping[str, str] | None = None,
    dry: bool = False,
) -> Written:
    """Rows of an old system's table into the inbox. ``source``: its name, None for the file's own.

    ``words``: what its statuses mean (``statuses.words_of``). Raises ``TableError``, ``MappingError``,
    ``StoreError``.
    """
    known = await Known.load(databases)
    table = opened(path, columns, reports.MEMBERS, findings)
    known.order = order_of(table, columns, reports.MEMBERS)
    before = await Before.load(databases.inbox)
    sources = await _sources(databases.inbox)
    name = source or path.name
    old = reports.OldReports(name, known, now, words=words)
    others = (
        {} if source else {other: reports.OldReports(other, known, now) for other in sources if other != name}
    )
    met: dict[str, int] = dict.fromkeys(others, 0)
    late: list[tuple[int, Json]] = []

    def one(number: int, row: Json) -> list[Json]:
        if old.waits(row):
            late.append((number, row))
            return []
        return old.receipts(number, row)

    with tempfile.TemporaryFile() as spool:
        rows = judged(table, columns, reports.MEMBERS, one, findings, step)
        compared = 0
        for number, receipts in chain(rows, _again(late, old, findings)):
            if not receipts:
                continue
            spool.write(orjson.dumps([number, receipts]) + b"\n")
            if compared < _COMPARED:
                compared += 1
                folio = receipts[0]["event"]["payload"]["old_folio"]
                for other, system in others.items():
                    met[other] += system.tail("captured", folio) in before
        for other, count in met.items():
            if compared and count * 2 > compared:
                raise MappingError(
                    f"these folios came before, as {other!r}: say --source {other!r} for a corrected file "
                    f"of the same system, or --source {name!r} where it is another one."
                )
        for sentence in old.told.sentences():
            findings.note(sentence)
        spool.seek(0)
        written = await _write(databases.inbox, spool, old, before, findings, dry=dry)
    if not dry and name not in sources:
        await databases.inbox.put_local(_SOURCES, {**sources.doc, "sources": [*sources, name]})
    return written


def _again(
    late: list[tuple[int, Json]], old: reports.OldReports, findings: Findings
) -> Iterator[tuple[int, list[Json]]]:
    """The duplicates that stood before what they name."""
    for number, row in late:
        try:
            yield number, old.receipts(number, row)
        except RowRefused as refused:
            findings.add(number, refused)


async def _write(
    inbox: Database,
    spool: IO[bytes],
    old: reports.OldReports,
    before: Before,
    findings: Findings,
    *,
    dry: bool,
) -> Written:
    written = Written()
    for batch in batches((orjson.loads(line) for line in spool), BATCH // 2):
        there = await inbox.get_many([receipt["_id"] for _, receipts in batch for receipt in receipts])
        fresh: list[Json] = []
        for number, receipts in batch:
            differences = list(_differences(receipts, there, old, before))
            for refused in differences:
                findings.add(number, refused)
            missing = [] if differences else [r for r in receipts if r["_id"] not in there]
            fresh += missing
            if differences:
                written.differ += 1
            elif len(missing) == len(receipts):
                written.added += 1
            elif missing:
                written.changed += 1
            else:
                written.same += 1
        await store(inbox, fresh, keep=True, dry=dry)
    return written


def _differences(
    receipts: list[Json], there: Mapping[str, Json], old: reports.OldReports, before: Before
) -> Iterator[RowRefused]:
    """What a row says otherwise than when it was imported before."""
    folio = receipts[0]["event"]["payload"]["old_folio"]
    kinds = {receipt["event"]["kind"] for receipt in receipts}
    for kind in _ENDINGS:
        if kind not in kinds and old.tail(kind, folio) in before:
            yield RowRefused(
                "status", folio, "differs from what was imported before, which had ended otherwise"
            )
            return
    for receipt in receipts:
        event, found = receipt["event"], there.get(receipt["_id"])
        captured = event["kind"] == "captured"
        if found is None:
            if old.tail(event["kind"], folio) in before:
                yield RowRefused(
                    "date" if captured else "closed",
                    event["occurred_at"],
                    "differs from what was imported before: the report keeps the date it has",
                )
            continue
        was = found["event"]
        for member in sorted(event["payload"].keys() | was["payload"].keys()):
            new, stood = event["payload"].get(member), was["payload"].get(member)
            if new != stood:
                why = (
                    f"differs from what was imported before ({str(stood)[:60]}): amend the report at the desk"
                )
                yield RowRefused(member, new, why)
        places = [tuple(doc["position"].get(name) for name in ("lat", "lon")) for doc in (event, was)]
        if captured and places[0] != places[1]:
            yield RowRefused(
                "lat",
                places[0],
                f"differs from what was imported before {places[1]}: move the report at the desk",
            )


class _Sources(list[str]):
    """The names of the old systems imported so far, and the document that keeps them."""

    doc: Json


async def _sources(inbox: Database) -> _Sources:
    try:
        doc = await inbox.get_local(_SOURCES)
    except NotFound:
        doc = {}
    found = _Sources(doc.get("sources", []))
    found.doc = {key: value for key, value in doc.items() if key == "_rev"}
    return found
