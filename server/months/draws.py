"""The seed of a month's draws, and what a close gives to draw from.

Law: a seed is published once; while the month is not over nobody can know the list that it will meet. One
that is published later is marked so, and never after the first agency's month was closed.
"""

from __future__ import annotations

import csv
import io

from server.documents import reading
from server.documents.shapes import Draw, MonthClose, Row
from server.months.closes import closed
from server.months.sample import SHARE, drawn
from server.problems import Problem
from sync.errors import Conflict, NotFound
from sync.interface import Database


async def find_draw(office: Database, month: str) -> Draw | None:
    try:
        return reading.draw(await office.get(f"draw:{month}"))
    except NotFound:
        return None


async def publish(office: Database, month: str, seed: str, at: str, by: str, *, early: bool) -> Draw:
    """The month's seed; the first one published stands. Raises ``seed_missing`` once a month was closed."""
    known = await find_draw(office, month)
    if known is not None:
        return known
    if not early and await closed(office, month):
        raise Problem("seed_missing", f"{month} was closed before a seed was published")
    doc: Draw = {
        "_id": f"draw:{month}",
        "schema": "draw.v1",
        "month": month,
        "seed": seed,
        "share": SHARE,
        "published_at": at,
        "by": by,
        "early": early,
    }
    try:
        await office.put(doc)
    except Conflict:
        known = await find_draw(office, month)
        assert known is not None
        return known
    return doc


def eligible(close: MonthClose) -> list[Row]:
    """The rows that may be drawn: what was finished. A close holds nothing confidential."""
    return [row for row in close["finished"] if row["status"] == "finished"]


def sample(close: MonthClose, draw: Draw) -> list[Row]:
    """The rows that are drawn, in the order of the draw."""
    rows = {row["folio"]: row for row in eligible(close)}
    return [rows[folio] for folio in drawn(draw["seed"], rows, draw["share"])]


def published(close: MonthClose) -> str:
    """The list as it is published: CSV, one folio a line, in the order of the folios."""
    rows = sorted(eligible(close), key=lambda row: (len(row["folio"]), row["folio"]))
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(["folio", "cerrado"])
    writer.writerows([row["folio"], row["closed_at"]] for row in rows)
    return lines.getvalue()
