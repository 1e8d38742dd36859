"""Which column of the file is which member of ours: ``--map``, ``--set`` and ``--where``.

Law: nothing is guessed from a column's name unless it is exactly ours; a mapped column that the file does not
have is an error before the first row is read. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from server.imports.findings import RowRefused

#: What stands for a formula whose result the workbook does not hold.
NO_RESULT = "#¿RESULTADO?"
#: What spreadsheets show where a formula failed, in English and in Spanish.
_ERROR = re.compile(
    r"#(?:N/?[AD]|VALUE!|¡?VALOR!|REF!|¡REF!|NAME\?|¿NOMBRE\?|DIV/0!|¡DIV/0!|NUM!|¡NUM!|NULL!|¡?NULO!|SPILL!|CALC!|"
    r"¡DESBORDAMIENTO!|¡CÁLC!|ERROR!|¿RESULTADO\?)\Z",
    re.IGNORECASE,
)
#: Marks of no width that files carry unseen: byte order, zero-width space and joiners, soft hyphen.
_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))


class MappingError(ValueError):
    """A sentence about a ``--map``, ``--set`` or ``--where`` that cannot be used."""


def tidy(name: str) -> str:
    """A column's name as it is compared: composed letters, single spaces, nothing unseen."""
    return " ".join(unicodedata.normalize("NFC", name.translate(_UNSEEN)).split())


@dataclass(frozen=True, slots=True)
class Reading:
    """What the operator says of a file that the file does not: ``sheet`` of a workbook, ``encoding`` of a
    text, the ``order`` of its dates; ``layer`` and ``crs`` of a map."""

    sheet: str | None = None
    encoding: str | None = None
    order: Literal["day", "month"] | None = None
    layer: str | None = None
    crs: str | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """``columns``: our member to the file's column; ``constants``: our member to a fixed value; ``where``:
    column to the value its rows must have."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    reading: Reading = Reading()

    def sought(self, members: Iterable[str]) -> set[str]:
        """The names of columns that are looked at: those mapped, and ours where no other is."""
        ours = (member for member in members if member not in self.columns and member not in self.constants)
        return {*self.columns.values(), *self.where, *ours}

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
        """Whether the row is asked for. Raises ``RowRefused`` where an error cell hides it."""
        return all(
            tidy(str(sound(column, row.get(column, "")))) == value for column, value in self.where.items()
        )

    def read(self, row: Mapping[str, Any], members: Iterable[str]) -> dict[str, Any]:
        """The row under our names, empty cells left out. A column named as ours needs no map.

        Raises ``RowRefused`` for an error cell.
        """
        found: dict[str, Any] = {}
        for member in members:
            if member in self.constants:
                found[member] = self.constants[member]
                continue
            value = row.get(self.columns.get(member, member))
            if isinstance(value, str):
                value = unicodedata.normalize("NFC", value).strip()
            if sound(member, value) not in (None, ""):
                found[member] = value
        return found


def sound(column: str, value: Any) -> Any:
    """The value, where it is none of the errors that spreadsheets show. Raises ``RowRefused``."""
    if isinstance(value, str) and value.startswith("#") and _ERROR.match(value.strip()):
        if value == NO_RESULT:
            why = "is a formula without its result: open the workbook, save it, import it again"
        else:
            why = "is an error cell of the workbook"
        raise RowRefused(column, value, why)
    return value


def parse(
    kind: str,
    maps: Iterable[str] = (),
    sets: Iterable[str] = (),
    where: Iterable[str] = (),
    reading: Reading | None = None,
) -> Columns:
    """The mapping of one kind from ``<kind>.<member>=<value>`` options; others' are passed over."""
    columns = {member: tidy(name) for member, name in _pairs(kind, "--map", maps).items()}
    rows = {tidy(name): tidy(value) for name, value in _pairs(kind, "--where", where).items()}
    return Columns(columns, _pairs(kind, "--set", sets), rows, reading or Reading())


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
