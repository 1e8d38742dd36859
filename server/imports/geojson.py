"""GeoJSON: collections, single features, one feature a line, with a byte-order mark or without.

Law: the file is cut into features and each parsed alone: parsed whole, 25,000 blocks take ten times the
file's
size in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from server.cases.territory import polygon
from server.imports.codepages import Evidence
from server.imports.columns import Reading, tidy
from server.imports.mapfeatures import Feature, Note, mover, plain
from server.imports.opening import TableError, whole

#: What is asked of JSON without parsing it: strings and braces, enough to cut it into features.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}]')
_KINDS = ("FeatureCollection", "Feature", "Topology", "Polygon", "MultiPolygon", "GeometryCollection")


class Topology(Exception):
    """The file is TopoJSON."""


def read(path: Path, reading: Reading, note: Note) -> Iterator[Feature]:
    data = _utf8(path, reading)
    pieces, crs, kind = _cut(path, data)
    if kind == "Topology":
        raise Topology
    if kind != "FeatureCollection" and len(pieces) > 1:
        note(f"{path.name} is line-delimited GeoJSON.")
    move = mover(path, reading.crs or crs, note)
    for number, (start, end) in enumerate(pieces, start=1):
        try:
            found: Any = orjson.loads(data[start:end])
        except orjson.JSONDecodeError as error:
            raise TableError(f"{path.name} is no GeoJSON: feature {number}: {error}.") from None
        geometry = found if "coordinates" in found else found.get("geometry")
        properties = found.get("properties")
        form = str(geometry.get("type")) if isinstance(geometry, dict) else "nothing"
        given = properties if isinstance(properties, dict) else {}
        shape = polygon(geometry)
        moved = move(shape) if shape is not None else None
        yield Feature(number, {tidy(name): plain(value) for name, value in given.items()}, moved, form)


def _utf8(path: Path, reading: Reading) -> bytes:
    """The file in UTF-8 and without its mark, in which RFC 8259 (§8.1) lets a reader pass over it."""
    data = whole(path)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode()
    except UnicodeDecodeError:
        lines = data.splitlines(keepends=True)
        evidence = Evidence.of(lines, reading.encoding)
        read = [evidence.read(line) for line in lines]
        if any(line.doubtful for line in read):
            raise TableError(
                f"{path.name} is in an encoding that cannot be told: save it as UTF-8, or say --encoding."
            ) from None
        return "".join(line.text for line in read).encode()
    return data


def _cut(path: Path, data: bytes) -> tuple[list[tuple[int, int]], str | None, str]:
    """Where each feature begins and ends; the coordinate system the file names; what the file says it is.

    The file is cut, not parsed: parsed whole, 25,000 blocks take ten times the file's size.
    """
    pieces: list[tuple[int, int]] = []
    crs, kind, found_list = None, "", False
    depth, start, top, key, after = 0, 0, 0, b"", b""
    for token in _TOKEN.finditer(data):
        mark = token[0]
        if mark == b"{":
            depth += 1
            if depth == 1:
                top, key, after = token.start(), b"", b""
            elif depth == 2:
                start = token.start()
        elif mark == b"}":
            depth -= 1
            if depth == 1 and key == b'"features"':
                pieces.append((start, token.end()))
            elif depth == 1 and key == b'"crs"':
                crs = _named(data[start : token.end()])
            elif depth == 0 and not found_list and kind != "Topology":
                pieces.append((top, token.end()))
        elif depth == 1:
            if after == b'"type"':
                kind = mark[1:-1].decode("ascii", "replace")
            key, after = mark, mark
            found_list = found_list or mark == b'"features"'
    if depth or not data.lstrip(b"\x1e\r\n\t ").startswith(b"{") or kind not in _KINDS:
        raise TableError(f"{path.name} is no GeoJSON{', or is cut short' if depth else ''}.")
    if kind == "FeatureCollection" and not re.search(rb'"features"\s*:\s*\[', data):
        raise TableError(f"{path.name} is no GeoJSON FeatureCollection.")
    return pieces, crs, kind


def _named(member: bytes) -> str | None:
    """The coordinate system of the ``crs`` member of GeoJSON before RFC 7946."""
    try:
        name = str(orjson.loads(member)["properties"]["name"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    found = re.search(r"EPSG\W+(?:[\d.]*:)?(\d{4,6})\Z", name)
    return f"EPSG:{found[1]}" if found else None if "CRS84" in name else name
