"""Workbooks: the cells of each sheet as text, what is an error included.

Law: a cell whose formula failed, or whose result the workbook does not hold, is never an empty one; a value
merged over rows stands in each of them. Rows have the numbers the spreadsheet shows.

calamine gives error cells and formulas without a result as empty text (0.9.1), so the sheet's own XML is
asked for them; only where it has any.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from server.imports.columns import NO_RESULT
from server.imports.delimited import Cells
from server.imports.opening import TableError, whole

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: A spreadsheet keeps fifteen digits of a number; what a longer one was nobody knows any more.
_DIGITS = 1e15
_PIECE = 1 << 20
#: How a workbook's XML spells a character that XML cannot hold (ECMA-376 part 1, §22.9.2.19): ``_x000D_``.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Workbook:
    """``sheets``: the names of those a person sees."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bytes = whole(path)
        try:
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(self._bytes))
        except CalamineError as error:
            raise TableError(f"{path.name} cannot be read as a workbook: {error}.") from None
        self.every = list(self._book.sheet_names)
        shown = [s.name for s in self._book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
        self.sheets = shown or self.every

    def rows(self, name: str) -> Iterator[tuple[int, Cells]]:
        """Row number and cells of one sheet; empty rows are not given."""
        try:
            sheet = self._book.get_sheet_by_name(name)
        except CalamineError as error:
            raise TableError(f"{self._path.name}, sheet {name!r}: {error}.") from None
        left = sheet.start[1] if sheet.start else 0
        errors = self._errors(name)
        merged = _merged(sheet, left)
        carried: dict[int, str] = {}
        for number, cells in enumerate(sheet.iter_rows()):
            texts = [_text(cell) for cell in cells]
            for column, said in errors.get(number, {}).items():
                if 0 <= column - left < len(texts):
                    texts[column - left] = said
            for column, first in merged.get(number, ()):
                if first:
                    carried[column] = texts[column]
                elif not texts[column]:
                    texts[column] = carried.get(column, "")
            if any(texts):
                yield number + 1, texts

    def _errors(self, name: str) -> dict[int, dict[int, str]]:
        """Text of the error cells by row and column, from 0."""
        with zipfile.ZipFile(io.BytesIO(self._bytes)) as package:
            names = set(package.namelist())
            if "xl/workbook.xml" not in names:
                content = package.read("content.xml") if "content.xml" in names else b'value-type="error"'
                if b'value-type="error"' in content:
                    raise TableError(f"{self._path.name} holds errors, or is no .xlsx: save it as .xlsx.")
                return {}
            part = _part(package, name)
            return _error_cells(package, part) if part in names and _has_errors(package, part) else {}


def _part(package: zipfile.ZipFile, name: str) -> str:
    """The path of a sheet inside the package."""
    book = ElementTree.fromstring(package.read("xl/workbook.xml"))
    links = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet") and sheet.get("name") == name:
            relation = next((value for key, value in sheet.items() if key.endswith("}id")), None)
            target = targets.get(relation, "")
            return target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
    return ""


def _has_errors(package: zipfile.ZipFile, part: str) -> bool:
    """Whether it may: a look at the bytes, since to walk through all cells takes ten times as long."""
    with package.open(part) as file:
        kept = b""
        while piece := file.read(_PIECE):
            seen = kept + piece
            if b't="e"' in seen or b"<f" in seen or b":f>" in seen or b"t='e'" in seen:
                return True
            kept = seen[-8:]
    return False


def _error_cells(package: zipfile.ZipFile, part: str) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    row, column = -1, -1
    with package.open(part) as file:
        for event, element in ElementTree.iterparse(file, events=("start", "end")):
            tag = element.tag.rpartition("}")[2]
            if event == "start":
                if tag == "row":
                    row, column = int(element.get("r", row + 2)) - 1, -1
                elif tag == "c":
                    column = _column(element.get("r", ""), column + 1)
                continue
            if tag == "c":
                value = next((child.text for child in element if child.tag.endswith("}v")), None)
                formula = any(child.tag.endswith("}f") for child in element)
                if element.get("t") == "e":
                    found.setdefault(row, {})[column] = value or "#N/A"
                # A formula that gives an empty text says so (t="str"); one without a result was never run.
                elif formula and not value and element.get("t") != "str":
                    found.setdefault(row, {})[column] = NO_RESULT
            elif tag == "row":
                element.clear()
    return found


def _column(reference: str, otherwise: int) -> int:
    """``AB12``: 27; ``otherwise`` where a cell does not say."""
    letters = re.match(r"[A-Z]+", reference)
    if letters is None:
        return otherwise
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _merged(sheet: CalamineSheet, left: int) -> dict[int, list[tuple[int, bool]]]:
    """Cells merged downwards, by row: column (of the rows as given) and whether the value stands there."""
    found: dict[int, list[tuple[int, bool]]] = {}
    for (top, first), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top and first >= left:
            for row in range(top, bottom + 1):
                found.setdefault(row, []).append((first - left, row == top))
    return found


def _text(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without .0, dates as YYYY-MM-DD."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        if abs(cell) >= _DIGITS:
            return f"{cell:.14E}"
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(cell)).strip()
