"""Which column of the file is which member of ours: ``--map``, ``--set`` and ``--where``.

Law: nothing is guessed from a column's name unless it is exactly ours; a mapped column that the file does not
have is an error before the first row is read. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


class MappingError(ValueError):
    """A sentence about a ``--map``, ``--set`` or ``--where`` that cannot be used."""


@dataclass(frozen=True, slots=True)
class Columns:
    """``columns``: our member to the file's column; ``constants``: our member to a fixed value; ``where``:
    column to the value its rows must have."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)

    def check(self, members: Collection[str], present: Collection[str]) -> None:
        """Raises ``MappingError`` for a member that is none of ours or a column that is not in the file."""
        for member in [*self.columns, *self.constants]:
            if member not in members:
                raise MappingError(
                    f"{member!r} cannot be imported here; known: {', '.join(sorted(members))}."
                )
        for column in [*self.columns.values(), *self.where]:
            if column not in present:
                raise MappingError(
                    f"the file has no column {column!r}; it has: {', '.join(sorted(present))}."
                )

    def wanted(self, row: Mapping[str, Any]) -> bool:
        return all(str(row.get(column, "")) == value for column, value in self.where.items())

    def read(self, row: Mapping[str, Any], members: Iterable[str]) -> dict[str, Any]:
        """The row under our names, empty cells left out. A column named as ours needs no map."""
        found: dict[str, Any] = {}
        for member in members:
            if member in self.constants:
                found[member] = self.constants[member]
                continue
            value = row.get(self.columns.get(member, member))
            if isinstance(value, str):
                value = value.strip()
            if value not in (None, ""):
                found[member] = value
        return found


def parse(
    kind: str, maps: Iterable[str] = (), sets: Iterable[str] = (), where: Iterable[str] = ()
) -> Columns:
    """The mapping of one kind from ``<kind>.<member>=<value>`` options; others' are passed over."""
    return Columns(_pairs(kind, "--map", maps), _pairs(kind, "--set", sets), _pairs(kind, "--where", where))


def _pairs(kind: str, option: str, texts: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        left, equals, value = text.partition("=")
        owner, dot, member = left.partition(".")
        if not (equals and dot and owner and member and value):
            raise MappingError(f"{option} {text!r}: write it as {kind}.<member>=<value>.")
        if owner == kind:
            found[member] = value
    return found
