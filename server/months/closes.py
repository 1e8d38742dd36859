"""Closing a month of one agency: gathered, frozen, written once.

Law CLOSE-1: a month is closed when it is over and never before; the first close written is the close, whoever
clicks twice and at however many servers. Nothing ever writes it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import apsw
import numpy as np

from server.cases.deadlines import month_of
from server.documents import reading
from server.documents.ids import record_of
from server.documents.shapes import MonthClose, MonthCloseNames, Report
from server.instants import say
from server.months.figures import close_of, closing_event, hash_of, is_of
from server.problems import Problem
from server.register.choosing import is_open
from server.register.columns import Columns
from server.register.register import Register
from server.store.databases import Databases
from server.store.scan import scan_ids
from sync.errors import Conflict, NotFound
from sync.interface import Database

#: Documents read together.
_PAGE = 500
#: How often, and with which seconds between, the register is asked whether it is up to date.
_TRIES, _BETWEEN = 20, 0.25


def is_month(text: str) -> bool:
    """Whether ``text`` is ``YYYY-MM``."""
    try:
        return len(text) == 7 and datetime.strptime(text, "%Y-%m").strftime("%Y-%m") == text
    except ValueError:
        return False


def month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


def month_after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + 1}-01" if number == 12 else f"{year}-{number + 1:02d}"


async def find(office: Database, month: str, agency: str) -> MonthClose | None:
    """The close, whole and as it was written. Raises ``close_damaged`` where its hash says otherwise."""
    try:
        close = reading.month_close(await office.get(f"close:{month}:{agency}"))
    except NotFound:
        return None
    if hash_of(close) != close["hash"]:
        raise Problem("close_damaged", f"{close['_id']}: its hash is not {close['hash']}")
    return close


async def closed(office: Database, month: str) -> list[str]:
    """The agencies whose month is closed."""
    head = f"close:{month}:"
    return [found.removeprefix(head) async for found in scan_ids(office, head)]


class Closes:
    """Closes months over ``databases``, with the register for finding which reports may be meant."""

    def __init__(self, databases: Databases, register: Register, zone: ZoneInfo) -> None:
        self._databases, self._register, self._zone = databases, register, zone

    async def close(
        self, month: str, agency: str, now: datetime, by: str, names: MonthCloseNames
    ) -> tuple[MonthClose, bool]:
        """The close, and whether it was made now. ``now`` is a clock that is not in doubt; ``names`` as
        ``figures.close_of`` has them.

        Raises ``month_not_over``, and ``unavailable`` while the register is behind.
        """
        known = await find(self._databases.office, month, agency)
        if known is not None:
            return known, False
        if not is_month(month) or month_of(say(now), self._zone) <= month:
            raise Problem("month_not_over", f"{month} is not over")
        await self._caught_up()
        reports = await self._candidates(month, agency)
        before = await find(self._databases.office, month_before(month), agency)
        close = close_of(
            month,
            agency,
            reports,
            await self._months(reports),
            self._zone,
            say(now),
            by,
            names,
            before["figures"] if before else None,
        )
        try:
            await self._databases.office.put(close)
        except Conflict:
            known = await find(self._databases.office, month, agency)
            assert known is not None
            return known, False
        return close, True

    async def after(self, month: str, agency: str) -> int:
        """How many reports were captured in the month and came after it: they count where they came."""

        def count(db: apsw.Connection, columns: Columns) -> int:
            with columns.lock:
                first, last = days_of(month)
                days = columns["captured_on"]
                mask = columns.living & (columns["confidential"] == 0)
                mask &= columns.is_one_of("agencies", [agency]) & (days >= first) & (days <= last)
                later = [t for t in columns.codes["month"].texts if t is not None and t > month]
                return int((mask & columns.is_one_of("month", later)).sum())

        return await self._register.ask(count)

    async def _caught_up(self) -> None:
        for _ in range(_TRIES):
            if await self._register.lag() == 0:
                return
            await asyncio.sleep(_BETWEEN)
        raise Problem("unavailable", "the register is behind; a month is closed on all there is")

    async def _candidates(self, month: str, agency: str) -> list[Report]:
        """Reports that may be received, closed or open in the month."""
        first, _ = days_of(month)

        def ids(db: apsw.Connection, columns: Columns) -> list[str]:
            with columns.lock:
                mask = columns.living & (columns["confidential"] == 0)
                mask &= columns.is_one_of("agencies", [agency])
                # A closing may come long after its day: a year back is asked.
                near = columns["finished_on"] >= first - 366
                mask &= columns.is_one_of("month", [month]) | near | is_open(columns)
                places = np.flatnonzero(mask)
            found = []
            for start in range(0, len(places), _PAGE):
                part = [int(n) for n in places[start : start + _PAGE]]
                marks = ", ".join("?" * len(part))
                statement = f"SELECT id FROM reports WHERE n IN ({marks})"
                found += [str(row[0]) for row in db.execute(statement, part).fetchall()]
            return found

        wanted = await self._register.ask(ids)
        reports: list[Report] = []
        for start in range(0, len(wanted), _PAGE):
            part = [f"report:{one}" for one in wanted[start : start + _PAGE]]
            docs = (await self._databases.cases.get_many(part)).values()
            reports += [report for doc in docs if is_of(report := reading.report(doc), agency)]
        return reports

    async def _months(self, reports: list[Report]) -> Mapping[str, str]:
        """The month of admission of each closing event."""
        events = [event for report in reports if (event := closing_event(report)) is not None]
        found: dict[str, str] = {}
        for start in range(0, len(events), _PAGE):
            part = [record_of(event) for event in events[start : start + _PAGE]]
            for record in (await self._databases.cases.get_many(part)).values():
                month = record.get("month") or record["received_at"][:7]
                found[record["event"]["_id"]] = month
        return found


def days_of(month: str) -> tuple[int, int]:
    """The first and last day of a month, as days since 1970-01-01."""
    epoch = date(1970, 1, 1).toordinal()
    first = date.fromisoformat(f"{month}-01")
    last = date.fromisoformat(f"{month_after(month)}-01") - timedelta(days=1)
    return first.toordinal() - epoch, last.toordinal() - epoch
