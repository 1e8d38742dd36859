"""``_find`` without an index: selectors, order, fields, pages, and what is refused."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from sync.http import find as module
from sync.interface import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def filled(db: Database) -> Database:
    docs: list[dict[str, Any]] = [
        {"_id": f"d{n}", "n": n, "turn": n % 3, "o": {"x": n, "y": 0, "a.b": 1}} for n in range(1, 8)
    ]
    await db.bulk_docs([*docs, {"_id": "bare"}, {"_id": "_design/q", "n": 1}])
    return db


async def ask(client: httpx2.AsyncClient, **body: Any) -> tuple[list[Any], dict[str, Any]]:
    answer = await client.post("/db/_find", json=body)
    assert answer.status_code == 200, answer.text
    value = answer.json()
    return value["docs"], value


async def ids(client: httpx2.AsyncClient, **body: Any) -> list[str]:
    return [doc["_id"] for doc in (await ask(client, **body))[0]]


@pytest.mark.parametrize("page", [2, 500])
async def test_selectors_order_and_pages(
    client: httpx2.AsyncClient, filled: Database, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", page)
    everything = ["bare", *(f"d{n}" for n in range(1, 8))]
    assert await ids(client, selector={}) == everything
    assert await ids(client, selector={"n": {"$gt": 5}}) == ["d6", "d7"]
    assert await ids(client, selector={"_id": {"$gt": "d2", "$lte": "d4"}}) == ["d3", "d4"]
    assert await ids(client, selector={"_id": "d3"}) == ["d3"]
    assert await ids(client, selector={"_id": {"$gt": None}}, sort=[{"_id": "desc"}]) == everything[::-1]
    assert await ids(client, selector={"_id": {"$lt": "d3"}}, sort=[{"_id": "desc"}]) == ["d2", "d1", "bare"]
    assert await ids(client, selector={}, skip=2, limit=2) == ["d2", "d3"]
    assert await ids(client, selector={}, limit=0) == []
    by_turn = ["d3", "d6", "d1", "d4", "d7", "d2", "d5"]
    assert await ids(client, selector={}, sort=["turn", "n"]) == by_turn
    assert await ids(client, selector={}, sort=[{"turn": "desc"}, {"n": "desc"}]) == by_turn[::-1]
    assert await ids(client, selector={}, sort=["o.x"], skip=1, limit=2) == ["d2", "d3"]


@pytest.mark.parametrize("sort", [[], [{"_id": "desc"}], ["turn"], [{"n": "desc"}]])
async def test_bookmarks_go_on(client: httpx2.AsyncClient, filled: Database, sort: list[Any]) -> None:
    whole = await ids(client, selector={}, sort=sort)
    found: list[str] = []
    bookmark = None
    while True:
        more: dict[str, Any] = {} if bookmark is None else {"bookmark": bookmark}
        docs, value = await ask(client, selector={}, sort=sort, limit=3, **more)
        if not docs:
            assert value["bookmark"] == "nil"
            break
        bookmark = value["bookmark"]
        found += [doc["_id"] for doc in docs]
    assert found == whole


async def test_fields_conflicts_and_statistics(client: httpx2.AsyncClient, filled: Database) -> None:
    (doc,), value = await ask(client, selector={"n": 3}, fields=["_id", "o.x", "o.a\\.b", "none"])
    assert doc == {"_id": "d3", "o": {"x": 3, "a.b": 1}}
    assert "No matching index" in value["warning"]
    await filled.bulk_docs([{"_id": "d1", "_rev": "1-" + "0" * 32, "n": 1}], new_edits=False)
    (doc,), value = await ask(client, selector={"_id": "d1"}, conflicts=True, execution_stats=True)
    assert len(doc["_conflicts"]) == 1
    assert value["execution_stats"]["results_returned"] == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "missing_required_key"),
        ({"selector": 5}, "invalid_selector_json"),
        ({"selector": {"n": {"$foo": 1}}}, "invalid_operator"),
        ({"selector": {}, "limit": -1}, "invalid_non_neg_integer"),
        ({"selector": {}, "limit": True}, "invalid_non_neg_integer"),
        ({"selector": {}, "skip": "x"}, "invalid_non_neg_integer"),
        ({"selector": {}, "fields": "x"}, "invalid_fields"),
        ({"selector": {}, "sort": 5}, "invalid_sort_json"),
        ({"selector": {}, "sort": [{"n": "up"}]}, "invalid_sort_field"),
        ({"selector": {}, "sort": [{"n": "asc"}, {"m": "desc"}]}, "unsupported_mixed_sort"),
        ({"selector": {}, "bookmark": "zz"}, "invalid_bookmark"),
        ({"selector": {}, "bookmark": 5}, "invalid_bookmark"),
        ({"selector": {}, "foo": 1}, "invalid_key"),
    ],
)
async def test_what_is_refused(
    client: httpx2.AsyncClient, db: Database, body: dict[str, Any], error: str
) -> None:
    answer = await client.post("/db/_find", json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
