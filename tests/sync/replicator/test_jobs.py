"""Replications that a server runs: asked for over HTTP, and kept as documents of ``_replicator``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from sync.embedded import EmbeddedEngine
from sync.http import App, create_app
from sync.interface import Database
from tests.sync.http.client import client_of
from tests.sync.serving import served

pytestmark = pytest.mark.anyio


@pytest.fixture
async def app(engine: EmbeddedEngine) -> AsyncIterator[App]:
    app = create_app(engine)
    await app.startup()
    yield app
    await app.shutdown()


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
async def source(engine: EmbeddedEngine) -> Database:
    db = await engine.create("one")
    await db.bulk_docs([{"_id": f"{n}", "n": n} for n in range(10)])
    return db


async def until(db: Database, doc_id: str, member: str, value: object) -> dict[str, Any]:
    """The document once its ``member`` has this value."""
    since = "0"
    while True:
        doc = (await db.get_many([doc_id])).get(doc_id, {})
        if doc.get(member) == value:
            return doc
        page = await db.changes()
        if page.last_seq == since:
            assert await db.wait_for_change(since, 30), doc
        since = page.last_seq


async def test_one_shot(client: httpx2.AsyncClient, engine: EmbeddedEngine, source: Database) -> None:
    answer = await client.post("/_replicate", json={"source": "one", "target": "two", "create_target": True})
    assert answer.status_code == 200, answer.text
    assert answer.json()["history"][0]["docs_written"] == 10
    assert (await (await engine.open("two")).info()).doc_count == 10
    assert (await client.post("/_replicate", json={"source": "one", "target": "two"})).json()["no_changes"]
    assert (await client.get("/_active_tasks")).json() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"source": "one", "target": "two", "selector": {"$x": 1}}, 400),
        ({"source": "one", "target": "none"}, 404),
        ({"source": "none", "target": "one"}, 404),
        ({"source": "one", "target": "A", "create_target": True}, 400),
        ({"source": "one", "target": "two", "filter": "a/b"}, 501),
        ({"source": "one", "target": "two", "cancel": True}, 404),
        ({"cancel": True, "replication_id": 5}, 400),
    ],
)
async def test_refusals(
    client: httpx2.AsyncClient, source: Database, body: dict[str, Any], status: int
) -> None:
    answer = await client.post("/_replicate", json=body)
    assert answer.status_code == status, answer.text


async def test_continuous_until_cancelled(
    client: httpx2.AsyncClient, engine: EmbeddedEngine, source: Database
) -> None:
    target = await engine.create("two")
    asked = {"source": "one", "target": "two", "continuous": True}
    answer = await client.post("/_replicate", json=asked)
    assert answer.status_code == 202
    job = answer.json()["_local_id"]
    assert (await client.post("/_replicate", json=asked)).json()["_local_id"] == job
    await source.put({"_id": "new", "n": 11})
    await until(target, "new", "n", 11)
    (task,) = (await client.get("/_active_tasks")).json()
    assert (task["type"], task["source"], task["target"], task["continuous"]) == (
        "replication",
        "one",
        "two",
        True,
    )
    assert task["docs_written"] == 11
    assert (await client.post("/_replicate", json={**asked, "cancel": True})).status_code == 200
    assert (await client.get("/_active_tasks")).json() == []


async def test_between_two_servers(engine: EmbeddedEngine, app: App, source: Database) -> None:
    async with (
        served(create_app(engine, admin=("ana", "s"))) as url,
        client_of(app) as client,
    ):
        there = {"url": f"{url}/two", "auth": {"basic": {"username": "ana", "password": "s"}}}
        answer = await client.post(
            "/_replicate", json={"source": "one", "target": there, "create_target": True}
        )
        assert answer.status_code == 200, answer.text
        back = f"{url.replace('//', '//ana:s@')}/two"
        answer = await client.post(
            "/_replicate", json={"source": back, "target": "three", "create_target": True}
        )
        assert answer.json()["history"][0]["docs_written"] == 10
        answer = await client.post("/_replicate", json={"source": f"{url}/two", "target": "three"})
        assert answer.status_code == 401


async def test_a_document_completes(
    client: httpx2.AsyncClient, engine: EmbeddedEngine, source: Database
) -> None:
    await engine.create("two")
    await client.put("/_replicator")
    await client.put("/_replicator/mine", json={"source": "one", "target": "two"})
    replicator = await engine.open("_replicator")
    doc = await until(replicator, "mine", "_replication_state", "completed")
    assert doc["_replication_stats"]["docs_written"] == 10
    assert doc["_replication_state_time"].endswith("Z")
    assert doc["_replication_id"]


async def test_a_document_that_cannot_be_followed_fails(
    client: httpx2.AsyncClient, engine: EmbeddedEngine, source: Database
) -> None:
    await client.put("/_replicator")
    await client.put("/_replicator/nowhere", json={"source": "one", "target": "none"})
    await client.put("/_replicator/nothing", json={"source": "one"})
    replicator = await engine.open("_replicator")
    doc = await until(replicator, "nowhere", "_replication_state", "failed")
    assert doc["_replication_state_reason"] == "Database does not exist."
    doc = await until(replicator, "nothing", "_replication_state", "failed")
    assert doc["_replication_state_reason"] == "`target` is missing"


async def test_a_document_runs_until_it_is_deleted(
    client: httpx2.AsyncClient, engine: EmbeddedEngine, source: Database
) -> None:
    target = await engine.create("two")
    await client.put("/_replicator")
    await client.put("/_replicator/mine", json={"source": "one", "target": "two", "continuous": True})
    await until(target, "9", "n", 9)
    replicator = await engine.open("_replicator")
    doc = await until(replicator, "mine", "_replication_state", "triggered")
    assert [task["doc_id"] for task in (await client.get("/_active_tasks")).json()] == ["mine"]
    await client.delete(f"/_replicator/mine?rev={doc['_rev']}")
    while (await client.get("/_active_tasks")).json():
        await client.get("/_up")


async def test_a_restarted_server_takes_up_what_was_triggered(
    engine: EmbeddedEngine, source: Database
) -> None:
    target = await engine.create("two")
    replicator = await engine.create("_replicator")
    await replicator.put({"_id": "mine", "source": "one", "target": "two", "continuous": True})
    for doc_id in ("first", "second"):
        app = create_app(engine)
        await app.startup()
        await source.put({"_id": doc_id, "n": 1})
        await until(target, doc_id, "n", 1)
        await until(replicator, "mine", "_replication_state", "triggered")
        await app.shutdown()
        assert app.context.jobs.tasks() == []
