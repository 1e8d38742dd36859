"""Fields of the catalogue's forms and tables, and reading what was typed into them.

Law: a page's form, a workbook's row and a command are read by the same rules; what is wrong is said at its
field, in a sentence (es-MX), all of it at once. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from server.catalogue.state import State
from server.documents.folding import folded

#: What was typed or stands, by field.
Fields = dict[str, str]
#: Options: title of the group (empty for none), then value and words.
Groups = list[tuple[str, list[tuple[str, str]]]]

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_YES = frozenset({"si", "s", "1", "x", "true", "verdadero"})
_NO = frozenset({"no", "n", "0", "false", "falso"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Field:
    """``fixed``: set once, when the thing is made. ``least``, ``most``: of a number; ``most``: letters of a
    text.

    ``options``: what may be chosen, given the state and what stands (kept though it is retired).
    """

    name: str
    label: str
    form: Literal["line", "text", "number", "choice", "yes", "day"] = "line"
    hint: str = ""
    required: bool = False
    least: int = 0
    most: int = 200
    fixed: bool = False
    options: Callable[[State, str], Groups] | None = None


class Refused(Exception):
    """``wrong``: a sentence by field; under the empty name what is about none."""

    def __init__(self, wrong: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in wrong.items()))
        self.wrong = wrong


class Reading:
    """Reads a form by its fields. ``done()`` raises ``Refused`` with everything that was wrong."""

    def __init__(self, fields: Sequence[Field], given: Fields, state: State, stands: Fields | None) -> None:
        self._fields = {field.name: field for field in fields}
        self._given = given
        self._state = state
        self._stands = stands or {}
        self.wrong: dict[str, str] = {}

    def refuse(self, name: str, why: str) -> None:
        self.wrong.setdefault(name, why)

    def done(self) -> None:
        if self.wrong:
            raise Refused(self.wrong)

    def text(self, name: str) -> str:
        """Several lines, trimmed."""
        field, said = self._fields[name], self._given.get(name, "").replace("\r\n", "\n").strip()
        if _CONTROL.search(said):
            self.refuse(name, "Tiene caracteres que no se pueden guardar. Escríbalo de nuevo.")
        if len(said) > field.most:
            self.refuse(name, f"Es muy largo: a lo más {field.most} letras.")
        if field.required and not said:
            self.refuse(name, "Falta este dato.")
        return said

    def line(self, name: str) -> str:
        return " ".join(self.text(name).split())

    def number(self, name: str) -> int:
        field, said = self._fields[name], self._given.get(name, "").strip()
        if re.fullmatch(r"[0-9]{1,9}", said) and field.least <= int(said) <= field.most:
            return int(said)
        self.refuse(name, f"Debe ser un número entero entre {field.least} y {field.most}.")
        return field.least

    def yes(self, name: str) -> bool:
        said = folded(self._given.get(name, ""))
        if said not in _YES | _NO:
            self.refuse(name, "Escriba sí o no.")
        return said in _YES

    def day(self, name: str) -> str:
        said = self._given.get(name, "").strip()[:10]
        try:
            return date.fromisoformat(said).isoformat()
        except ValueError:
            self.refuse(name, "No es una fecha. Escríbala como 2026-11-23.")
            return "2026-01-01"

    def choice(self, name: str) -> str:
        """The chosen value, by itself or by its words; empty where nothing is chosen."""
        field, said = self._fields[name], self._given.get(name, "").strip()
        if not said:
            if field.required:
                self.refuse(name, "Elija de la lista.")
            return ""
        assert field.options is not None
        groups = field.options(self._state, self._stands.get(name, ""))
        options = [pair for _, pairs in groups for pair in pairs]
        if said in {value for value, _ in options}:
            return said
        meant = [value for value, words in options if folded(words) == folded(said)]
        if len(meant) != 1:
            what = "hay varias cosas con ese nombre" if meant else f"«{said[:60]}» no está"
            self.refuse(name, f"Elija de la lista: {what}.")
            return ""
        return meant[0]

    def key(self, name: str, otherwise: str, taken: object) -> str:
        """The id of what is made: as given, else from its name. ``taken``: ids that are there."""
        said = self._given.get(name, "").strip().lower()
        key = said or to_key(otherwise)
        if not _SLUG.match(key):
            self.refuse(name, "Use minúsculas, números, punto o guion, sin espacios.")
        elif key in taken:  # type: ignore[operator]
            self.refuse("nombre" if not said else name, "Ya existe otra con ese nombre.")
        return key


def to_key(name: str) -> str:
    """An id from a name: lower case, no accents, hyphens."""
    return re.sub(r"[^a-z0-9._]+", "-", folded(name)).strip("-._")[:64].rstrip("-._")


def words_of(field: Field, value: str, state: State) -> str:
    """What a field's value says: for tables, workbooks and histories."""
    if field.form == "yes":
        return "sí" if value == "si" else "no"
    if field.form == "choice" and value and field.options is not None:
        options = [pair for _, pairs in field.options(state, value) for pair in pairs]
        said = next((words for key, words in options if key == value), value)
        # Two things of one name are told apart by their ids alone.
        return said if sum(folded(words) == folded(said) for _, words in options) == 1 else value
    return value


def said_yes(value: object) -> str:
    return "si" if value else "no"
