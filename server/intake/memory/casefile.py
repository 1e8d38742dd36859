"""The records of one report in memory, and what they fold to, now or at an earlier moment.

Law: a case file holds all records of its report or it is not used. A batch never changes the one in memory:
it adds to a fork, which takes its place once it is written. Pure.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from server.cases.fold import FoldState, fold
from server.documents.ids import record_of
from server.documents.shapes import Incident, Record, Report

#: Case files kept ready. Of a large municipality's day a few thousand reports are touched; 8,000 take
#: some 100 MB.
KEPT = 8_000


class Stored:
    """What is stored of a report: its document's revision and version. One for a case file and its forks."""

    __slots__ = ("rev", "version")

    def __init__(self, rev: str | None, version: int) -> None:
        self.rev = rev
        self.version = version

    def wrote(self, rev: str, version: int) -> None:
        self.rev, self.version = rev, version


class CaseFile:
    """``report``: the records folded, None without a capture."""

    __slots__ = ("_fold", "_report", "_stale", "records", "stored", "subject")

    def __init__(
        self, subject: str, records: Iterable[Record] = (), stored: Report | Incident | None = None
    ) -> None:
        self.subject = subject
        self.records: dict[str, Record] = {record["_id"]: record for record in records}
        self._fold = FoldState(self.records.values())
        self._report: Report | None = None
        self._stale = True
        self.stored = Stored(stored.get("_rev"), stored["version"]) if stored else Stored(None, 0)

    def fork(self) -> CaseFile:
        """The same file, to add to."""
        other = CaseFile(self.subject)
        other.records, other._fold = dict(self.records), self._fold.fork()
        other._report, other._stale, other.stored = self._report, self._stale, self.stored
        return other

    @property
    def report(self) -> Report | None:
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

    def add(self, record: Record) -> None:
        """Take in a new record."""
        if record["_id"] in self.records:
            return
        self.records[record["_id"]] = record
        self._fold.add(record)
        self._stale = True

    def effective_times(self) -> dict[str, str]:
        """Event id to ``effective_at``, of every admitted event."""
        return {r["event"]["_id"]: r["effective_at"] for r in self.records.values() if "event" in r}

    def as_of_admission(self, admission: int) -> Report | None:
        """The report as the records admitted up to ``admission`` made it."""
        return self._as_of(lambda record: record["admission"] <= admission)

    def as_of_instant(self, instant: str) -> Report | None:
        """The report as the records effective up to ``instant`` make it."""
        return self._as_of(lambda record: record["effective_at"] <= instant)

    def _as_of(self, wanted: Callable[[Record], bool]) -> Report | None:
        chosen = [record for record in self.records.values() if wanted(record)]
        return self.report if len(chosen) == len(self.records) else fold(chosen)

    def admission_of(self, event: str) -> int | None:
        """The admission number of an event of this report, or None."""
        record = self.records.get(record_of(event))
        return record["admission"] if record else None


class CaseFiles:
    """The case files in use; the least recently used leave first."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, CaseFile] = OrderedDict()

    def __contains__(self, subject: str) -> bool:
        return subject in self._files

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
        """Let go of what was not used lately. Call between batches: one relies on what was read for it."""
        while len(self._files) > KEPT:
            self._files.popitem(last=False)

    def forget(self) -> None:
        """Throw everything away: memory may be ahead of what could be written."""
        self._files.clear()
