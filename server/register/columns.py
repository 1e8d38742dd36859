"""The register's columns in memory: counting, grouping and choosing among all reports in milliseconds.

Law: they hold what the register's file holds and nothing else; a report's place (``n``) is the same in both.
Whoever reads holds ``lock``, so that a batch is seen whole or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from server.register.fields import BY_NAME, FIELDS, NONE, SMALL_NONE

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

#: Rows by which a full column grows.
_GROWTH = 4_096
#: Bytes of a value by kind; texts and sets begin with one and widen with their codes. The rest has four.
_WIDTHS: dict[str, type[np.integer[Any]]] = {"text": np.uint8, "set": np.uint8, "small": np.int16}


class Codes:
    """Texts and their numbers, in the order in which they were first met; 0 is none.

    Of a set the text is its members, joined by spaces: towns have many reports and few different sets.
    """

    def __init__(self) -> None:
        self.texts: list[str | None] = [None]
        self._numbers: dict[str | None, int] = {None: 0, "": 0}
        self._holding: dict[str, list[int]] = {}

    def code(self, text: str | None) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
            for member in (text or "").split():
                self._holding.setdefault(member, []).append(number)
        return number

    def known(self, text: str) -> int | None:
        """The number of a text, or None for one that no report has."""
        return self._numbers.get(text)

    @property
    def members(self) -> list[str]:
        """Of a set's field: every text that some set holds."""
        return list(self._holding)

    def holding(self, member: str) -> list[int]:
        """The numbers of the sets that hold a text."""
        return self._holding.get(member, [])


class Columns:
    """One array a field, by place. Places begin at 1; what was deleted is not ``alive``."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.size = 1
        self.alive: Mask = np.zeros(_GROWTH, dtype=np.bool_)
        self.codes = {field.name: Codes() for field in FIELDS if field.kind in ("text", "set")}
        self._arrays: dict[str, npt.NDArray[Any]] = {
            field.name: np.zeros(_GROWTH, dtype=_WIDTHS.get(field.kind, np.int32)) for field in FIELDS
        }

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """A field's column; texts and sets as codes. As wide as its values: widen before calculating."""
        return self._arrays[name][: self.size]

    def has(self, name: str) -> Mask:
        """Where a field of numbers has a value, or a set a member."""
        if name in self.codes:
            return np.asarray(self[name] != 0)
        return np.asarray(self[name] != _missing(name))

    @property
    def living(self) -> Mask:
        return self.alive[: self.size]

    def put(self, places: Sequence[int], rows: Sequence[Sequence[Any]]) -> None:
        """Set reports' places, a column at a time. A row: the values of ``FIELDS`` as the file has them."""
        if not places:
            return
        at = np.array(places, dtype=np.int64)
        self._reach(int(at.max()) + 1)
        for field, values in zip(FIELDS, zip(*rows, strict=True), strict=True):
            if field.name in self.codes:
                codes = self.codes[field.name]
                known = {text: codes.code(text) for text in set(values)}
                self._widen(field.name, len(codes.texts))
                self._arrays[field.name][at] = [known[text] for text in values]
            else:
                missing = _missing(field.name)
                self._arrays[field.name][at] = [missing if one is None else one for one in values]
        self.alive[at] = True

    def drop(self, n: int) -> None:
        self.alive[n] = False

    def text_of(self, name: str, n: int) -> str | None:
        """The text of a ``text`` field at a place."""
        return self.codes[name].texts[int(self._arrays[name][n])]

    def number_of(self, name: str, n: int) -> int | None:
        value = int(self._arrays[name][n])
        return None if value == _missing(name) else value

    def set_of(self, name: str, n: int) -> list[str]:
        """The texts of a ``set`` field at a place."""
        return (self.text_of(name, n) or "").split()

    def is_one_of(self, name: str, texts: Iterable[str]) -> Mask:
        """Where a ``text`` field is one of these, or a ``set`` field holds one of them."""
        codes = self.codes[name]
        wanted = np.zeros(len(codes.texts), dtype=np.bool_)
        for text in texts:
            if BY_NAME[name].kind == "set":
                wanted[codes.holding(text)] = True
            elif (number := codes.known(text)) is not None:
                wanted[number] = True
        return np.asarray(wanted[self[name]])

    def counts(self, name: str, places: Numbers) -> dict[str | None, int]:
        """How many of the reports at these places (``np.flatnonzero`` of a mask) have each value of a
        ``text`` field, or each member of a ``set`` field, where None counts those without any. 0 is left out.
        """
        texts = self.codes[name].texts
        # ``take`` costs a tenth of choosing by a mask.
        each = np.bincount(self[name].take(places), minlength=len(texts)).tolist()
        found: dict[str | None, int] = {}
        for text, count in zip(texts, each, strict=True):
            for part in text.split() if text is not None and BY_NAME[name].kind == "set" else [text]:
                found[part] = found.get(part, 0) + count
        return {text: count for text, count in found.items() if count}

    def _widen(self, name: str, codes: int) -> None:
        """Make room for so many codes."""
        array = self._arrays[name]
        if codes > np.iinfo(array.dtype).max + 1:
            self._arrays[name] = array.astype(np.uint16 if codes <= 2**16 else np.int32)

    def _reach(self, size: int) -> None:
        if size > len(self.alive):
            grown = max(size, len(self.alive) + len(self.alive) // 8, _GROWTH)
            self.alive = _longer(self.alive, grown)
            self._arrays = {name: _longer(array, grown) for name, array in self._arrays.items()}
        self.size = max(self.size, size)


def _missing(name: str) -> int:
    return SMALL_NONE if BY_NAME[name].kind == "small" else NONE


def _longer(array: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    grown = np.zeros(size, dtype=array.dtype)
    grown[: len(array)] = array
    return grown
