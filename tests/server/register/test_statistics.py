"""Figures equal an independent recount, report by report, for whoever may read what."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from server.instants import parse
from server.register import statistics as statistics_module
from server.register.columns import Columns
from server.register.filters import Days, Filter
from server.register.register import Register
from server.register.scope import Scope
from server.register.statistics import Compliance, Figures, compliance_by, figures, grouped
from server.store.databases import Databases
from tests.server.register.recount import OPEN, agencies, any_filter, in_agencies, means, readable
from tests.server.register.town import NOW, ZONE, make

Json = dict[str, Any]
Town = tuple[Register, list[Json], dict[str, Json]]

pytestmark = pytest.mark.anyio

SEED = 11


@pytest.fixture
async def town(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    reports, citizens = make(SEED, 250)
    await databases.citizens.bulk_docs(citizens)
    await databases.cases.bulk_docs(reports)
    register = Register(tmp_path / "register", databases)
    await register.catch_up()
    yield register, reports, {doc["_id"]: doc for doc in citizens}
    await register.stop()


@pytest.mark.parametrize("dense", [True, False])
async def test_combinations_are_counted_as_a_recount_does(
    town: Town, dense: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    register, reports, _ = town
    if not dense:
        monkeypatch.setattr(statistics_module, "_DENSE", 1)
    for names in (("agency", "status", "channel", "month"), ("type",), ("colonia", "holder")):
        for kind in (None, "bache"):

            def of(report: Json, name: str) -> Any:
                held = report["taken_by"]
                own = {
                    "colonia": report["place"].get("colonia"),
                    "holder": held[-1]["account"] if held else None,
                }
                return own[name] if name in own else report[name]

            def counted(_: Any, columns: Columns, kind: Any = kind, names: Any = names) -> Any:
                mask = columns.living & columns.is_one_of("type", [kind]) if kind else columns.living
                return grouped(columns, mask, names)

            wanted = Counter(
                tuple(of(r, name) for name in names) for r in reports if kind in (None, r["type"])
            )
            assert await register.ask(counted) == dict(wanted)


async def test_compliance_without_days_counts_the_same(town: Town) -> None:
    register, _, _ = town

    def both(_: Any, columns: Columns) -> Any:
        mask, moment = columns.living, int(NOW.timestamp())
        return (
            compliance_by(columns, mask, moment),
            compliance_by(columns, mask, moment, days=False),
            compliance_by(columns, mask, moment, "type"),
        )

    with_days, without, by_type = await register.ask(both)
    assert {key: said(one) for key, one in with_days.items()} == {
        key: said(one) for key, one in without.items()
    }
    assert all(one.median is None for one in without.values())
    assert sum(one.count for one in by_type.values()) == 250


def whole(instant: str) -> int:
    return int(parse(instant).timestamp())


def compliance(reports: list[Json]) -> tuple[int, ...]:
    on_time = late = still = overdue = undated = 0
    for report in reports:
        if report["due_at"] is None:
            undated += 1
        elif report["status"] in OPEN:
            still, overdue = (
                (still + 1, overdue)
                if whole(report["due_at"]) >= int(NOW.timestamp())
                else (still, overdue + 1)
            )
        elif report["finished_at"]:
            on_time, late = (
                (on_time + 1, late)
                if whole(report["finished_at"]) <= whole(report["due_at"])
                else (on_time, late + 1)
            )
    return len(reports), on_time, late, still, overdue, undated


Question = Callable[[apsw.Connection, Columns], Figures]


def counting(wanted: Filter, scope: Scope) -> Question:
    return lambda db, columns: figures(db, columns, wanted, scope, NOW)


def said(found: Compliance) -> tuple[int, ...]:
    return found.count, found.on_time, found.late, found.open, found.overdue, found.undated


async def test_two_hundred_random_filters_equal_a_recount(town: Town) -> None:
    register, reports, people = town
    rng = random.Random(SEED)
    scopes = [Scope(everything=True, confidential=True), Scope(everything=True), Scope(agency="obras")]
    for _ in range(200):
        wanted, scope = any_filter(rng), rng.choice(scopes)
        found = await register.ask(counting(wanted, scope))
        mine = [r for r in reports if readable(r, scope) and means(r, wanted, people)]
        assert found.count == len(mine), (wanted, SEED)
        assert found.status == dict(Counter(r["status"] for r in mine))
        assert found.groups["channel"] == dict(Counter(r["channel"] for r in mine))
        assert found.groups["agency"] == in_agencies(mine)
        by_day = Counter(parse(r["captured_at"]).astimezone(ZONE).date().isoformat() for r in mine)
        assert {day: n for day, n in found.days if n} == dict(by_day)
        assert said(found.compliance) == compliance(mine)
        for agency, one in found.by_agency.items():
            assert said(one) == compliance([r for r in mine if agency in (agencies(r) or {"None"})])
        ended = [r for r in mine if r["finished_at"] and r["status"] not in OPEN]
        if ended:
            days = [(whole(r["finished_at"]) - whole(r["captured_at"])) / 86_400 for r in ended]
            assert found.compliance.median == pytest.approx(statistics.median(days))
        within = [
            r
            for r in mine
            if r["answered_at"] and whole(r["answered_at"]) - whole(r["captured_at"]) <= 86_400
        ]
        assert found.answers.within == len(within)
        assert found.answers.within + found.answers.later == sum(1 for r in mine if r["answered_at"])
        assert found.not_solved == sum(1 for r in mine if r["verified"] and not r["verified"]["solved"])
        assert found.supports == sum(r["supports"] for r in mine)


async def test_two_periods_are_the_whole(town: Town) -> None:
    register, _, _ = town
    scope = Scope(everything=True, confidential=True)
    split = (NOW - timedelta(days=90)).date()
    parts = (Days(None, (split - timedelta(days=1)).isoformat()), Days(split.isoformat(), None))
    counts = []
    for days in (*parts, Days()):
        wanted = replace(Filter(), captured=days)
        counts.append((await register.ask(counting(wanted, scope))).count)
    assert counts[0] + counts[1] == counts[2] == 250
