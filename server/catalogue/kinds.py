"""What a part of the catalogue is to its pages, its workbooks and its command.

Law: putting a thing's own fields back gives the very same document; a change touches one document. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.cases.validation import reasons
from server.catalogue.fields import Field, Fields, Refused
from server.catalogue.state import State

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """``items``: fields of each thing by its key, in the order of lists. ``put``: the changed document and
    the key, ``Refused`` where it cannot be. ``retire``: the document with the thing retired, or back, or gone
    (``removes``). ``lives``: the id of the document of a key. ``agency``: whose it is.
    """

    name: str
    title: str
    one: str
    fields: tuple[Field, ...]
    schema: str
    items: Callable[[State], dict[str, Fields]]
    put: Callable[[State, str | None, Fields], tuple[Json, str]]
    retire: Callable[[State, str, bool], Json]
    lives: Callable[[str], str]
    agency: Callable[[State, str], str | None] = lambda _state, _key: None
    #: Things without an id, in an order that means something: a workbook replaces all of them.
    ordered: bool = False
    removes: bool = False
    #: The columns of its list.
    shown: tuple[str, ...] = ("nombre",)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


def sound(schema: str, doc: Json) -> Json:
    """The document, if its schema takes it. Raises ``Refused``."""
    found = reasons(schema, doc)
    if found:
        raise Refused({"": f"No se puede guardar así ({found[0][:200]})."})
    return doc
