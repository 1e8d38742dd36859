"""Documents are made of data: whatever a text holds, the page is made, the same each time."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from server.papers.enclosed import enclosed
from server.papers.typeset import Kind, pdf, qr
from tests.server.papers import samples

KINDS: list[tuple[Kind, Any]] = [
    ("order", samples.orders),
    ("ticket", samples.ticket),
    ("action", samples.action),
    ("letter", samples.letter),
    ("month", samples.month),
]
#: What typst reads as markup or code, what JSON could trip over, what no font has, and much of everything.
HOSTILE = [
    "#panic(1)", '#read("/etc/passwd")', "$ x $", "*negritas* _y_ `código`", "<etiqueta> @etiqueta", "\\",
    "// no",
    "= Título\n- uno\n+ dos\n/ a: b", '"comillas" y {"json": 1}', "]", "[", "}", "{", "~", "---", "'",
    "😀 漢字 \u202eoir",
    "\x00\x1b\x7f", "\ud800", "x" * 40_000, "palabra " * 5_000, "\n" * 500,
]  # fmt: skip


def with_text(value: Any, text: str) -> Any:
    """The same data with every text replaced that is no file's name."""
    if isinstance(value, str):
        return value if re.fullmatch(r"[\w-]+\.(jpg|svg|json)", value) else text
    if isinstance(value, dict):
        return {key: with_text(member, text) for key, member in value.items()}
    if isinstance(value, list):
        return [with_text(item, text) for item in value]
    return value


@pytest.mark.parametrize(("kind", "sample"), KINDS, ids=[kind for kind, _ in KINDS])
def test_the_same_data_give_the_same_accessible_bytes(kind: Kind, sample: Any) -> None:
    made = pdf(kind, sample(), samples.AT, samples.files())
    assert made == pdf(kind, sample(), samples.AT, samples.files())
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    assert b"/Lang(es-MX)" in made
    assert made != pdf(kind, with_text(sample(), "otra cosa"), samples.AT, samples.files())
    assert not enclosed(made)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_text(text: str) -> None:
    """In the places where people write most."""
    data = samples.orders(
        samples.one_order(text=text, told=[["Indicaciones:", text]], answers=[[text[:99], text]])
    )
    made = pdf("order", data, samples.AT, samples.files())
    assert made.startswith(b"%PDF-1.7")


@pytest.mark.parametrize(("kind", "sample"), KINDS, ids=[kind for kind, _ in KINDS])
@pytest.mark.parametrize("text", [text[:300] for text in HOSTILE[:18]], ids=range(18))
def test_every_field_may_hold_anything(kind: Kind, sample: Any, text: str) -> None:
    assert pdf(kind, with_text(sample(), text), samples.AT, samples.files())


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext on PATH")
def test_what_is_read_out_is_what_was_written(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    said = "Lleva #panic() tres *noches* a $5 _ya_ asaltaron"
    file.write_bytes(pdf("order", samples.orders(samples.one_order(text=said)), samples.AT, samples.files()))
    found = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, timeout=60
    )
    text = " ".join(found.stdout.decode().split())
    assert said.split(" asaltaron")[0] in text
    for part in ("VP-000320", "Calle Ñuñez de Balboa 118", "viernes 27 de noviembre de 2026", "Qué se hizo"):
        assert part in text
    assert "Valle del Pedregal" in text


def test_an_order_is_one_page_and_two_hundred_are_two_hundred() -> None:
    def pages(data: bytes) -> int:
        return max(int(n) for n in re.findall(rb"/Type/Pages/Count (\d+)", data))

    assert pages(pdf("order", samples.orders(), samples.AT, samples.files())) == 1
    many = samples.orders(*[samples.one_order(folio=f"VP-{n:06d}") for n in range(20)])
    assert pages(pdf("order", many, samples.AT, samples.files())) == 20


def test_a_code_is_ascii() -> None:
    assert qr("https://manzana.example/folio/VP-1").startswith(b"<?xml")
    with pytest.raises(UnicodeEncodeError):
        qr("https://manzana.example/folio/Ñ")
