"""The rows of a file, each judged: taken, or refused with its number.

Law: all rows are judged before any is written, so that what is wrong with the file itself writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, TypeVar

from server.imports.columns import Columns, MappingError
from server.imports.dates import Order, leading
from server.imports.findings import Findings, RowRefused
from server.imports.store import BATCH
from server.imports.tables import Table

Json = dict[str, Any]
T = TypeVar("T")
#: Called with the number of rows read so far.
Step = Callable[[int], None]

#: Members that are dates.
_DATES = ("date", "closed", "from", "until")


def opened(path: Path, columns: Columns, members: Collection[str], findings: Findings) -> Table:
    """The file as a table that has what the mapping names. Raises ``TableError``, ``MappingError``."""
    table = Table(path, columns.sought(members), columns.reading)
    columns.check(members, [name for name in table.names if name])
    for note in table.notes:
        findings.note(note)
    return table


def judged(
    table: Table,
    columns: Columns,
    members: Collection[str],
    take: Callable[[int, Json], T],
    findings: Findings,
    step: Step,
) -> Iterator[tuple[int, T]]:
    """Row number and what ``take`` makes of each row; refused rows go to ``findings``."""
    for count, (number, row) in enumerate(table, start=1):
        try:
            if isinstance(row, RowRefused):
                raise row
            if columns.wanted(row):
                yield number, take(number, columns.read(row, members))
        except RowRefused as refused:
            findings.add(number, refused)
        if count % BATCH == 0:
            step(count)


def order_of(table: Table, columns: Columns, members: Collection[str]) -> Order:
    """Which comes first in the file's dates, by what the operator says, else the day.

    Raises ``MappingError`` where the dates speak for the month and nobody said so: then every date whose day
    is no more than twelve would be read wrong.
    """
    if columns.reading.order is not None:
        return columns.reading.order
    names = [columns.columns.get(member, member) for member in _DATES if member in members]
    names = [name for name in names if name in table.names]
    if not names:
        return "day"
    found: tuple[int, str] | None = None
    for number, row in table:
        if isinstance(row, RowRefused):
            continue
        for name in names:
            orders = leading(row.get(name, ""))
            if orders == {"day"}:
                return "day"
            if orders == {"month"} and found is None:
                found = number, row[name]
    if found is None:
        return "day"
    raise MappingError(
        f"{table.path.name} seems to write the month first (row {found[0]}: {found[1].strip()}): say --dates "
        "month; --dates day reads the day first and refuses such rows."
    )
