"""Tables of tallies as pages show them: each value in words, each number with its list.

Law: a number without a filter that says it has no link. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.register.filters import Filter
from server.register.tallies import Tally, narrowed
from server.web.office.naming import shown
from server.web.office.reference import Names

#: The list that a number leads to.
_LIST = "/gestion/asuntos"


def tally_rows(
    found: dict[str, Tally],
    wanted: Filter,
    name: str,
    known: Names,
    today: str,
    measures: Mapping[str, str],
    none: str,
) -> list[tuple[str, list[tuple[int, str]]]]:
    """Rows of a table: words, and each number with the URL of its list; the most first."""
    rows = []
    first = next(iter(measures))
    for value, one in sorted(found.items(), key=lambda item: -getattr(item[1], first)):
        if not value and not none:
            continue
        numbers = []
        for measure in measures:
            narrow = narrowed(wanted, name, value, measure, today)
            numbers.append((getattr(one, measure), narrow.url(_LIST) if narrow else ""))
        rows.append((shown(name, value, known) if value else none, numbers))
    return rows
