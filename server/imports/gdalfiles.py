"""Shapefile, GeoPackage, KML and TopoJSON by GDAL, zipped or not.

Law: what a file is is told by its bytes, not by its name. GDAL and PROJ are loaded only where a file needs
them: they weigh 130 MB on disk, and the service has no use for them (docs/adr/0051-maps-by-gdal.md).
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import shapely

from server.imports.columns import Reading, tidy
from server.imports.dbase import letters
from server.imports.mapfeatures import Feature, Note, mover, plain
from server.imports.opening import TableError, whole

#: Parts of a Shapefile.
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
#: Unpacked, a municipality's map is some hundred megabytes; more is no map.
_UNPACKED = 4 << 30


def read(path: Path, head: bytes, reading: Reading, note: Note) -> Iterator[Feature]:
    import pyogrio

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sources = _sources(path, head, folder)
        try:
            layers = [
                (source, str(name), str(kind or ""))
                for source in sources
                for name, kind in pyogrio.list_layers(source)
            ]
            chosen = _layers(path, layers, reading.layer)
            number = 0
            for source, layer in chosen:
                if len(layers) > 1:
                    note(f"{path.name}: layer {layer!r} is read.")
                for feature in _layer(path, source, layer, reading, note):
                    number += 1
                    yield feature._replace(number=number)
        except pyogrio.errors.DataSourceError as error:
            raise TableError(f"{path.name} cannot be read: {error}") from None
        except pyogrio.errors.DataLayerError as error:
            raise TableError(f"{path.name} cannot be read: {error}") from None


def _sources(path: Path, head: bytes, folder: Path) -> list[Path]:
    """What GDAL is to open: files whose names end as it expects, unpacked into ``folder``."""
    if head.startswith(b"PK"):
        return _unpacked(path, folder)
    if head.startswith(b"\x00\x00\x27\x0a"):
        return [_gathered(path, folder)]
    suffix = ".gpkg" if head.startswith(b"SQLite") else ".kml" if b"<" in head else ".topojson"
    place = folder / f"map{suffix}"
    data = whole(path)
    if suffix == ".kml" and b"kml" not in data[:2_000].lower():
        raise TableError(f"{path.name} is XML, but no KML.")
    place.write_bytes(data.removeprefix(b"\xef\xbb\xbf"))
    return [place]


def _gathered(path: Path, folder: Path) -> Path:
    """A Shapefile with those of its parts that lie beside it, whatever the case of their names."""
    beside = {entry.name.lower(): entry for entry in path.parent.iterdir()}
    for part in _PARTS:
        found = beside.get((path.stem + part).lower()) or beside.get((path.name + part).lower())
        if found is not None:
            shutil.copyfile(found, folder / f"map{part}")
    shutil.copyfile(path, folder / "map.shp")
    return folder / "map.shp"


def _unpacked(path: Path, folder: Path) -> list[Path]:
    """The maps in a zip, each under a plain name of its own: names in zips have any encoding and any case."""
    sources: list[Path] = []
    try:
        with zipfile.ZipFile(path) as package:
            entries = [entry for entry in package.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > _UNPACKED:
                raise TableError(f"{path.name} unpacks to more than a map can be.")
            by_name = {
                entry.filename.lower(): entry for entry in entries if "__macosx" not in entry.filename.lower()
            }
            for name, entry in sorted(by_name.items()):
                stem, dot, suffix = name.rpartition(".")
                if not dot or suffix not in ("shp", "gpkg", "kml", "geojson", "json"):
                    continue
                own = re.sub(r"[^a-z0-9_-]", "_", stem.rpartition("/")[2]) or "map"
                place = folder / f"{len(sources)}" / f"{own}.{suffix}"
                place.parent.mkdir()
                with package.open(entry) as packed, place.open("wb") as file:
                    shutil.copyfileobj(packed, file)
                for part in _PARTS[1:] if suffix == "shp" else ():
                    beside = by_name.get(stem + part)
                    if beside is not None:
                        with package.open(beside) as packed, place.with_suffix(part).open("wb") as file:
                            shutil.copyfileobj(packed, file)
                sources.append(place)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise TableError(f"{path.name} cannot be unpacked: {error}.") from None
    if not sources:
        raise TableError(f"{path.name} holds no map (.shp, .gpkg, .kml or .geojson).")
    return sources


def _layers(path: Path, layers: list[tuple[Path, str, str]], asked: str | None) -> list[tuple[Path, str]]:
    """The layer that is asked for, or the only one of polygons; of a KML every folder."""
    if asked is not None:
        found = [(source, name) for source, name, _ in layers if tidy(name).lower() == tidy(asked).lower()]
        if not found:
            raise TableError(
                f"{path.name} has no layer {asked!r}; it has: {', '.join(n for _, n, _ in layers)}."
            )
        return found[:1]
    drawn = [
        (source, name) for source, name, kind in layers if "Polygon" in kind or "Unknown" in kind or not kind
    ]
    drawn = drawn or [(source, name) for source, name, _ in layers]
    if len(drawn) > 1 and not all(source.suffix == ".kml" for source, _ in drawn):
        names = ", ".join(name for _, name in drawn)
        raise TableError(f"{path.name} has several layers ({names}): say which with --layer KIND=NAME.")
    if not drawn:
        raise TableError(f"{path.name} has no layer.")
    return drawn


def _layer(path: Path, source: Path, layer: str, reading: Reading, note: Note) -> Iterator[Feature]:
    import pyogrio

    flat = source.suffix == ".shp"
    if flat:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
    meta, _, forms, columns = pyogrio.raw.read(
        source, layer=layer, force_2d=True, encoding="ISO-8859-1" if flat else None
    )
    names = [str(name) for name in meta["fields"]]
    integers = [str(kind).startswith("OFTInteger") for kind in meta.get("ogr_types", [])]
    texts = (
        letters(source.with_suffix(".cpg"), reading, names, columns)
        if flat
        else [tidy(name) for name in names]
    )
    shapes = shapely.from_wkb(forms, on_invalid="ignore")
    move = mover(path, reading.crs or meta.get("crs"), note, _bounds(shapes))
    for row in range(len(forms)):
        shape = shapes[row]
        form = shape.geom_type if shape is not None else "nothing"
        if form not in ("Polygon", "MultiPolygon"):
            shape = None
        elif not shape.is_valid:
            shape = shapely.make_valid(shape)
        properties = {
            name: plain(column[row], whole_number=bool(integers) and integers[at])
            for at, (name, column) in enumerate(zip(texts, columns, strict=True))
        }
        moved = move(shape) if shape is not None and shape.area > 0 else None
        yield Feature(row + 1, properties, moved, form)


def _bounds(shapes: Any) -> tuple[float, ...]:
    if not len(shapes):
        return ()
    return tuple(float(edge) for edge in shapely.total_bounds(shapes))
