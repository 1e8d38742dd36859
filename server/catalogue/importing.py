"""A workbook of a part of the catalogue: what it would change, before it changes anything.

Law: all of it or none; a row that is wrong is told with its number and column; a column that is not there
and a thing that no row names stay as they are (of rules and words, whose order is their meaning, the rows
are all there is). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from server.catalogue.directory import AGENCIES
from server.catalogue.fields import Fields, Refused, to_key
from server.catalogue.kinds import Json, Kind
from server.catalogue.ordering import emptied
from server.catalogue.parts import differences
from server.catalogue.state import State
from server.documents.folding import folded


@dataclass(frozen=True, slots=True)
class Preview:
    """``docs``: what would stand; ``lines``: in words; ``wrong``: row, column and sentence; ``rows``: how
    many.
    """

    docs: list[Json]
    lines: list[str]
    wrong: list[tuple[int, str, str]]
    rows: int


def columns(kind: Kind, header: Iterable[str]) -> dict[str, str]:
    """Column of the file to field. Raises ``Refused`` for a column that is none of ours."""
    known = {folded(name): field.name for field in kind.fields for name in (field.name, field.label)}
    found: dict[str, str] = {}
    for column in header:
        name = known.get(folded(column))
        if name is None:
            ours = ", ".join(field.name for field in kind.fields)
            raise Refused({"archivo": f"La columna «{column[:60]}» no es de esta tabla. Son: {ours}."})
        if name in found.values():
            raise Refused({"archivo": f"La columna «{column[:60]}» está dos veces."})
        found[column] = name
    return found


def preview(state: State, kind: Kind, rows: Iterable[tuple[int, Fields]]) -> Preview:
    now = emptied(state, kind) if kind.ordered else state
    wrong: list[tuple[int, str, str]] = []
    taken: set[str] = set()
    count = 0
    for number, given in rows:
        count += 1
        key = None if kind.ordered else _key(now, kind, given)
        if key is None:
            # Of something new an empty cell says nothing.
            given = {name: said for name, said in given.items() if said.strip() and name != "orden"}
        try:
            doc, put = kind.put(now, key, given)
            if put in taken:
                raise Refused({"": "Está dos veces en el archivo."})
        except Refused as refused:
            labels = {field.name: field.label for field in kind.fields}
            wrong += [(number, labels.get(name, ""), why) for name, why in refused.wrong.items()]
        else:
            now = now.with_doc(doc)
            taken.add(put)
    changed = [doc for key, doc in now.docs.items() if doc != state.docs.get(key)]
    if not count and kind.ordered:
        wrong.append((0, "", "El archivo no tiene renglones: quitaría todo."))
    lines = [line for doc in changed for line in differences(now, state.docs.get(doc["_id"]), doc)]
    return Preview(changed, lines, wrong, count)


def _key(state: State, kind: Kind, given: Fields) -> str | None:
    """The key of what a row is about; None for something new."""
    items = kind.items(state)
    key = (given.get("fecha") or given.get("clave") or "").strip()[:64]
    if "dependencia" in given:
        agency = next(
            (
                name
                for name, fields in AGENCIES.items(state).items()
                if given["dependencia"] in (name, fields["nombre"])
                or folded(fields["nombre"]) == folded(given["dependencia"])
            ),
            "",
        )
        key = f"{agency}~{key or to_key(given.get('nombre', ''))}"
    return key if key in items else None
