"""A sketch of where something is: the blocks around it, its place, north and a scale, as SVG.

Law: it is drawn from the municipality's own blocks alone, so it needs no map of others and no network; the
same blocks give the same bytes. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from server.papers.glyphs import shown

#: Metres from the place to the sketch's upper edge: a block and a half each way.
REACH = 110.0
_WIDE, _HIGH = 420, 300
_SCALE = _HIGH / (2 * REACH)
#: Metres of a degree of latitude (WGS 84 at 21°); a sketch needs no better.
_DEGREE = 110_700.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A block: its name and its outer rings, ``(lon, lat)`` in degrees."""

    name: str
    rings: tuple[tuple[tuple[float, float], ...], ...]


def sketch(lat: float, lon: float, shapes: Sequence[Shape]) -> bytes:
    """The SVG, 420 × 300 units, the place in its middle."""
    east = _DEGREE * math.cos(math.radians(lat))

    def point(place: tuple[float, float]) -> tuple[float, float]:
        return (
            round(_WIDE / 2 + (place[0] - lon) * east * _SCALE, 1),
            round(_HIGH / 2 - (place[1] - lat) * _DEGREE * _SCALE, 1),
        )

    drawn, names = [], []
    for shape in sorted(shapes, key=lambda shape: (shape.name, shape.rings)):
        for ring in shape.rings:
            points = [point(place) for place in ring]
            drawn.append(
                '<polygon points="' + " ".join(f"{x},{y}" for x, y in points) + '" fill="#e3ecec" '
                'stroke="#8fa3a3" stroke-width="1.2"/>'
            )
            x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
            if 30 < x < _WIDE - 30 and 14 < y < _HIGH - 14 and math.dist((x, y), (_WIDE / 2, _HIGH / 2)) > 22:
                label = escape(shown(shape.name)[:24])
                names.append(
                    f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11" fill="#444">'
                    f"{label}</text>"
                )
    bar = 50 * _SCALE
    x, y = _WIDE / 2, _HIGH / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" width="{_WIDE}" '
        f'height="{_HIGH}" font-family="Open Sans"><rect width="{_WIDE}" height="{_HIGH}" fill="#fff"/>'
        + "".join(drawn)
        + "".join(names)
        + f'<path d="M{x},{y} c-5,-9 -12,-14 -12,-22 a12,12 0 0 1 24,0 c0,8 -7,13 -12,22 z" fill="#9B0019" '
        f'stroke="#fff" stroke-width="1.5"/><circle cx="{x}" cy="{y - 22}" r="4.5" fill="#fff"/>'
        '<path d="M22,40 l7,-20 l7,20 l-7,-5 z" fill="#004D55"/>'
        '<text x="29" y="54" text-anchor="middle" font-size="12" font-weight="700" fill="#004D55">N</text>'
        f'<path d="M{_WIDE - 20 - bar:.1f},{_HIGH - 22} v6 h{bar:.1f} v-6" fill="none" stroke="#111" '
        'stroke-width="1.5"/>'
        f'<text x="{_WIDE - 20 - bar / 2:.1f}" y="{_HIGH - 26}" text-anchor="middle" font-size="11" '
        'fill="#111">50 m</text>'
        f'<rect x="0.5" y="0.5" width="{_WIDE - 1}" height="{_HIGH - 1}" fill="none" stroke="#8fa3a3"/></svg>'
    ).encode()
