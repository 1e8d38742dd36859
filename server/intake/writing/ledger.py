"""The folio ledger: which number was given to which report, for ever.

Law FOLIO-1: a number is on the disk here before anyone else hears of it, and this file is no part of a
backup: after a restore the same report gets its old folio and no other report does. Where the file is lost,
or nothing shows that it is newer than the municipality's own folios, ``SKIPPED`` numbers are passed over,
more than could have been given since.

The file is text, a line per folio: ``<number> <report uuid>``; a line cut short by a crash was never
told to anyone and is overwritten. ``skip <number>`` says that counting went on after that number.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from server.documents.ids import is_uuid

LEDGER_FILE = "folios.ledger"
_FOLIO = re.compile(r"(?:.*-)?0*([1-9][0-9]{0,11})\Z")

#: Numbers passed over when the ledger cannot be trusted: a large municipality's work of a month
#: (design, Folio).
SKIPPED = 10_000


class Ledger:
    """Open with ``open``. What ``reserve`` gave may be told once ``sync`` has returned."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Bytes keys: 372,959 reports take about 60 MB less than as text.
        self._given: dict[bytes, int] = {}
        self._last = 0
        #: The highest number a report has: ``last`` may be one that was only passed over.
        self._given_last = 0
        self._descriptor = -1
        self._end = 0
        #: What is on the disk: bytes and the last number; and the reports numbered since.
        self._synced = (0, 0)
        self._fresh: list[bytes] = []

    @classmethod
    def open(cls, folder: Path, highest_folio: int) -> Ledger:
        """Open or create the ledger of a data folder.

        ``highest_folio`` is the highest number the municipality's records show (0 for none): a ledger
        that does not reach it was lost, and counting goes on ``SKIPPED`` numbers later.
        """
        folder.mkdir(parents=True, exist_ok=True)
        ledger = cls(folder / LEDGER_FILE)
        ledger._descriptor = os.open(ledger._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        ledger._read()
        if ledger._last < highest_folio:
            ledger._skip(highest_folio + SKIPPED)
        directory = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return ledger

    @classmethod
    def doubt(cls, folder: Path, highest_folio: int) -> int | None:
        """After a restore: gives the number after which counting goes on, None where the ledger is trusted.

        ``highest_folio`` is the highest number the backup, or a later one, shows. Only a ledger with a
        number given after it was surely written after it; one that ends with it may be as old as the backup.
        """
        ledger = cls.open(folder, 0)
        try:
            if ledger._given_last > highest_folio:
                return None
            ledger._skip(max(highest_folio, ledger._last) + SKIPPED)
            return ledger._last
        finally:
            ledger.close()

    def _skip(self, number: int) -> None:
        self._append([f"skip {number}"])
        self._last = number
        self.sync()

    def _read(self) -> None:
        data = Path(self._path).read_bytes()
        whole = data.rfind(b"\n") + 1
        for line in data[:whole].splitlines():
            number, _, report = line.decode("ascii").partition(" ")
            if number == "skip":
                self._last = max(self._last, int(report))
            else:
                self._given[UUID(report).bytes] = int(number)
                self._given_last = max(self._given_last, int(number))
                self._last = max(self._last, int(number))
        self._end = whole
        self._synced = (whole, self._last)
        os.ftruncate(self._descriptor, whole)

    @property
    def last(self) -> int:
        """The highest number given or passed over."""
        return self._last

    def number_of(self, report: str) -> int | None:
        """The number of a report, or None where it has none."""
        return self._given.get(UUID(report).bytes)

    def reserve(self, reports: Iterable[str]) -> dict[str, int]:
        """A number for each report: its own where it has one, else the next. Not durable before ``sync``."""
        numbers: dict[str, int] = {}
        lines: list[str] = []
        last = self._last
        for report in reports:
            known = self.number_of(report) or numbers.get(report)
            if known is None:
                last += 1
                known = last
                lines.append(f"{known} {report}")
            numbers[report] = known
        if lines:
            self._append(lines)
            self._last = last
            found = {UUID(report).bytes: number for report, number in numbers.items()}
            self._fresh += found.keys() - self._given.keys()
            self._given |= found
        return numbers

    @property
    def is_synced(self) -> bool:
        """Whether everything that was given is on the disk."""
        return self._synced == (self._end, self._last)

    def sync(self) -> None:
        """Bring all that was given to the disk. A thread may do it while nobody reserves.

        Raises ``OSError``; then nothing was given since the last time, and no number told.
        """
        reached, fresh = (self._end, self._last), self._fresh
        try:
            os.fdatasync(self._descriptor)
        except OSError:
            # What the system's cache held may be gone for good: it is written again, with the same numbers.
            self._end, self._last = self._synced
            for report in fresh:
                self._given.pop(report, None)
            raise
        finally:
            self._fresh = []
        self._synced = reached

    def _append(self, lines: list[str]) -> None:
        data = "".join(line + "\n" for line in lines).encode("ascii")
        written = 0
        while written < len(data):
            written += os.pwrite(self._descriptor, data[written:], self._end + written)
        self._end += len(data)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def report_asked(ledger: Path, asked: str) -> str | None:
    """The report somebody means: by its uuid, or by a folio (``VE-000329`` or its number) of this ledger."""
    asked = asked.strip().lower()
    if is_uuid(asked):
        return asked
    number = _FOLIO.match(asked)
    return _report_of(ledger, int(number[1])) if number else None


def _report_of(ledger: Path, number: int) -> str | None:
    try:
        with ledger.open("r", encoding="ascii") as file:
            for line in file:
                given, _, report = line.strip().partition(" ")
                if given == str(number):
                    return report
    except FileNotFoundError:
        pass
    return None
