"""Small maps without scripts: areas and reports as SVG.

Law: a map says nothing that the words beside it do not say; what is drawn is read out as one sentence. Shapes
carry classes and no style of their own. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, radians
from typing import NamedTuple

from markupsafe import Markup, escape

from server.documents.shapes import Geometry

#: Pixels of a map's sides: it is drawn to fit any width.
WIDTH, HEIGHT = 640, 400
#: Metres of a degree of latitude (WGS 84, some 21° north).
_DEGREE = 110_700.0
#: Metres from a single point to the map's side.
NEAR = 450.0
#: Points of a ring that are drawn: what is finer is not seen.
_FINE = 1.0


class Spot(NamedTuple):
    """A report on a map. ``colour``: the semáforo's; ``href``: where it leads, or an empty text."""

    lat: float
    lon: float
    colour: str
    words: str
    href: str = ""


class Window(NamedTuple):
    """The part of the world that a map shows, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        x = (lon - self.west) / (self.east - self.west) * WIDTH
        return x, (self.north - lat) / (self.north - self.south) * HEIGHT

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Latitude and longitude of a place on the map: ``place`` the other way."""
        lat = self.north - y / HEIGHT * (self.north - self.south)
        return lat, self.west + x / WIDTH * (self.east - self.west)


def window(spots: Sequence[tuple[float, float]], margin: float = NEAR) -> Window:
    """A window around these (latitude, longitude) with a margin in metres, in the map's proportions."""
    south, north = min(lat for lat, _ in spots), max(lat for lat, _ in spots)
    west, east = min(lon for _, lon in spots), max(lon for _, lon in spots)
    wide = _DEGREE * max(0.1, cos(radians((south + north) / 2)))
    half_x = (east - west) / 2 * wide + margin
    half_y = (north - south) / 2 * _DEGREE + margin
    half_x, half_y = max(half_x, half_y * WIDTH / HEIGHT), max(half_y, half_x * HEIGHT / WIDTH)
    lat, lon = (south + north) / 2, (west + east) / 2
    return Window(lon - half_x / wide, lat - half_y / _DEGREE, lon + half_x / wide, lat + half_y / _DEGREE)


def rings(geometry: Geometry | None) -> Iterable[list[list[float]]]:
    """Every ring of a GeoJSON Polygon or MultiPolygon."""
    if geometry and geometry.get("type") == "Polygon":
        yield from geometry["coordinates"]
    elif geometry and geometry.get("type") == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon


def shape(geometry: Geometry | None, name: str, view: Window, kind: str) -> str:
    """An area's outline, where any of it is in the window; with its name in its title."""
    parts = []
    for ring in rings(geometry):
        lons, lats = [point[0] for point in ring], [point[1] for point in ring]
        if max(lons) < view.west or min(lons) > view.east or max(lats) < view.south or min(lats) > view.north:
            continue
        drawn: list[tuple[float, float]] = []
        for lon, lat in zip(lons, lats, strict=True):
            x, y = view.place(lon, lat)
            if not drawn or abs(x - drawn[-1][0]) + abs(y - drawn[-1][1]) >= _FINE:
                drawn.append((x, y))
        if len(drawn) > 2:
            parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in drawn) + "Z")
    if not parts:
        return ""
    return f'<path class="{kind}" d="{"".join(parts)}"><title>{escape(name)}</title></path>'


def spot(one: Spot, view: Window, size: float) -> str:
    x, y = view.place(one.lon, one.lat)
    drawn = f'<circle class="spot {escape(one.colour)}" cx="{x:.1f}" cy="{y:.1f}" r="{size}">'
    drawn += f"<title>{escape(one.words)}</title></circle>"
    if not one.href:
        return drawn
    return f'<a href="{escape(one.href)}" aria-label="{escape(one.words)}">{drawn}</a>'


def draw(said: str, view: Window, shapes: Iterable[str], spots: Sequence[Spot], size: float = 9) -> Markup:
    """The map, read out as ``said``."""
    role = "group" if any(one.href for one in spots) else "img"
    head = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" class="map" role="{role}" aria-label="{escape(said)}" '
        f'data-window="{view.west:.7f} {view.south:.7f} {view.east:.7f} {view.north:.7f}">'
    )
    inside = "".join(shapes) + "".join(spot(one, view, size) for one in spots)
    return Markup(f"{head}{inside}</svg>")
