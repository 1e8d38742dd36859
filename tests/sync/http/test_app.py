"""Routes, methods, the shape of errors, and what is not implemented."""

from __future__ import annotations

import httpx2
import pytest

from sync.embedded import EmbeddedEngine
from sync.http import App, create_app
from sync.http.app import DATABASE, NOT_HERE_DATABASE, NOT_HERE_DESIGN, NOT_HERE_SERVER, SERVER
from sync.interface import Database, Engine
from tests.sync.http.client import client_of

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path",
    [f"/{name}" for name in NOT_HERE_SERVER]
    + [f"/db/{name}" for name in NOT_HERE_DATABASE]
    + [f"/db/_design/x/{name}/y" for name in NOT_HERE_DESIGN]
    + [
        "/db/_all_docs/queries",
        "/db/_design_docs/queries",
        "/db/_changes?feed=eventsource",
        "/db/_changes?filter=app/mine",
        "/db/_changes?filter=_view",
    ],
)
async def test_what_is_not_implemented_says_so(client: httpx2.AsyncClient, db: Database, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 501
    assert answer.json()["error"] == "not_implemented"
    assert len(answer.json()["reason"]) > 10


async def test_copy_is_not_implemented(client: httpx2.AsyncClient, db: Database) -> None:
    assert (await client.request("COPY", "/db/a", headers={"destination": "b"})).status_code == 501


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PUT", f"/{name}", sorted(table)) for name, table in SERVER.items()]
    + [("PATCH", f"/db/{name}", sorted(table)) for name, table in DATABASE.items()]
    + [
        ("PATCH", "/db", ["DELETE", "GET", "HEAD", "POST", "PUT"]),
        ("PATCH", "/db/a", ["DELETE", "GET", "HEAD", "PUT"]),
        ("POST", "/db/a/b", ["DELETE", "GET", "HEAD", "PUT"]),
        ("POST", "/db/_local/a", ["DELETE", "GET", "HEAD", "PUT"]),
        ("POST", "/", ["GET", "HEAD"]),
        ("PUT", "/_session", ["DELETE", "GET", "HEAD", "POST"]),
    ],
)
async def test_a_method_that_is_not_offered(
    client: httpx2.AsyncClient, db: Database, method: str, path: str, allowed: list[str]
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.json()["error"] == "method_not_allowed"
    assert sorted(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path", ["/nobody", "/nobody/a", "/_nobody", "/_nobody/a", "/nobody/_changes", "/nobody/_all_docs"]
)
async def test_a_database_that_is_not_there(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"error": "not_found", "reason": "Database does not exist."}


@pytest.mark.parametrize("path", ["/db/nobody", "/db/_nobody", "/db/a/b", "/db//a", "/_up/x"])
async def test_what_is_not_there(client: httpx2.AsyncClient, db: Database, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


@pytest.mark.parametrize("path", ["/db/%ff", "/%c3", "/db/a/%80", "/db?x=%ff"])
async def test_what_is_not_unicode(client: httpx2.AsyncClient, db: Database, path: str) -> None:
    assert (await client.get(path)).status_code == 400


@pytest.mark.parametrize(
    "name", ["..%2f..%2fetc", "%2e%2e", ".", "A", "1a", "_x", "a%00b", "a b", "-", "a%5cb", "%2fa", "a" * 300]
)
async def test_a_database_name_that_plays_tricks(
    client: httpx2.AsyncClient, engine: Engine, name: str
) -> None:
    answer = await client.put(f"http://test/{name}")
    assert 400 <= answer.status_code < 500
    assert await engine.names() == []


async def test_names_with_slashes_and_all_their_marks(client: httpx2.AsyncClient, engine: Engine) -> None:
    made = await client.put("/a%2fb_$()%2B-0")
    assert (made.status_code, made.headers["location"]) == (201, "http://test/a%2fb_$()%2B-0")
    # As in CouchDB, an unescaped plus is a space, in a path too.
    put = await client.put("/a%2Fb_$()%2B-0/x%2Fy+z", json={})
    assert (put.status_code, put.json()["id"]) == (201, "x/y z")
    assert put.headers["location"] == "http://test/a%2Fb_$()%2B-0/x%2Fy+z"
    posted = await client.post("/a%2Fb_$()%2B-0", json={"_id": "ñ/+"})
    assert posted.headers["location"] == "http://test/a%2Fb_$()%2B-0/%C3%B1%2F%2B"
    assert (await client.get(posted.headers["location"])).json()["_id"] == "ñ/+"
    assert await engine.names() == ["a/b_$()+-0"]
    assert (await client.get("/_all_dbs")).json() == ["a/b_$()+-0"]


async def test_head_is_get_without_a_body(client: httpx2.AsyncClient, db: Database) -> None:
    await db.put({"_id": "a"})
    for path in ("/", "/_up", "/_all_dbs", "/db", "/db/a", "/db/_all_docs", "/db/_changes", "/db/_security"):
        head, get = await client.head(path), await client.get(path)
        assert head.status_code == get.status_code == 200, path
        assert head.content == b""
        assert head.headers.get("content-length") == get.headers.get("content-length")


async def test_an_unforeseen_error_is_answered_and_logged(
    engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*, prefix: str = "") -> list[str]:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(engine, "names", broken)
    async with client_of(create_app(engine)) as client:
        answer = await client.get("/_all_dbs")
    assert answer.status_code == 500
    assert answer.json()["error"] == "internal_server_error"
    assert "secret" not in answer.text
    assert "ZeroDivisionError" in caplog.text


async def test_it_serves_below_a_mount_point(app: App, db: Database) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Mount

    outer = Starlette(routes=[Mount("/couch", app=app)])
    await db.put({"_id": "a/b", "n": 1})
    transport = httpx2.ASGITransport(app=outer)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/couch/")).json()["couchdb"] == "Welcome"
        assert (await client.get("/couch/db/a%2Fb")).json()["n"] == 1


async def test_the_server_about_itself(client: httpx2.AsyncClient, db: Database) -> None:
    welcome = (await client.get("/")).json()
    assert (welcome["couchdb"], welcome["uuid"], welcome["vendor"]["name"]) == (
        "Welcome",
        "f" * 32,
        "Manzana",
    )
    assert (await client.get("/_up")).json()["status"] == "ok"
    assert len((await client.get("/_uuids?count=3")).json()["uuids"]) == 3
    assert (await client.get("/_uuids?count=1001")).status_code == 400
    assert (await client.get("/_active_tasks")).json() == []


async def test_all_dbs_in_a_range(client: httpx2.AsyncClient, engine: Engine) -> None:
    for name in "abcd":
        await engine.create(name)
    for query, expected in [
        ('startkey="b"&endkey="c"', ["b", "c"]),
        ("limit=2", ["a", "b"]),
        ("skip=3", ["d"]),
        ('descending=true&startkey="c"&limit=2', ["c", "b"]),
    ]:
        assert (await client.get(f"/_all_dbs?{query}")).json() == expected
