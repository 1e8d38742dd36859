"""CSV as offices write it: records out of lines, one by one.

Law: a record that is broken (a stray quotation mark, one that never closes, a comma too many, letters nobody
can read) is refused with its row, and the next record begins at the next line: no record swallows another.
Rows are counted as a spreadsheet shows them: a cell of three lines is one row. Pure, but for reading.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO

from server.imports.codepages import Evidence, Line
from server.imports.columns import tidy
from server.imports.findings import RowRefused
from server.imports.opening import TableError, open_bytes

#: Cells of a row, or why there are none.
Cells = list[str] | RowRefused

#: A cell longer than this is no text a person wrote.
_CELL = 1_000_000
#: A cell of more lines than this is a quotation mark that nobody closed.
_LINES = 1_000
#: Below this width a line of a text may well hold as many commas as a row.
_NARROW = 4
#: Lines looked at to find the delimiter.
SAMPLE = 40
_DELIMITERS = ",;\t|"
_OPEN = "unexpected end of data"


class Delimited:
    """A CSV file. ``delimiter`` is found by the columns that are wanted, else by what is most frequent."""

    def __init__(self, path: Path, wanted: frozenset[str], page: str | None = None) -> None:
        self.path = path
        csv.field_size_limit(_CELL)
        self._wide = _utf16(path)
        try:
            self._evidence = Evidence(page)
            if self._wide is None:
                for raw in self._raw():
                    self._evidence.add(raw)
        except LookupError:
            raise TableError(f"--encoding {page!r} is no encoding (cp1252, cp850, mac_roman …).") from None
        sample = list(islice(self._lines(), SAMPLE))
        self._said = bool(sample) and sample[0].text.lower().startswith("sep=") and len(sample[0].text) > 4
        if self._said:
            self.delimiter = sample[0].text[4]
            if sample[0].text[4:].strip().lower() in ("", "\\t"):
                self.delimiter = "\t"
        else:
            self.delimiter = max(_DELIMITERS, key=lambda mark: _fit(sample, mark, wanted))

    def rows(self, width: int = 0) -> Iterator[tuple[int, Cells]]:
        """Row number and cells; ``width``: columns of the header, where it is known."""
        lines = self._lines()
        if self._said:
            next(lines, None)
        return records(lines, self.delimiter, width)

    def _lines(self) -> Iterator[Line]:
        if self._wide is None:
            first = True
            for raw in self._raw():
                yield self._evidence.read(raw.removeprefix(b"\xef\xbb\xbf") if first else raw)
                first = False
            return
        with open_bytes(self.path) as file:
            for number, text in enumerate(_text(file, self._wide)):
                yield Line(text.removeprefix("\ufeff") if not number else text, "\ufffd" in text)

    def _raw(self) -> Iterator[bytes]:
        # Latin-1 gives every byte a character and back: lines end as they do in text, even on an old Mac.
        with open_bytes(self.path) as file:
            for text in _text(file, "latin-1"):
                yield text.encode("latin-1")


def _text(file: IO[bytes], encoding: str) -> Iterator[str]:
    try:
        with io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="") as lines:
            yield from lines
    except EOFError as error:
        raise TableError(f"{Path(getattr(file, 'name', 'the file')).name} is cut short: {error}.") from None


def _utf16(path: Path) -> str | None:
    """UTF-16 by its mark, or by the empty half of each plain letter ("Unicode text" of Excel)."""
    with open_bytes(path) as file:
        head = file.read(64)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(head) >= 4 and b"\x00" in head:
        low, high = head[1::2].count(0), head[0::2].count(0)
        if low > len(head) // 4 and not high:
            return "utf-16-le"
        if high > len(head) // 4 and not low:
            return "utf-16-be"
    return None


def _fit(sample: list[Line], mark: str, wanted: frozenset[str]) -> tuple[int, int, int]:
    """How well a delimiter fits: known names in one row, then cells in the most rows, then its number."""
    found = [cells for _, cells in records(iter(sample), mark) if isinstance(cells, list)]
    named = max((len(wanted & {tidy(cell) for cell in cells}) for cells in found), default=0)
    return named, sum(len(cells) > 1 for cells in found), sum(map(len, found))


def records(lines: Iterable[Line], delimiter: str, width: int = 0) -> Iterator[tuple[int, Cells]]:
    """The records of lines, each with its row number from 1; empty rows count and are not given."""
    source, waiting = iter(lines), deque[Line]()
    number = 0
    while (line := waiting.popleft() if waiting else next(source, None)) is not None:
        number += 1
        taken = [line]
        cells, why = _parse(taken, delimiter)
        if cells is None and why == _OPEN:
            cells, why = _joined(taken, waiting, source, delimiter, width)
        if cells is None:
            waiting.extendleft(reversed(taken[1:]))
            yield number, RowRefused("row", line.text.strip(), why)
        elif any(part.doubtful for part in taken):
            yield (
                number,
                RowRefused(
                    "row",
                    ascii("".join(part.text for part in taken).strip()).strip("'"),
                    "has letters in an encoding that cannot be told: save it as UTF-8, or say --encoding",
                ),
            )
        elif any(cell.strip() for cell in cells):
            yield number, cells


def _parse(lines: list[Line], delimiter: str) -> tuple[list[str] | None, str]:
    reader = csv.reader([line.text for line in lines], delimiter=delimiter, strict=True)
    try:
        return next(reader, []), ""
    except csv.Error as error:
        if str(error) == _OPEN:
            return None, _OPEN
        return None, "has a quotation mark where none can be; inside a text it is written twice"


def _joined(
    taken: list[Line], waiting: deque[Line], source: Iterator[Line], delimiter: str, width: int
) -> tuple[list[str] | None, str]:
    """The record whose quotation mark is still open, with the lines after it, which go into ``taken``."""
    unclosed = "has a quotation mark that is never closed"
    length = len(taken[0].text)
    while len(taken) < _LINES and length < _CELL:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return None, unclosed
        taken.append(line)
        length += len(line.text)
        if '"' not in line.text:
            continue
        cells, why = _parse(taken, delimiter)
        if cells is not None:
            rows = width >= _NARROW and all(
                part.text.count(delimiter) >= width - 1 and part.text.strip() for part in taken[1:]
            )
            return (None, unclosed) if rows else (cells, "")
        if why != _OPEN:
            return None, unclosed
    return None, unclosed
