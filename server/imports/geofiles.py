"""Maps as municipal GIS offices give them, whatever they are.

Law: what a file is is told by its bytes, not by its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from server.imports import geojson
from server.imports.columns import Reading
from server.imports.mapfeatures import Feature, Note
from server.imports.opening import TableError, open_bytes

__all__ = ["Feature", "features"]


def features(path: Path, reading: Reading, note: Note) -> Iterator[Feature]:
    """Every feature of a map file. Raises ``TableError``."""
    with open_bytes(path) as file:
        try:
            head = file.read(64)
        except EOFError as error:
            raise TableError(f"{path.name} is cut short: {error}.") from None
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not (
        head.startswith((b"PK\x03\x04", b"SQLite format 3", b"\x00\x00\x27\x0a")) or bare.startswith(b"<")
    ):
        try:
            yield from geojson.read(path, reading, note)
            return
        except geojson.Topology:
            note(f"{path.name} is TopoJSON.")
            head = b"{"
    # Here, not above: what loads GDAL is loaded for a file that needs it.
    from server.imports import gdalfiles

    yield from gdalfiles.read(path, head, reading, note)
