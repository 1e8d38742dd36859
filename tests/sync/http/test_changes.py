"""The changes feed over HTTP: all at once, waiting for one change, and for as long as one listens."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from sync.embedded import EmbeddedEngine
from sync.http import App
from sync.http.changes import FIRST_PAGE
from sync.interface import Database
from tests.sync.serving import served

pytestmark = pytest.mark.anyio


@pytest.fixture
async def live(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    """A client over a real connection: only there can a feed be heard while it runs, or be left."""
    async with (
        served(app) as url,
        httpx2.AsyncClient(base_url=url, timeout=60, trust_env=False) as client,
    ):
        yield client


async def test_everything_since(client: httpx2.AsyncClient, db: Database) -> None:
    rev = await db.put({"_id": "a"})
    await db.put({"_id": "b"})
    await db.delete("a", rev)
    answer = (await client.get("/db/_changes?include_docs=true")).json()
    assert [(row["id"], row.get("deleted", False)) for row in answer["results"]] == [
        ("b", False),
        ("a", True),
    ]
    assert answer["results"][1]["doc"]["_deleted"] is True
    assert (answer["pending"], answer["last_seq"]) == (0, answer["results"][-1]["seq"])
    since = answer["results"][0]["seq"]
    for query in (f"since={since}", 'since="' + since + '"'):
        assert [row["id"] for row in (await client.get(f"/db/_changes?{query}")).json()["results"]] == ["a"]
    assert (await client.get("/db/_changes?since=now")).json()["results"] == []
    headers = {"last-event-id": since}
    assert len((await client.get("/db/_changes", headers=headers)).json()["results"]) == 1


@pytest.mark.parametrize("count", [0, 1, FIRST_PAGE, FIRST_PAGE + 1, 3 * FIRST_PAGE + 7])
async def test_any_number_in_pages(client: httpx2.AsyncClient, db: Database, count: int) -> None:
    await db.bulk_docs([{"_id": f"{n:05}", "n": n} for n in range(count)])
    expected = [f"{n:05}" for n in range(count)]
    for query, ids, pending in [
        ("", expected, 0),
        ("?include_docs=true", expected, 0),
        ("?include_docs=true&attachments=true", expected, 0),
        ("?descending=true", expected[::-1], None),
        ("?limit=600", expected[:600], max(0, count - 600)),
        ("?limit=0", [], count),
        ("?limit=0&feed=longpoll&timeout=60000", [], count),
    ]:
        answer = (await client.get(f"/db/_changes{query}")).json()
        assert [row["id"] for row in answer["results"]] == ids, query
        if pending is not None:
            assert answer["pending"] == pending
        if "include_docs" in query:
            assert all(row["doc"]["_id"] == row["id"] for row in answer["results"])


async def test_leaves_conflicts_and_attachments(client: httpx2.AsyncClient, db: Database) -> None:
    data = base64.b64encode(b"hola").decode()
    for mark in "ab":
        doc = {"_id": "a", "_rev": "1-" + mark * 32, "_attachments": {"x": {"data": data}}}
        await db.bulk_docs([doc], new_edits=False)
    row = (await client.get("/db/_changes?style=all_docs")).json()["results"][0]
    assert [change["rev"][:3] for change in row["changes"]] == ["1-b", "1-a"]
    query = "include_docs=true&conflicts=true&attachments=true"
    doc = (await client.get(f"/db/_changes?{query}")).json()["results"][0]["doc"]
    assert (doc["_conflicts"], doc["_attachments"]["x"]["data"]) == (["1-" + "a" * 32], data)


async def test_sequences_at_intervals(client: httpx2.AsyncClient, db: Database) -> None:
    await db.bulk_docs([{"_id": f"{n}"} for n in range(7)])
    answer = (await client.get("/db/_changes?seq_interval=3")).json()
    # As CouchDB: where what its limit (10^15 unless given) leaves is a multiple.
    assert [row["seq"] is not None for row in answer["results"]] == [n % 3 == 2 for n in range(1, 8)]
    answer = (await client.get("/db/_changes?seq_interval=3&limit=6")).json()
    assert [row["seq"] is not None for row in answer["results"]] == [n % 3 == 1 for n in range(1, 7)]
    for wrong in ("0", "-1", "x", ""):
        assert (await client.get(f"/db/_changes?seq_interval={wrong}")).status_code == 400


@pytest.mark.parametrize("feed", ["continuous", "longpoll"])
async def test_a_feed_from_the_end_ends(client: httpx2.AsyncClient, db: Database, feed: str) -> None:
    await db.bulk_docs([{"_id": f"{n}"} for n in range(7)])
    text = (await client.get(f"/db/_changes?feed={feed}&descending=true")).text
    assert text.count('"id"') == 7
    assert text.index('"id":"6"') < text.index('"id":"0"') < text.index('"last_seq"')


async def test_filters(client: httpx2.AsyncClient, db: Database) -> None:
    await db.bulk_docs([{"_id": name, "n": n} for n, name in enumerate(["a", "b", "c", "_design/x"])])

    async def ids(query: str, body: Any = None) -> list[str]:
        path = f"/db/_changes?{query}"
        answer = await (client.get(path) if body is None else client.post(path, json=body))
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["results"]]

    assert await ids("filter=_doc_ids", {"doc_ids": ["a", "c", "none"]}) == ["a", "c"]
    assert await ids('filter=_doc_ids&doc_ids=["b"]') == ["b"]
    assert await ids("filter=_selector", {"selector": {"n": {"$gt": 0}}}) == ["b", "c", "_design/x"]
    assert await ids("filter=_design") == ["_design/x"]
    assert await ids("limit=1", {}) == ["a"]


@pytest.mark.parametrize(
    "query",
    [
        "since=x", "since=9-y", "limit=x", "feed=x", "filter=_x", "filter=x", "style=x", "heartbeat=x",
        "heartbeat=0",
        "heartbeat=-5", "timeout=x", "heartbeat=false", "filter=_doc_ids", "filter=_selector",
        "seq_interval=x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("feed", ["normal", "longpoll", "continuous"])
async def test_a_malformed_feed(client: httpx2.AsyncClient, db: Database, query: str, feed: str) -> None:
    answer = await client.get(f"/db/_changes?feed={feed}&{query}")
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) == {"error", "reason"}


async def test_a_longpoll_answers_at_the_first_change(live: httpx2.AsyncClient, db: Database) -> None:
    await db.put({"_id": "before"})
    since = (await db.changes()).last_seq
    poll = asyncio.ensure_future(live.get(f"/db/_changes?feed=longpoll&since={since}&include_docs=true"))
    while (await live.get("/db/_changes?since=now")).status_code != 200:
        pass
    await db.put({"_id": "after"})
    answer = (await poll).json()
    assert [row["doc"]["_id"] for row in answer["results"]] == ["after"]
    at_once = (await live.get("/db/_changes?feed=longpoll")).json()
    assert len(at_once["results"]) == 2


async def test_a_longpoll_waits_for_what_passes_its_filter(live: httpx2.AsyncClient, db: Database) -> None:
    poll = asyncio.ensure_future(
        live.post("/db/_changes?feed=longpoll&filter=_doc_ids", json={"doc_ids": ["b"]})
    )
    await db.put({"_id": "a"})
    await db.put({"_id": "b"})
    assert [row["id"] for row in (await poll).json()["results"]] == ["b"]


async def test_a_longpoll_without_change_ends(live: httpx2.AsyncClient, db: Database) -> None:
    await db.put({"_id": "a"})
    answer = (await live.get("/db/_changes?feed=longpoll&since=now&timeout=1")).json()
    assert (answer["results"], answer["last_seq"]) == ([], (await db.changes()).last_seq)


async def test_a_continuous_feed_tells_line_by_line(live: httpx2.AsyncClient, db: Database) -> None:
    await db.put({"_id": "first"})
    async with live.stream("GET", "/db/_changes?feed=continuous&heartbeat=5000") as feed:
        lines = feed.aiter_lines()
        for expected in ("first", "second", "third"):
            if expected != "first":
                await db.put({"_id": expected})
            assert json.loads(await anext(lines))["id"] == expected
    # Leaving ends the server's work too, or closing the server would take its whole grace period.


async def test_a_continuous_feed_ends_by_count_and_by_silence(live: httpx2.AsyncClient, db: Database) -> None:
    await db.bulk_docs([{"_id": f"{n}"} for n in range(3)])
    counted = (await live.get("/db/_changes?feed=continuous&limit=2")).text.splitlines()
    assert [json.loads(line).get("id") for line in counted] == ["0", "1", None]
    silent = (await live.get("/db/_changes?feed=continuous&timeout=1")).text.splitlines()
    assert len(silent) == 4
    assert json.loads(silent[-1]) == {"last_seq": (await db.changes()).last_seq, "pending": 0}


@pytest.mark.parametrize("feed", ["continuous", "longpoll"])
async def test_heartbeats(live: httpx2.AsyncClient, db: Database, feed: str) -> None:
    async with live.stream("GET", f"/db/_changes?feed={feed}&heartbeat=1&since=now") as answer:
        beats = 0
        async for chunk in answer.aiter_bytes():
            beats += chunk.count(b"\n")
            if beats > 5:
                break


async def test_a_compressed_feed_holds_nothing_back(live: httpx2.AsyncClient, db: Database) -> None:
    headers = {"accept-encoding": "gzip"}
    async with live.stream("GET", "/db/_changes?feed=continuous&heartbeat=60000", headers=headers) as feed:
        assert feed.headers["content-encoding"] == "gzip"
        lines = feed.aiter_lines()
        for n in range(3):
            await db.put({"_id": f"{n}"})
            assert json.loads(await anext(lines))["id"] == f"{n}"


async def test_many_wait_at_once(live: httpx2.AsyncClient, db: Database) -> None:
    await db.put({"_id": "before"})
    since = (await db.changes()).last_seq
    polls = [asyncio.ensure_future(live.get(f"/db/_changes?feed=longpoll&since={since}")) for _ in range(60)]
    await live.get("/")
    await db.put({"_id": "after"})
    assert {row["id"] for poll in polls for row in (await poll).json()["results"]} == {"after"}


@pytest.mark.parametrize("feed", ["longpoll", "continuous"])
async def test_a_feed_ends_with_its_database(
    live: httpx2.AsyncClient, engine: EmbeddedEngine, db: Database, feed: str
) -> None:
    async with live.stream("GET", f"/db/_changes?feed={feed}&heartbeat=60000&since=now") as answer:
        assert answer.status_code == 200
        await engine.delete("db")
        assert b'"last_seq"' in await answer.aread()
