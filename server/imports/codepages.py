"""What letters a file's bytes are: by evidence, line by line, or not at all.

Law: a line that is UTF-8 is UTF-8, whatever stands in the others. Any other line is read in the code page in
which all the file's odd bytes make Spanish words; where its own bytes speak against that page and for no
other, or for two alike, the line is doubtful and nobody reads it. Pure.

A detector of general use does not serve here (docs/adr/0050-letters-by-evidence.md): the question is not
which of a
hundred encodings, but which of the three that Spanish offices have written in.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import NamedTuple

#: Windows, DOS and the old Macintosh: what tables and dBase files of municipalities come in.
CANDIDATES = ("cp1252", "cp850", "mac_roman")

_ODD = re.compile(r"[^\x00-\x7f]")
_LOWER, _UPPER = frozenset("áéíóúñü"), frozenset("ÁÉÍÓÚÑÜ")
#: Letters of foreign names: possible, but no evidence.
_FOREIGN = frozenset("àâãäåçèêëìîïòôõöøùûÀÂÃÄÅÇÈÊËÌÎÏÒÔÕÖØÙÛßœŒ")
#: What opens a question, and what follows a number or an abbreviation.
_OPENING, _RAISED = frozenset("¿¡"), frozenset("°ºª")
#: Typographic marks: they stand between words, only the apostrophe inside one.
_MARKS = frozenset("“”„‘–—…•«»€™®©½¼¾²³´·×§\u00a0")
#: A page that reads wrong letters is believed less than one that reads right ones is believed.
_WRONG = 3.0
#: What Windows writes is likeliest, all else equal.
_USUAL = 1.0


class Line(NamedTuple):
    """``doubtful``: its bytes fit no code page, or two alike; ``text`` then only shows where it is."""

    text: str
    doubtful: bool = False


class _Reading(NamedTuple):
    text: str
    right: int
    wrong: int
    odd: float


def judge(text: str) -> _Reading:
    """How far the letters beyond ASCII stand where Spanish has them."""
    right, wrong, odd = 0, 0, 0.0
    for found in _ODD.finditer(text):
        at, letter = found.start(), found[0]
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        inside = before.isalpha() and after.isalpha()
        if letter in _LOWER:
            shouted = after.isupper() and (after not in _UPPER or before.isupper() or not before.isalpha())
            wrong += shouted
            right += not shouted and (before.isalpha() or after.isalpha())
        elif letter in _UPPER:
            wrong += before.islower()
            right += not before.islower() and (before.isalpha() or after.isalpha())
        elif letter in _FOREIGN:
            odd += 1
        elif letter in _OPENING:
            wrong += before.isalnum()
            right += not before.isalnum() and after.isalpha()
        elif letter in _RAISED:
            wrong += not (before.isalnum() or before in ".") or after.islower()
        elif letter == "’":
            odd += 0.0 if inside else 0.5
        elif letter in _MARKS:
            wrong += inside
        else:
            wrong += 1
    return _Reading(text, right, wrong, odd)


def _readings(raw: bytes) -> dict[str, _Reading]:
    found = {}
    for page in CANDIDATES:
        try:
            found[page] = judge(raw.decode(page))
        except UnicodeDecodeError:
            continue
    return found


class Evidence:
    """What all odd lines of a file say together: ``add`` them first, then ``read`` each."""

    def __init__(self, page: str | None = None) -> None:
        """``page``: the operator's word, which ends the question. Raises ``LookupError`` for no code page."""
        self._said = codecs.lookup(page).name if page else None
        self._totals = dict.fromkeys(CANDIDATES, 0.0)
        self._unreadable = dict.fromkeys(CANDIDATES, 0)

    def add(self, raw: bytes) -> None:
        if self._said is not None or raw.isascii() or _utf8(raw) is not None:
            return
        readings = _readings(raw)
        for page in CANDIDATES:
            if page in readings:
                reading = readings[page]
                self._totals[page] += reading.right - _WRONG * reading.wrong - reading.odd
            else:
                self._totals[page] -= _WRONG

    @classmethod
    def of(cls, lines: Iterable[bytes], page: str | None = None) -> Evidence:
        found = cls(page)
        for raw in lines:
            found.add(raw)
        return found

    @property
    def page(self) -> str | None:
        """The code page the odd lines agree on; None where two do alike, or nothing speaks for any."""
        if self._said is not None:
            return self._said
        ranked = sorted(
            ((total + (_USUAL if page == "cp1252" else 0.0), page) for page, total in self._totals.items()),
            reverse=True,
        )
        return ranked[0][1] if ranked[0][0] > max(ranked[1][0], 0.0) else None

    def read(self, raw: bytes) -> Line:
        if self._said is not None:
            try:
                return Line(raw.decode(self._said))
            except UnicodeDecodeError:
                return Line(raw.decode("latin-1"), doubtful=True)
        if (text := _utf8(raw)) is not None:
            return Line(text)
        clean = {page: reading for page, reading in _readings(raw).items() if not reading.wrong}
        if len({reading.text for reading in clean.values()}) == 1:
            return Line(next(iter(clean.values())).text)
        page = self.page
        if page in clean:
            return Line(clean[page].text)
        best = sorted(clean.values(), key=lambda reading: reading.right - reading.odd, reverse=True)
        if len(best) > 1 and best[0].right - best[0].odd > best[1].right - best[1].odd + _USUAL:
            return Line(best[0].text)
        return Line(raw.decode("latin-1"), doubtful=True)


def _utf8(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
