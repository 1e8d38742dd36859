"""The register's columns in memory: counting, grouping and choosing among all reports in milliseconds.

Law: they hold what the register's file holds and nothing else; a report's place (``n``) is the same in both.
Whoever reads holds ``lock``, so that a batch is seen whole or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from server.register.fields import BY_NAME, FIELDS, NONE

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
Value = str | int | float | tuple[str, ...] | None

#: Rows by which a full column grows.
_GROWTH = 4_096
#: Members of a set in one array; the sign stays free. A set with more different members has more arrays.
_BITS = 63


class Codes:
    """Texts and their numbers, in the order in which they were first met; 0 is none."""

    def __init__(self) -> None:
        self.texts: list[str | None] = [None]
        self._numbers: dict[str | None, int] = {None: 0}

    def code(self, text: str | None) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return number

    def known(self, text: str) -> int | None:
        """The number of a text, or None for one that no report has."""
        return self._numbers.get(text)


class Columns:
    """One array a field, by place. Places begin at 1; what was deleted is not ``alive``."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.size = 1
        self.alive: Mask = np.zeros(_GROWTH, dtype=np.bool_)
        self.codes = {field.name: Codes() for field in FIELDS if field.kind in ("text", "bits")}
        self._arrays: dict[str, npt.NDArray[np.int32]] = {
            field.name: np.zeros(_GROWTH, dtype=np.int32) for field in FIELDS if field.kind != "bits"
        }
        self._sets: dict[str, list[npt.NDArray[np.int64]]] = {
            field.name: [np.zeros(_GROWTH, dtype=np.int64)] for field in FIELDS if field.kind == "bits"
        }

    def __getitem__(self, name: str) -> npt.NDArray[np.int32]:
        """A field's column; text as codes."""
        return self._arrays[name][: self.size]

    @property
    def living(self) -> Mask:
        return self.alive[: self.size]

    def encoded(self, name: str, value: Value) -> int:
        """A value as its column holds it; not for sets."""
        kind = BY_NAME[name].kind
        if kind == "text":
            assert value is None or isinstance(value, str)
            return self.codes[name].code(value)
        if value is None:
            return NONE
        assert isinstance(value, int | float)
        return round(value * 1_000_000) if kind == "degrees" else int(value)

    def bits(self, name: str, texts: Iterable[str]) -> list[int]:
        """A set as its arrays hold it."""
        words = [0] * len(self._sets[name])
        for text in texts:
            word, bit = divmod(self.codes[name].code(text) - 1, _BITS)
            while word >= len(words):
                words.append(0)
                if len(self._sets[name]) < len(words):
                    self._sets[name].append(np.zeros(len(self.alive), dtype=np.int64))
            words[word] |= 1 << bit
        return words

    def put(self, places: Sequence[int], values: Sequence[Mapping[str, Value]]) -> None:
        """Set reports' places, a column at a time."""
        columns: dict[str, list[Any]] = {}
        for field in FIELDS:
            name = field.name
            if field.kind == "bits":
                sets: dict[Any, list[int]] = {}
                for value in {one[name] for one in values}:
                    assert isinstance(value, tuple)
                    sets[value] = self.bits(name, value)
                columns[name] = [sets[one[name]] for one in values]
            else:
                known = {value: self.encoded(name, value) for value in {one[name] for one in values}}
                columns[name] = [known[one[name]] for one in values]
        self.fill(np.array(places, dtype=np.int64), columns)

    def fill(self, places: Numbers, columns: Mapping[str, list[Any]]) -> None:
        """Set many places at once; a column's values already encoded (``encoded``, ``bits``)."""
        if len(places) == 0:
            return
        self._reach(int(places.max()) + 1)
        for name, values in columns.items():
            if BY_NAME[name].kind == "bits":
                for word, array in enumerate(self._sets[name]):
                    array[places] = [bits[word] if word < len(bits) else 0 for bits in values]
            else:
                self._arrays[name][places] = values
        self.alive[places] = True

    def drop(self, n: int) -> None:
        self.alive[n] = False

    def text_of(self, name: str, n: int) -> str | None:
        """The text of a ``text`` field at a place."""
        return self.codes[name].texts[int(self._arrays[name][n])]

    def number_of(self, name: str, n: int) -> int | None:
        value = int(self._arrays[name][n])
        return None if value == NONE else value

    def set_of(self, name: str, n: int) -> list[str]:
        """The texts of a ``bits`` field at a place."""
        words = [int(array[n]) for array in self._sets[name]]
        found = []
        for number, text in enumerate(self.codes[name].texts[1:]):
            word, bit = divmod(number, _BITS)
            if word < len(words) and words[word] >> bit & 1:
                found.append(str(text))
        return sorted(found)

    def is_one_of(self, name: str, texts: Iterable[str]) -> Mask:
        """Where a ``text`` field is one of these, or a ``bits`` field holds one of them."""
        known = [number for text in texts if (number := self.codes[name].known(text)) is not None]
        if BY_NAME[name].kind == "bits":
            found: Mask = np.zeros(self.size, dtype=np.bool_)
            for number in known:
                found |= self._holds(name, number)
            return found
        column = self[name]
        if len(known) == 1:
            return np.asarray(column == known[0])
        return np.isin(column, np.array(known, dtype=column.dtype))

    def counts(self, name: str, mask: Mask) -> dict[str | None, int]:
        """How many of the chosen reports have each value of a ``text`` or ``bits`` field; 0 is left out."""
        texts = self.codes[name].texts
        found: dict[str | None, int] = {}
        if BY_NAME[name].kind == "bits":
            for number, text in enumerate(texts[1:], 1):
                found[text] = int((self._holds(name, number) & mask).sum())
        else:
            found.update(
                zip(texts, np.bincount(self[name][mask], minlength=len(texts)).tolist(), strict=True)
            )
        return {text: count for text, count in found.items() if count}

    def _holds(self, name: str, number: int) -> Mask:
        word, bit = divmod(number - 1, _BITS)
        if word >= len(self._sets[name]):
            return np.zeros(self.size, dtype=np.bool_)
        return np.asarray((self._sets[name][word][: self.size] >> bit) & 1, dtype=np.bool_)

    def _reach(self, size: int) -> None:
        if size > len(self.alive):
            grown = max(size, len(self.alive) + len(self.alive) // 4, _GROWTH)
            self.alive = _longer(self.alive, grown)
            self._arrays = {name: _longer(array, grown) for name, array in self._arrays.items()}
            self._sets = {
                name: [_longer(array, grown) for array in arrays] for name, arrays in self._sets.items()
            }
        self.size = max(self.size, size)


def _longer(array: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    grown = np.zeros(size, dtype=array.dtype)
    grown[: len(array)] = array
    return grown
