"""What goes wrong on the line, and what servers answer, become the engine's errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from sync import errors
from sync.__main__ import bind
from sync.couchdb import Connection, CouchEngine, open_couchdb
from sync.embedded import EmbeddedEngine
from sync.http import create_app
from tests.sync.serving import served

pytestmark = pytest.mark.anyio

Handler = Callable[[httpx2.Request], httpx2.Response]


def answering(handler: Handler) -> Connection:
    return Connection(
        "http://ana:secreto@host/base/", transport=httpx2.MockTransport(handler), rand=lambda: 0.0
    )


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "bad_request"}, errors.BadRequest),
        (400, {"error": "illegal_database_name", "reason": "x"}, errors.IllegalDatabaseName),
        (400, {"error": "illegal_docid", "reason": "x"}, errors.IllegalDocumentId),
        (401, {"error": "unauthorized", "reason": "x"}, errors.Unauthorized),
        (403, {"error": "forbidden", "reason": "x"}, errors.Forbidden),
        (404, {"error": "not_found", "reason": "missing"}, errors.NotFound),
        (404, {"error": "not_found", "reason": "Database does not exist."}, errors.DatabaseNotFound),
        (404, {"error": "not_found", "reason": "no_db_file"}, errors.DatabaseNotFound),
        (409, {"error": "conflict", "reason": "x"}, errors.Conflict),
        (412, {"error": "file_exists", "reason": "x"}, errors.DatabaseExists),
        (412, {"error": "missing_stub", "reason": "x"}, errors.PreconditionFailed),
        (413, {"error": "too_large", "reason": "x"}, errors.TooLarge),
        (416, {"error": "x", "reason": "x"}, errors.RangeNotSatisfiable),
        (429, {"error": "too_many_requests", "reason": "x"}, errors.Unavailable),
        (500, {"error": "timeout", "reason": "x"}, errors.Unavailable),
        (501, {"error": "not_implemented", "reason": "x"}, errors.NotImplementedHere),
        (503, {"error": "x", "reason": "x"}, errors.Unavailable),
        (507, {"error": "x", "reason": "x"}, errors.StorageFull),
        (404, "<html>", errors.Unavailable),
        (200, "<html>", errors.Unavailable),
        (502, [], errors.Unavailable),
    ],
)
async def test_answers(status: int, body: Any, kind: type[errors.EngineError]) -> None:
    connection = answering(lambda request: httpx2.Response(status, json=body) if not isinstance(body, str)
                           else httpx2.Response(status, text=body))  # fmt: skip
    with pytest.raises(errors.EngineError) as raised:
        await connection.json("PUT", "db")
    assert type(raised.value) is kind
    assert "secreto" not in raised.value.reason
    await connection.close()


async def test_credentials_are_sent_and_the_path_kept() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        assert request.url.raw_path == b"/base/a%2Fb?x=%221%22&y=true"
        assert request.headers["authorization"].startswith("Basic ")
        return httpx2.Response(200, json={})

    connection = answering(handler)
    await connection.json("GET", "a%2Fb", params={"x": '"1"', "y": True})
    assert connection.url == "http://host/base"
    await connection.close()


class Failing:
    """Breaks the line the first ``times``, after the request has arrived."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.asked = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        if self.left:
            self.left -= 1
            raise httpx2.RemoteProtocolError("Server disconnected")
        return httpx2.Response(200, json={"ok": True})


async def test_only_what_may_be_repeated_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "sleep", lambda seconds, sleep=asyncio.sleep: sleep(0))
    twice = Failing(2)
    connection = answering(twice)
    assert await connection.json("GET", "db") == {"ok": True}
    assert twice.asked == 3
    await connection.close()
    for request in ({"method": "PUT"}, {"method": "POST"}, {"method": "DELETE"}):
        once = Failing(1)
        connection = answering(once)
        with pytest.raises(errors.Unavailable, match="cannot be reached"):
            await connection.json(**request, path="db")
        assert once.asked == 1
        await connection.close()
    ever = Failing(99)
    connection = answering(ever)
    with pytest.raises(errors.Unavailable):
        await connection.json("POST", "db", safe=True)
    assert ever.asked == 3
    await connection.close()


@pytest.mark.parametrize("url", ["", "x", "ftp://h", "http://", "http://h:x", "couchdb:5984"])
async def test_what_is_no_url(url: str) -> None:
    with pytest.raises(errors.BadRequest):
        await open_couchdb(url)


async def test_nobody_is_there() -> None:
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(errors.Unavailable, match=f"http://127.0.0.1:{port} cannot be reached"):
        await open_couchdb(f"http://ana:secreto@127.0.0.1:{port}")


@pytest.mark.parametrize("answer", [{"other": "thing"}, [], "<html>"])
async def test_something_else_is_there(answer: Any) -> None:
    transport = httpx2.MockTransport(
        lambda request: httpx2.Response(
            200, **({"text": answer} if isinstance(answer, str) else {"json": answer})
        )
    )
    with pytest.raises(errors.Unavailable, match="CouchDB"):
        await open_couchdb("http://host", transport=transport)


async def test_wrong_credentials(engine: EmbeddedEngine) -> None:
    async with served(create_app(engine, admin=("ana", "secreto"))) as url:
        for wrong in (url, url.replace("//", "//ana:otra@")):
            with pytest.raises(errors.Unauthorized):
                await open_couchdb(wrong)


@pytest.fixture
async def prefixed(engine: EmbeddedEngine) -> AsyncIterator[CouchEngine]:
    async with served(create_app(engine)) as url, await open_couchdb(url, prefix="manzana-") as peer:
        yield peer


async def test_a_prefix_hides_the_others(engine: EmbeddedEngine, prefixed: CouchEngine) -> None:
    await engine.create("other")
    made = await prefixed.create("inbox")
    assert made.name == "inbox"
    assert await engine.names() == ["manzana-inbox", "other"]
    assert await prefixed.names() == ["inbox"]
    assert await prefixed.names(prefix="in") == ["inbox"]
    assert await prefixed.names(prefix="x") == []
    with pytest.raises(errors.DatabaseNotFound):
        await prefixed.open("other")
    await prefixed.delete("inbox")
    assert await engine.names() == ["other"]
