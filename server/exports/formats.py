"""Rows into files: CSV (RFC 4180, UTF-8 with BOM), XLSX (ECMA-376), GeoJSON (RFC 7946).

Law EXPORT-1: a cell is inert. Where a program would take a text for a formula (CSV has no types), it gets a
mark before it; in XLSX every text is a text. Control characters have no place in any of them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from server.exports.columns import LONGEST, Column, Value

#: What a spreadsheet takes for the beginning of a formula when it opens a CSV.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Control characters but line feed and tab (XML 1.0 §2.2 has no place for them).
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?\Z")


def clean(text: str) -> str:
    return _CONTROLS.sub("", text)


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return clean(value) if isinstance(value, str) else str(value)


def csv_lines(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """A CSV file in pieces. A text that a spreadsheet would calculate gets an apostrophe before it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    first = True
    for row in rows:
        cells = []
        for column, value in zip(columns, row, strict=True):
            text = _plain(value)
            inert = column.kind != "text" or not text.startswith(_FORMULA)
            cells.append(text if inert else "'" + text)
        writer.writerow(cells)
        if buffer.tell() > 65_536:
            yield (b"\xef\xbb\xbf" if first else b"") + buffer.getvalue().encode()
            first = False
            buffer.seek(0)
            buffer.truncate()
    yield (b"\xef\xbb\xbf" if first else b"") + buffer.getvalue().encode()


def xlsx_file(path: Path, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
    """Write an XLSX workbook of one sheet, row by row: the whole is never in memory."""

    # Here, not above: eight megabytes that a service without exports does not hold.
    from rustpy_xlsxwriter import write_worksheet

    def cell(value: Value) -> Value:
        if not isinstance(value, str):
            return value
        text = clean(value)
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    names = [column.name for column in columns]
    records = (dict(zip(names, map(cell, row), strict=True)) for row in rows)
    # A sheet without rows would have no head either.
    first = next(records, None)
    write_worksheet(
        records=_again(first, records) if first is not None else [dict.fromkeys(names)],
        file_name=str(path),
        sheet_name=title[:31],
        freeze_row=1,
        datetime_format="yyyy-mm-dd hh:mm",
        bold_headers=True,
    )


def _again(first: dict[str, Value], rest: Iterable[dict[str, Value]]) -> Iterator[dict[str, Value]]:
    yield first
    yield from rest


def geojson_lines(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """A FeatureCollection in pieces, one feature a line; a report without a place has a null geometry."""
    names = [column.name for column in columns]
    lat, lon = names.index("latitud"), names.index("longitud")
    yield b'{"type": "FeatureCollection", "features": [\n'
    between = b""
    for row in rows:
        placed = row[lat] is not None and row[lon] is not None
        geometry = {"type": "Point", "coordinates": [row[lon], row[lat]]} if placed else None
        properties = {
            name: (
                value.isoformat()
                if isinstance(value, datetime)
                else clean(value)
                if isinstance(value, str)
                else value
            )
            for name, value in zip(names, row, strict=True)
        }
        feature = {"type": "Feature", "geometry": geometry, "properties": properties}
        yield between + orjson.dumps(feature)
        between = b",\n"
    yield b"\n]}\n"
