"""Charts without scripts: bars as SVG, each with its number and, where there is one, its list.

Law: a chart says nothing that the table beside it does not say; what is drawn is read out as a sentence. The
shapes carry no style of their own (the policy allows none), only classes. Pure.
"""

from __future__ import annotations

from markupsafe import Markup, escape

_ROW, _LABEL, _WIDTH = 22, 220, 640


def bars(title: str, rows: list[tuple[str, int, str]]) -> Markup:
    """Horizontal bars: words, number, and the URL of the list (or an empty one)."""
    most = max((number for _, number, _ in rows), default=0) or 1
    parts = []
    for place, (words, number, href) in enumerate(rows):
        y = place * _ROW
        long = max(1, round((_WIDTH - _LABEL - 70) * number / most)) if number else 0
        label = escape(words if len(words) <= 30 else words[:29] + "…")
        drawn = (
            f'<text x="{_LABEL - 8}" y="{y + 15}" class="label" text-anchor="end">{label}</text>'
            f'<rect x="{_LABEL}" y="{y + 3}" width="{long}" height="{_ROW - 6}" class="bar"></rect>'
            f'<text x="{_LABEL + long + 6}" y="{y + 15}" class="number">{number:,}</text>'
        )
        parts.append(f'<a href="{escape(href)}">{drawn}</a>' if href else drawn)
    said = escape(f"{title}: " + "; ".join(f"{words} {number:,}" for words, number, _ in rows[:5]))
    height = max(1, len(rows)) * _ROW
    head = f'<svg viewBox="0 0 {_WIDTH} {height}" class="chart" role="group" aria-label="{said}">'
    return Markup(head + "".join(parts) + "</svg>")


def columns(title: str, rows: list[tuple[str, int]]) -> Markup:
    """Days from left to right; the highest and the last are numbered."""
    if not rows:
        return Markup("")
    most = max(number for _, number in rows) or 1
    wide = _WIDTH / len(rows)
    drawn = "".join(
        f'<rect x="{place * wide:.2f}" y="{100 - 96 * number / most:.2f}" width="{max(wide - 0.5, 0.5):.2f}" '
        f'height="{96 * number / most:.2f}" class="bar"><title>{escape(day)}: {number:,}</title></rect>'
        for place, (day, number) in enumerate(rows)
    )
    said = escape(f"{title}: de {rows[0][0]} a {rows[-1][0]}, a lo más {most:,} en un día")
    return Markup(
        f'<svg viewBox="0 0 {_WIDTH} 118" class="chart" role="img" aria-label="{said}">{drawn}'
        f'<text x="0" y="114" class="label">{escape(rows[0][0])}</text>'
        f'<text x="{_WIDTH}" y="114" class="label" text-anchor="end">{escape(rows[-1][0])}</text></svg>'
    )
