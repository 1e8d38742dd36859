"""A feature of a map: its properties and its form, in degrees whatever it was drawn in.

Law: every form comes out as WGS 84, longitude first, or the file is refused with a sentence that names what
is
missing. A property is what the file says: a key of which a tool made a decimal (``1101.0``) is whole again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from server.imports.opening import TableError

Json = dict[str, Any]
Note = Callable[[str], None]

_WGS84 = frozenset({"EPSG:4326", "OGC:CRS84"})
#: Metres by which a change of datum may be out before it is said: a street's width is more.
_EXACT = 2.0


class Feature(NamedTuple):
    """``number`` counts from 1. ``shape``: a polygon or multipolygon in degrees; None where it is none."""

    number: int
    properties: Json
    shape: BaseGeometry | None
    #: What it is instead, for the person who sends the file back.
    form: str


def mover(
    path: Path, crs: str | None, note: Note, bounds: tuple[float, ...] = ()
) -> Callable[[BaseGeometry], BaseGeometry]:
    """A function that takes a form to WGS 84, longitude first.

    ``bounds``: of all forms as they are. Raises ``TableError`` where nothing says from where.
    """
    if crs is None and bounds and all(map(math.isfinite, bounds)) and max(map(abs, bounds)) > 180:
        raise TableError(
            f"{path.name} is in metres of a projection it does not name (no .prj): say --crs, as EPSG:6372 "
            "(INEGI) or EPSG:32614 (UTM 14)."
        )
    if crs is None or crs in _WGS84:
        return lambda shape: shape
    import pyproj

    try:
        source = pyproj.CRS.from_user_input(crs)
        # always_xy: in files east comes first, whatever the authority's order (EPSG:6372 has north first).
        transformer = pyproj.Transformer.from_crs(source, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.ProjError:
        raise TableError(
            f"{path.name}: {crs!r} is no known coordinate system (EPSG:6372, for one)."
        ) from None
    note(f"{path.name} is in {source.name}.")
    if transformer.accuracy > _EXACT:
        note(f"{path.name}: its old datum is known to {transformer.accuracy:g} m only.")

    def moved(coordinates: Any) -> Any:
        x, y = transformer.transform(coordinates[:, 0], coordinates[:, 1])
        return np.column_stack([x, y])

    return lambda shape: shapely.transform(shape, moved)


def plain(value: Any, *, whole_number: bool = False) -> Any:
    """A property as the file means it: a whole number that became a decimal for want of a null is whole."""
    if isinstance(value, np.generic):
        value = value.item() if not isinstance(value, np.datetime64) else str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() and (whole_number or abs(value) < 2**53) else value
    return value
