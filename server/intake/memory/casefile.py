"""The records of one report in memory, and what they fold to, now or at an earlier moment.

Law: a case file holds all records of its report or it is not used; whoever cannot write what it was
changed to throws it away and reads it again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import orjson

from server.cases.fold import FoldState, fold
from sync.interface import AllDocsQuery, Database

Json = dict[str, Any]

#: Case files kept ready. Of a large municipality's day a few thousand reports are touched; 8,000 take
#: some 100 MB.
KEPT = 8_000


class CaseFile:
    """``rev``: the stored report's revision. ``report``: the records folded, None without a capture."""

    __slots__ = ("_fold", "_report", "_stale", "records", "rev", "stored_version", "subject")

    def __init__(self, subject: str, records: Iterable[Json] = (), stored: Json | None = None) -> None:
        self.subject = subject
        self.records: dict[str, Json] = {record["_id"]: record for record in records}
        self._fold = FoldState(self.records.values())
        self._report: Json | None = None
        self._stale = True
        self.rev: str | None = stored.get("_rev") if stored else None
        self.stored_version: int = stored["version"] if stored else 0

    @property
    def report(self) -> Json | None:
        """The records folded; made when it is asked for, since a batch adds several before anyone looks."""
        if self._stale:
            self._report, self._stale = self._fold.report(), False
        return self._report

    @property
    def captured_at(self) -> str | None:
        """When the report was captured; None without a capture."""
        case = self._fold.case()
        return None if case is None else case.captured_at

    @property
    def needs_folio(self) -> bool:
        """Whether there is a capture and no folio yet."""
        case = self._fold.case()
        return case is not None and not case.folios

    def add(self, record: Json) -> None:
        """Take in a new record."""
        if record["_id"] in self.records:
            return
        self.records[record["_id"]] = record
        self._fold.add(record)
        self._stale = True

    def stored(self, rev: str) -> None:
        """Note that the report as it folds now was written as revision ``rev``."""
        report = self.report
        assert report is not None
        self.rev, self.stored_version = rev, report["version"]

    def effective_times(self) -> dict[str, str]:
        """Event id to ``effective_at``, of every admitted event."""
        return {r["event"]["_id"]: r["effective_at"] for r in self.records.values() if "event" in r}

    def as_of_admission(self, admission: int) -> Json | None:
        """The report as the records admitted up to ``admission`` made it."""
        return self._as_of(lambda record: record["admission"] <= admission)

    def as_of_instant(self, instant: str) -> Json | None:
        """The report as the records effective up to ``instant`` make it."""
        return self._as_of(lambda record: record["effective_at"] <= instant)

    def _as_of(self, wanted: Any) -> Json | None:
        chosen = [record for record in self.records.values() if wanted(record)]
        return self.report if len(chosen) == len(self.records) else fold(chosen)

    def admission_of(self, event: str) -> int | None:
        """The admission number of an event of this report, or None."""
        subject, _, own = event.removeprefix("event:").partition(":")
        record = self.records.get(f"record:{subject}:{own}")
        return record["admission"] if record else None


class CaseFiles:
    """The case files in use, read from ``cases`` on demand; the least recently used leave first."""

    def __init__(self, cases: Database) -> None:
        self._cases = cases
        self._files: OrderedDict[str, CaseFile] = OrderedDict()

    def get(self, subject: str) -> CaseFile | None:
        file = self._files.get(subject)
        if file is not None:
            self._files.move_to_end(subject)
        return file

    def put(self, file: CaseFile) -> None:
        self._files[file.subject] = file
        self._files.move_to_end(file.subject)

    def drop(self, subject: str) -> None:
        """Throw one away: what is stored of it was changed."""
        self._files.pop(subject, None)

    def trim(self) -> None:
        """Let go of what was not used lately. Call between batches: a batch relies on what it loaded."""
        while len(self._files) > KEPT:
            self._files.popitem(last=False)

    def forget(self) -> None:
        """Throw everything away: memory may be ahead of what could be written."""
        self._files.clear()

    async def load(self, subjects: Iterable[str], *, absent: frozenset[str] = frozenset()) -> None:
        """Have the files of ``subjects`` ready; of those in ``absent`` nothing is stored, it is known."""
        missing = [subject for subject in dict.fromkeys(subjects) if subject not in self._files]
        for subject in missing:
            if subject in absent:
                self.put(CaseFile(subject))
        await asyncio.gather(*(self._read(subject) for subject in missing if subject not in absent))

    async def _read(self, subject: str) -> None:
        head = f"record:{subject}:"
        query = AllDocsQuery(startkey=head, endkey=head + "\uffff", include_docs=True)
        page, stored = await asyncio.gather(
            self._cases.all_docs(query), self._cases.get_many([f"report:{subject}"])
        )
        records = [orjson.loads(row.doc) for row in page.rows if row.doc is not None]
        self.put(CaseFile(subject, records, stored.get(f"report:{subject}")))
