"""From data to the bytes of a PDF, by typst.

Law: what a person wrote reaches a template as data and is never read as markup. The same data give the same
bytes: the date of the document is one of its facts, fonts and templates are the package's own, and nothing
of the machine is looked at. Every document is PDF/UA-1 (ISO 14289-1); what encloses files is PDF/A-3 as well.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson
import segno

from server.documents.contracts import contract

if TYPE_CHECKING:
    import typst
from server.papers.glyphs import FONTS, all_shown

Kind = Literal["order", "acta", "action", "ticket", "letter", "month"]

#: Any mask is read by any reader; this one is most often the best for addresses like ours.
_MASK = 3
_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


@cache
def _sources() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(_TEMPLATES.glob("*.typ"))}


@cache
def maker() -> str:
    """Names what makes the bytes: typst, templates, fonts, words and these modules, hashed (hex SHA-256)."""
    parts = [version("typst").encode(), contract("words.v1.json"), *_sources().values()]
    for folder, pattern in ((FONTS, "*.ttf"), (Path(__file__).parent, "*.py")):
        parts += [path.read_bytes() for path in sorted(folder.glob(pattern))]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def pdf(
    kind: Kind,
    data: dict[str, Any],
    at: datetime,
    files: Mapping[str, bytes] | None = None,
    enclosed: Mapping[str, bytes] | None = None,
) -> bytes:
    """A document of ``kind``. ``at``: the instant of its facts, as the municipality's clock says it.

    ``files``: pictures that ``data`` names (``….jpg``, ``….svg``); ``enclosed``: files that travel inside.
    """
    stamp = [at.year, at.month, at.day, at.hour, at.minute, at.second]
    inside = {f"enclosed-{n}": held for n, held in enumerate((enclosed or {}).values())}
    listed = [
        {"name": name, "file": file, "json": name.endswith(".json")}
        for name, file in zip(enclosed or {}, inside, strict=True)
    ]
    value = {**all_shown(data), "stamp": stamp, "enclosed": listed}
    sources = _sources()
    # Of its user alone and gone at the end: files given in memory may hold nothing but UTF-8.
    with tempfile.TemporaryDirectory(prefix="manzana-") as name:
        folder = Path(name)
        for file, held in {
            "main.typ": sources[f"{kind}.typ"],
            "frame.typ": sources["frame.typ"],
            "data.json": orjson.dumps(value),
            **(files or {}),
            **inside,
        }.items():
            (folder / file).write_bytes(held)
        # Here, not above: seven megabytes that a service which prints nothing does not hold.
        import typst

        made = typst.compile(
            folder / "main.typ",
            root=folder,
            format="pdf",
            font_paths=_fonts(),
            ignore_system_fonts=True,
            pdf_standards=["a-3a", "ua-1"] if enclosed else ["ua-1"],
        )
    assert isinstance(made, bytes)
    return made


def qr(text: str, *, quick: bool = False) -> bytes:
    """A QR code as SVG. ASCII alone: readers disagree about anything else.

    ``quick``: take one mask instead of the best of eight (ISO/IEC 18004 7.8.3), five sixths of the work.
    """
    made = io.BytesIO()
    code = segno.make_qr(text.encode("ascii").decode(), error="m", mask=_MASK if quick else None)
    code.save(made, kind="svg", border=1, scale=4)
    return made.getvalue()
