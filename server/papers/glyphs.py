"""What the shipped fonts can show of a text that anybody may have written.

Law: no text, whatever it holds, keeps a document from being made: PDF/UA refuses a page with a letter that no
font has, so each of these becomes a box. A word longer than a line may be broken anywhere. Pure, but for
reading the fonts once.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
#: What stands for a letter that the fonts do not have.
BOX = "¤"
#: Letters of one word after which a line may break: two thirds of the narrowest column.
_BREAK_AFTER = 22
_LONG = re.compile(rf"\S{{{_BREAK_AFTER + 1},}}")
#: What is never seen and would turn, join or hide what stands beside it.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@cache
def covered() -> frozenset[int]:
    """The code points that every shipped font has."""
    each = [_points(path.read_bytes()) for path in sorted(FONTS.glob("*.ttf"))]
    return frozenset(set.intersection(*each))


def _points(font: bytes) -> set[int]:
    """The code points of a TrueType font: its ``cmap`` of form 4 for Unicode (OpenType, cmap)."""
    tables = {
        font[at : at + 4]: struct.unpack(">II", font[at + 8 : at + 16])
        for at in range(12, 12 + 16 * struct.unpack(">H", font[4:6])[0], 16)
    }
    start = tables[b"cmap"][0]
    for at in range(start + 4, start + 4 + 8 * struct.unpack(">H", font[start + 2 : start + 4])[0], 8):
        platform, encoding, offset = struct.unpack(">HHI", font[at : at + 8])
        if (platform, encoding) == (3, 1):
            return _segments(font, start + offset)
    raise ValueError("a font without a Unicode cmap")


def _segments(font: bytes, at: int) -> set[int]:
    form, _, _, twice = struct.unpack(">HHHH", font[at : at + 8])
    if form != 4:
        raise ValueError(f"cmap of form {form}")
    count = twice // 2
    ends = struct.unpack(f">{count}H", font[at + 14 : at + 14 + twice])
    starts = struct.unpack(f">{count}H", font[at + 16 + twice : at + 16 + 2 * twice])
    deltas = struct.unpack(f">{count}h", font[at + 16 + 2 * twice : at + 16 + 3 * twice])
    offsets_at = at + 16 + 3 * twice
    found: set[int] = set()
    for n in range(count):
        (offset,) = struct.unpack(">H", font[offsets_at + 2 * n : offsets_at + 2 * n + 2])
        for point in range(starts[n], ends[n] + 1):
            glyph = point
            if offset:
                place = offsets_at + 2 * n + offset + 2 * (point - starts[n])
                (glyph,) = struct.unpack(">H", font[place : place + 2])
            if point != 0xFFFF and (not offset or glyph) and (glyph + deltas[n]) & 0xFFFF:
                found.add(point)
    return found


def shown(text: str) -> str:
    """The text as the fonts can show it: composed, without what is unseen, a box for what they lack."""
    if not text or (text.isascii() and text.isprintable() and text.strip() and len(text) <= _BREAK_AFTER):
        return text
    # Lone surrogates are no text at all, and no JSON holds them.
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    text = _CONTROLS.sub("", _UNSEEN.sub("", text.replace("\t", " ").replace("\r\n", "\n")))
    known = covered()
    if not text.strip():
        # PDF/UA takes no empty heading: where nothing is left, that there was something is said.
        return BOX
    text = "".join(sign if ord(sign) in known or sign in "\n\u2028\u2029" else BOX for sign in text)
    return _LONG.sub(_broken, text.replace("\u2028", "\n").replace("\u2029", "\n"))


def _broken(word: re.Match[str]) -> str:
    said = word[0]
    return "\u200b".join(said[at : at + _BREAK_AFTER] for at in range(0, len(said), _BREAK_AFTER))


def all_shown(value: Any) -> Any:
    """``shown`` of every text in a JSON value; keys are the program's own."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {key: all_shown(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [all_shown(item) for item in value]
    return value
