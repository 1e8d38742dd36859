"""Lists, counts and facets are those of an independent recount, for whoever may read what."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from server.register.filters import Filter, parse
from server.register.lists import ORDERS, Listed, count_of, counts_of, facets_of, page_of, seen_of
from server.register.register import Register
from server.register.scope import Scope
from server.store.databases import Databases
from tests.server.register.recount import any_filter, colour, in_agencies, means, readable
from tests.server.register.town import NOW, make

Json = dict[str, Any]

pytestmark = pytest.mark.anyio

SCOPES = {
    "auditor": Scope(everything=True, confidential=True),
    "desk": Scope(everything=True),
    "agency": Scope(agency="obras"),
    "nobody": Scope(),
}
SEED = 7


@pytest.fixture
async def town(
    databases: Databases, tmp_path: Path
) -> AsyncIterator[tuple[Register, list[Json], dict[str, Json]]]:
    reports, citizens = make(SEED, 300)
    await databases.citizens.bulk_docs(citizens)
    await databases.cases.bulk_docs(reports)
    register = Register(tmp_path / "register", databases)
    await register.catch_up()
    yield register, reports, {doc["_id"]: doc for doc in citizens}
    await register.stop()


async def asked(register: Register, question: Any, wanted: Filter, scope: Scope, *more: Any) -> Any:
    return await register.ask(lambda db, columns: question(db, columns, wanted, scope, NOW, *more))


async def pages(register: Register, wanted: Filter, scope: Scope, order: Any, size: int) -> list[Listed]:
    found: list[Listed] = []
    after: str | None = None
    while not found or after:
        asked_for = partial(page_of, wanted=wanted, scope=scope, now=NOW, order=order, size=size, after=after)
        listed = await register.ask(asked_for)
        found.append(listed)
        after = listed.after
    return found


async def test_two_hundred_random_filters_equal_a_recount(
    town: tuple[Register, list[Json], dict[str, Json]],
) -> None:
    register, reports, people = town
    rng = random.Random(SEED)
    met = 0
    for _ in range(200):
        wanted, (role, scope) = any_filter(rng), rng.choice(list(SCOPES.items()))
        expected = {r["_id"][7:] for r in reports if readable(r, scope) and means(r, wanted, people)}
        met += bool(expected)
        assert parse(wanted.query()) == wanted
        count = await asked(register, count_of, wanted, scope)
        listed = await pages(register, wanted, scope, rng.choice(ORDERS), 37)
        got = [row.id for page in listed for row in page.rows]
        assert (count, set(got)) == (len(expected), expected), (role, wanted, SEED)
        assert len(got) == len(set(got)), "nothing is shown twice"
        assert {one[0] for one in await asked(register, seen_of, wanted, scope, 1_000)} == expected
        facets = await asked(register, facets_of, wanted, scope)
        mine = [r for r in reports if r["_id"][7:] in expected]
        assert facets["colour"] == dict(Counter(map(colour, mine)))
        assert facets["agency"] == in_agencies(mine)
        for agency, number in facets["agency"].items():
            if agency and not wanted.agency:
                assert number == await asked(register, count_of, wanted.also("agency", agency), scope)
        for name in ("status", "type", "channel"):
            assert facets[name] == dict(Counter(r[name] or "" for r in mine)), name
    assert met > 60, "filters that mean nothing prove little"


async def test_counts_of_several_filters_are_each_ones(
    town: tuple[Register, list[Json], dict[str, Json]],
) -> None:
    register, _, _ = town
    rng = random.Random(SEED)
    filters = [any_filter(rng) for _ in range(40)]
    for scope in SCOPES.values():
        asked_for = partial(counts_of, filters=filters, scope=scope, now=NOW)
        found = await register.ask(asked_for)
        assert found == [await asked(register, count_of, wanted, scope) for wanted in filters]


@pytest.mark.parametrize("order", ORDERS)
async def test_pages_are_in_order_and_go_back(
    town: tuple[Register, list[Json], dict[str, Json]], order: Any
) -> None:
    register, reports, _ = town
    scope = SCOPES["auditor"]
    listed = await pages(register, Filter(), scope, order, 50)
    whole = (await pages(register, Filter(), scope, order, 1_000))[0].rows
    assert [row.id for page in listed for row in page.rows] == [row.id for row in whole]
    assert [page.first for page in listed] == [1, 51, 101, 151, 201, 251]
    assert all(page.count == len(reports) for page in listed)
    keys: dict[str, Callable[[Any], Any]] = {
        "newest": lambda row: -ord_of(row.captured_at),
        "oldest": lambda row: ord_of(row.captured_at),
        "due": lambda row: ord_of(row.due_at),
        "finished": lambda row: -ord_of(row.finished_at) if row.finished_at else 0,
        "priority": lambda row: (row.priority, ord_of(row.captured_at)),
        "folio": lambda row: int(row.folio[3:]) if row.folio else 10**9,
    }
    assert [keys[order](row) for row in whole] == sorted(keys[order](row) for row in whole)
    back = await register.ask(
        lambda db, columns: page_of(
            db, columns, Filter(), scope, NOW, order=order, size=50, before=listed[2].before
        )
    )
    assert [row.id for row in back.rows] == [row.id for row in listed[1].rows]
    assert (back.first, back.after, back.before) == (51, listed[1].after, listed[1].before)


def ord_of(instant: str | None) -> float:
    from server.instants import parse as parse_instant

    return int(parse_instant(instant).timestamp()) if instant else 2**40


async def test_what_may_not_be_read_does_not_change_a_count(
    town: tuple[Register, list[Json], dict[str, Json]],
) -> None:
    register, reports, _ = town
    desk, agency = SCOPES["desk"], SCOPES["agency"]
    everything = await asked(register, count_of, Filter(), desk)
    assert everything == sum(not r["confidential"] for r in reports)
    denuncias = Filter(type=("denuncia",))
    assert await asked(register, count_of, denuncias, desk) == 0
    others = Filter(agency=("agua",))
    shared = await register.ask(lambda db, columns: page_of(db, columns, others, agency, NOW, size=500))
    assert shared.rows, "an agency sees what it has together with another"
    mine = {r["_id"][7:] for r in reports if readable(r, agency)}
    assert {row.id for row in shared.rows} <= mine
