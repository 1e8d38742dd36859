"""Tables as municipalities send them: CSV in any of their dialects, XLSX, either of them gzipped or not.

Law: a row comes out with the number a spreadsheet shows for it, as a mapping from the header's names to text,
or refused; a bad row never stops the others. The header is the row that holds the names that are asked for,
under whatever titles stand above it, on whichever sheet. What was decided so is told in ``notes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from server.imports.columns import Reading, tidy
from server.imports.delimited import Cells, Delimited
from server.imports.findings import RowRefused
from server.imports.opening import TableError, open_bytes
from server.imports.workbooks import Workbook

__all__ = ["Row", "Table", "TableError", "count"]

Row = dict[str, str] | RowRefused

#: A title, a subtitle, the date and a logo's empty rows fit above a header.
_ABOVE = 30


class Table:
    """A file as a table: ``names`` of the columns, ``notes`` on how it was read. May be gone through twice.

    ``wanted``: the names of columns that will be asked for. Raises ``TableError``, ``OSError``.
    """

    def __init__(self, path: Path, wanted: Iterable[str] = (), reading: Reading | None = None) -> None:
        reading = reading or Reading()
        self.path = path
        self.notes: list[str] = []
        known = frozenset(map(tidy, wanted))
        with open_bytes(path) as file:
            try:
                magic = file.read(4)
            except EOFError as error:
                raise TableError(f"{path.name} is cut short: {error}.") from None
        if magic == b"PK\x03\x04":
            self._open: Callable[[int], Iterator[tuple[int, Cells]]] = self._workbook(known, reading.sheet)
        elif magic == b"\xd0\xcf\x11\xe0":
            raise TableError(f"{path.name} is an old .xls workbook: save it as .xlsx or CSV.")
        else:
            self._open = Delimited(path, known, reading.encoding).rows
        found = _header(self._open(0), known)
        if found is None:
            raise TableError(f"{path.name} has no header row.")
        self.header, cells = found
        if self.header > 1:
            self.notes.append(f"{path.name}: the header is row {self.header}; what stands above it is left.")
        self.names = _names(path, cells, known)

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        for number, cells in self._open(len(self.names)):
            if number > self.header:
                yield number, cells if isinstance(cells, RowRefused) else self._row(cells)

    def _row(self, cells: list[str]) -> Row:
        if len(cells) > len(self.names) and any(cell.strip() for cell in cells[len(self.names) :]):
            under = f"has {len(cells)} cells under {len(self.names)} columns"
            why = f"{under}: a text with a comma needs quotation marks"
            return RowRefused("row", "; ".join(cells), why)
        padded = [*cells, *[""] * (len(self.names) - len(cells))]
        return {name: cell for name, cell in zip(self.names, padded, strict=False) if name}

    def _workbook(
        self, known: frozenset[str], asked: str | None
    ) -> Callable[[int], Iterator[tuple[int, Cells]]]:
        book = Workbook(self.path)
        if asked is not None and asked not in book.every:
            raise TableError(f"{self.path.name} has no sheet {asked!r}; it has: {', '.join(book.every)}.")
        chosen = asked or self._sheet(book, known)
        return lambda _: book.rows(chosen)

    def _sheet(self, book: Workbook, known: frozenset[str]) -> str:
        """The sheet that holds the columns; the first where none does."""
        fits = {}
        for name in book.sheets:
            found = _header(book.rows(name), known)
            fits[name] = 0 if found is None else _fit(found[1], known)
        best = max(fits.values(), default=0)
        if not best:
            return next((name for name in fits if _header(book.rows(name), known)), book.sheets[0])
        alike = [name for name, fit in fits.items() if fit == best]
        if len(alike) > 1:
            raise TableError(
                f"{self.path.name} has these columns on several sheets ({', '.join(alike)}): say --sheet."
            )
        if alike[0] != book.sheets[0]:
            self.notes.append(f"{self.path.name}: sheet {alike[0]!r} is read.")
        return alike[0]


def _fit(cells: list[str], known: frozenset[str]) -> int:
    return len(known & {tidy(cell) for cell in cells})


def _header(rows: Iterator[tuple[int, Cells]], known: frozenset[str]) -> tuple[int, list[str]] | None:
    """The row with most of the known names; where none has any, the first that is as wide as the table."""
    first = [(number, cells) for number, cells in islice(rows, _ABOVE) if isinstance(cells, list)]
    if not first:
        return None
    best = max(first, key=lambda row: _fit(row[1], known))
    if _fit(best[1], known):
        return best
    wide = max(sum(bool(cell.strip()) for cell in cells) for _, cells in first)
    return next(row for row in first if sum(bool(cell.strip()) for cell in row[1]) * 2 > min(wide, 3))


def count(path: Path) -> int | None:
    """About how many rows there are, for a progress bar; None for a workbook."""
    with open_bytes(path) as file:
        try:
            if file.read(2) == b"PK":
                return None
            return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))
        except EOFError as error:
            raise TableError(f"{path.name} is cut short: {error}.") from None


def _names(path: Path, cells: list[str], known: frozenset[str]) -> list[str]:
    names = [tidy(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    twice = sorted({name for name in names if name and names.count(name) > 1})
    used = [name for name in twice if name in known or not known]
    if used:
        raise TableError(f"{path.name} has the column {used[0]!r} twice.")
    return ["" if name in twice else name for name in names]
