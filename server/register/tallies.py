"""How the reports of a filter stand, value by value of a field: lists by agency and in all, and the queues.

Law: each number is the count of the filter that ``narrowed`` gives for it, so each has its list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import apsw
import numpy as np

from server.register.choosing import chosen, is_open, lights
from server.register.columns import Columns, Mask
from server.register.filters import Days, Filter
from server.register.rows import day_number
from server.register.scope import Scope
from server.register.statistics import AS_LISTED

#: What is told of each value, in the order of ``Tally``.
MEASURES = ("count", "open", "emergency", "red", "amber", "today", "closed")
#: The filter's ``only`` for those without a value, where there is one.
_NONE = {"holder": "nadie-atiende", "brigade": "sin-brigada"}
#: Fields whose column has another name than the filter's member.
_COLUMNS = {**AS_LISTED, "brigade": "brigades"}


@dataclass(frozen=True, slots=True)
class Tally:
    """``today``: open and due today."""

    count: int = 0
    open: int = 0
    emergency: int = 0
    red: int = 0
    amber: int = 0
    today: int = 0
    closed: int = 0


def tallies(
    db: apsw.Connection,
    columns: Columns,
    wanted: Filter,
    scope: Scope,
    now: datetime,
    today: str,
    fields: tuple[str, ...],
) -> dict[str, dict[str, Tally]]:
    """For each of these members of the filter, its values (``""``: none) with how their reports stand."""
    with columns.lock:
        mask = chosen(db, columns, wanted, scope, now)
        masks = _masks(columns, mask, now, today)
        places = {measure: np.flatnonzero(where) for measure, where in masks.items()}
        found: dict[str, dict[str, Tally]] = {}
        for name in fields:
            numbers: dict[str, dict[str, int]] = {}
            for measure, where in places.items():
                for text, count in columns.counts(_COLUMNS.get(name, name), where).items():
                    numbers.setdefault(text or "", {})[measure] = count
            found[name] = {text: Tally(**each) for text, each in numbers.items()}
        return found


def tally(
    db: apsw.Connection, columns: Columns, wanted: Filter, scope: Scope, now: datetime, today: str
) -> Tally:
    """How all that the filter means stands."""
    with columns.lock:
        masks = _masks(columns, chosen(db, columns, wanted, scope, now), now, today)
        return Tally(**{measure: int(np.count_nonzero(where)) for measure, where in masks.items()})


def _masks(columns: Columns, mask: Mask, now: datetime, today: str) -> dict[str, Mask]:
    opened, colours = mask & is_open(columns), lights(columns, now)
    return {
        "count": mask,
        "open": opened,
        **{colour: mask & colours[colour] for colour in ("emergency", "red", "amber")},
        "today": opened & (columns["due_on"] == day_number(today)),
        "closed": mask & ~opened,
    }


def narrowed(wanted: Filter, name: str, value: str, measure: str, today: str) -> Filter | None:
    """The filter whose count is a number of a tally; None where no filter says it."""
    if name and value:
        wanted = wanted.also(name, value)
    elif name in _NONE:
        wanted = _only(wanted, _NONE[name])
    elif name:
        return None
    match measure:
        case "open":
            return _only(wanted, "abiertos")
        case "closed":
            return _only(wanted, "cerrados")
        case "emergency" | "red" | "amber":
            # Two colours at once would be one or the other.
            return replace(wanted, colour=(measure,)) if not wanted.colour else None
        case "today":
            return _only(replace(wanted, due=Days(today, today)), "abiertos") if not wanted.due else None
    return wanted


def _only(wanted: Filter, word: str) -> Filter:
    return wanted if word in wanted.only else replace(wanted, only=(*wanted.only, word))
