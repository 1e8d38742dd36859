"""Tables as municipalities send them: CSV in any of their dialects, XLSX, either of them gzipped or not.

Law: a row comes out with the number it has in the file, as a mapping from the header's names to text, and
nothing but one row is held in memory (a workbook's sheet is read whole: the format leaves no other way).
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, cast

from python_calamine import CalamineError, CalamineWorkbook

#: A cell longer than this is no text a person wrote.
_CELL = 1_000_000
_SAMPLE = 65_536


class TableError(ValueError):
    """A sentence about a file that cannot be read as a table."""


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unzipped where it is gzip (by its first two bytes, whatever its name)."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if zipped:
            with gzip.open(file) as unzipped:
                yield cast(IO[bytes], unzipped)
        else:
            yield file


def rows(path: Path) -> Generator[tuple[int, dict[str, str]], None, None]:
    """Row number (the header is 1) and the row. Raises ``TableError`` or ``OSError``."""
    with open_bytes(path) as file:
        magic = file.read(4)
    if magic == b"PK\x03\x04":
        yield from _workbook(path)
    elif magic == b"\xd0\xcf\x11\xe0":
        raise TableError(f"{path.name} is an old .xls workbook: save it as .xlsx or CSV.")
    else:
        yield from _csv(path)


def header(path: Path) -> list[str]:
    """The names of the columns. Raises ``TableError`` where there is no header."""
    with closing(rows(path)) as lines:
        for _, row in lines:
            return list(row)
    raise TableError(f"{path.name} has no rows.")


def count(path: Path) -> int | None:
    """About how many rows there are, for a progress bar; None for a workbook."""
    with open_bytes(path) as file:
        if file.read(2) == b"PK":
            return None
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def _encoding(path: Path) -> str:
    """UTF-8 where every byte fits; else what Spanish Windows writes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_bytes(path) as file:
        try:
            for piece in iter(lambda: file.read(1 << 20), b""):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
        except EOFError as error:
            raise TableError(f"{path.name} is cut short: {error}.") from None
    return "utf-8-sig"


def _csv(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    csv.field_size_limit(_CELL)
    encoding = _encoding(path)
    with (
        open_bytes(path) as file,
        io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="") as text,
    ):
        sample = text.read(_SAMPLE)
        text.seek(0)
        first = sample.partition("\n")[0]
        delimiter = max(",;\t|", key=first.count)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            names = _names(path, next(reader, []))
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, _row(path, names, cells, reader.line_num)
        except csv.Error as error:
            raise TableError(f"{path.name}, line {reader.line_num}: {error}.") from None


def _workbook(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with open_bytes(path) as file:
            book = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
        sheet = book.get_sheet_by_index(0)
    except CalamineError as error:
        raise TableError(f"{path.name} cannot be read as a workbook: {error}.") from None
    lines = sheet.iter_rows()
    names = _names(path, [_text(cell) for cell in next(lines, [])])
    for number, cells in enumerate(lines, start=2):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield number, _row(path, names, texts, number)


def _names(path: Path, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not any(names):
        raise TableError(f"{path.name} has no header row.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableError(f"{path.name} has the column {twice[0]!r} twice.")
    return names


def _row(path: Path, names: list[str], cells: list[str], number: int) -> dict[str, str]:
    if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
        raise TableError(f"{path.name}, line {number}: more cells than columns in the header.")
    padded = [*cells, *[""] * (len(names) - len(cells))]
    return {name: cell for name, cell in zip(names, padded, strict=False) if name}


def _text(cell: Any) -> str:
    """A workbook's cell as a person reads it: whole numbers without .0, dates as YYYY-MM-DD."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()
