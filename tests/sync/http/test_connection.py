"""HTTP/1.1 byte by byte: what a client may send, in any portions, and what it may never provoke."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from sync.embedded import EmbeddedEngine
from sync.http import create_app
from sync.http.connection import HEAD_LIMIT
from tests.sync.serving import served

pytestmark = pytest.mark.anyio


class Wire:
    """A raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def head(self) -> tuple[int, dict[str, str]]:
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        pairs = [line.partition(": ") for line in lines]
        return int(first.split()[1]), {name: value for name, _, value in pairs}

    async def answer(self, *, empty: bool = False) -> tuple[int, dict[str, str], bytes]:
        status, headers = await self.head()
        body = b""
        if empty:
            pass
        elif headers.get("transfer-encoding") == "chunked":
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readuntil(b"\r\n")
        else:
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return status, headers, body

    async def ended(self) -> bool:
        return await self.reader.read() == b""


@pytest.fixture
async def port(engine: EmbeddedEngine) -> AsyncIterator[int]:
    await engine.create("db")
    async with served(create_app(engine)) as url:
        yield int(url.rpartition(":")[2])


@asynccontextmanager
async def wired(port: int) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


@pytest.fixture
async def wire(port: int) -> AsyncIterator[Wire]:
    async with wired(port) as one:
        yield one


def put(doc_id: str, body: bytes = b"{}", more: str = "") -> bytes:
    head = f"PUT /db/{doc_id} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


async def test_a_request_in_single_bytes(wire: Wire) -> None:
    for byte in put("a", b'{"n":1}'):
        wire.send(bytes([byte]))
        await wire.writer.drain()
        await asyncio.sleep(0)
    status, headers, body = await wire.answer()
    assert (status, orjson.loads(body)["id"]) == (201, "a")
    assert headers["content-type"] == "application/json"
    assert "date" in headers
    assert "connection" not in headers


async def test_requests_in_one_packet_are_answered_in_their_order(wire: Wire) -> None:
    wire.send(b"".join(put(f"{n}") for n in range(50)) + b"GET /db HTTP/1.1\r\nHost: x\r\n\r\n")
    for n in range(50):
        status, _, body = await wire.answer()
        assert (status, orjson.loads(body)["id"]) == (201, f"{n}")
    assert orjson.loads((await wire.answer())[2])["doc_count"] == 50


async def test_a_chunked_body(wire: Wire) -> None:
    wire.send(b'PUT /db/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"n":\r\n')
    await wire.writer.drain()
    wire.send(b"3;ext=1\r\n12}\r\n0\r\nTrailer: x\r\n\r\n")
    assert (await wire.answer())[0] == 201
    wire.send(b"GET /db/a HTTP/1.1\r\nHost: x\r\n\r\n")
    assert orjson.loads((await wire.answer())[2])["n"] == 12


async def test_a_client_that_waits_for_100_is_told_to_go_on(wire: Wire) -> None:
    body = b'{"n":1}'
    wire.send(put("a", body, "Expect: 100-continue\r\n")[: -len(body)])
    assert await wire.head() == (100, {})
    wire.send(body)
    assert (await wire.answer())[0] == 201


async def test_a_refusal_comes_instead_of_100(wire: Wire) -> None:
    wire.send(
        b"PUT /db/a/f HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2000000000\r\n\r\n"
    )
    assert (await wire.answer())[0] == 413


async def test_head_has_the_headers_of_get_and_no_body(wire: Wire) -> None:
    wire.send(put("a"))
    await wire.answer()
    wire.send(b"HEAD /db/a HTTP/1.1\r\nHost: x\r\n\r\n")
    _, asked, _ = await wire.answer(empty=True)
    wire.send(b"GET /db/a HTTP/1.1\r\nHost: x\r\n\r\n")
    _, given, _ = await wire.answer()
    assert {**asked, "date": ""} == {**given, "date": ""}
    etag = given["etag"]
    wire.send(f"GET /db/a HTTP/1.1\r\nHost: x\r\nIf-None-Match: {etag}\r\n\r\n".encode())
    status, headers, _ = await wire.answer(empty=True)
    assert (status, "content-length" in headers) == (304, False)
    wire.send(put("b"))
    assert (await wire.answer())[0] == 201


async def test_http_1_0_gets_an_answer_that_ends_with_the_connection(port: int) -> None:
    async with wired(port) as wire:
        wire.send(b"GET /db HTTP/1.0\r\n\r\n")
        status, headers, _ = await wire.answer()
        assert (status, headers["connection"]) == (200, "close")
        assert await wire.ended()
    async with wired(port) as wire:
        wire.send(b"GET /db/_changes?feed=continuous&timeout=0 HTTP/1.0\r\n\r\n")
        _, headers = await wire.head()
        assert "transfer-encoding" not in headers
        assert b'"last_seq"' in await wire.reader.read()


async def test_the_client_may_ask_to_close(wire: Wire) -> None:
    # What follows a last request is not looked at, whatever it is.
    wire.send(put("a", more="Connection: close\r\n") + b"GET / HTTP/1.1\r\n\r\n")
    status, headers, _ = await wire.answer()
    assert (status, headers["connection"]) == (201, "close")
    assert await wire.ended()


@pytest.mark.parametrize(
    "junk",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PUT /db/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"PUT /db/a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"PUT /db/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"GET /" + b"a" * HEAD_LIMIT + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * HEAD_LIMIT + b"\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_the_connection_closed(wire: Wire, junk: bytes) -> None:
    wire.send(junk)
    status, headers, body = await wire.answer()
    assert (status, headers["connection"]) == (400, "close")
    assert orjson.loads(body)["error"] == "bad_request"
    assert await wire.ended()


async def test_junk_after_a_request_does_not_spoil_its_answer(wire: Wire) -> None:
    wire.send(put("a") + b"\x00\x01\x02 junk\r\n\r\n")
    assert (await wire.answer())[0] == 201
    assert await wire.ended()


async def test_a_body_that_stops_being_http_changes_nothing(port: int, engine: EmbeddedEngine) -> None:
    async with wired(port) as wire:
        wire.send(b"PUT /db/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n")
        assert (await wire.answer())[0] == 400
        assert await wire.ended()
    assert (await (await engine.open("db")).info()).doc_count == 0


async def test_a_client_that_leaves_in_the_middle_changes_nothing(port: int, engine: EmbeddedEngine) -> None:
    for cut in (30, -1):
        async with wired(port) as wire:
            wire.send(put("a", b'{"n":1}')[:cut])
            await wire.writer.drain()
    async with wired(port) as wire:
        wire.send(put("b"))
        assert (await wire.answer())[0] == 201
    assert (await (await engine.open("db")).info()).doc_count == 1


@pytest.mark.parametrize("target", ["http://example.org/db?x=1", "http://example.org/db#frag"])
async def test_a_proxys_form_of_the_target(wire: Wire, target: str) -> None:
    wire.send(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert orjson.loads((await wire.answer())[2])["db_name"] == "db"


async def test_an_upgrade_is_not_followed(wire: Wire) -> None:
    wire.send(b"GET /db HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    status, headers, body = await wire.answer()
    assert (status, headers["connection"]) == (200, "close")
    assert orjson.loads(body)["db_name"] == "db"
    assert await wire.ended()


async def test_a_feeds_head_does_not_wait_for_its_first_row(port: int) -> None:
    async with wired(port) as wire, wired(port) as other:
        wire.send(b"GET /db/_changes?feed=continuous&heartbeat=60000 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await wire.head())[1]["transfer-encoding"] == "chunked"
        other.send(put("a"))
        await other.answer()
        size = int(await wire.reader.readuntil(b"\r\n"), 16)
        assert orjson.loads(await wire.reader.readexactly(size))["id"] == "a"


async def test_a_large_body_both_ways_is_not_gathered(wire: Wire) -> None:
    content = bytes(range(256)) * 40_000  # more than any buffer between here and there

    async def send() -> None:
        wire.send(f"PUT /db/a/f HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n".encode())
        for at in range(0, len(content), 100_000):
            wire.send(content[at : at + 100_000])
            await wire.writer.drain()

    sending = asyncio.ensure_future(send())
    assert (await wire.answer())[0] == 201
    await sending
    # Asked for twice, and read only when both answers wait: the server must hold back, and go on.
    wire.send(b"GET /db/a/f HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
    for _ in range(2):
        status, _, body = await wire.answer()
        assert (status, body == content) == (200, True)


class Ended(Exception):
    pass


async def test_an_application_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for word in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{word}.complete"})
            return
        if scope["path"] == "/before":
            raise Ended
        headers = [(b"x", b"a\r\nSet-Cookie: b")] if scope["path"] == "/split" else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise Ended

    async with served(app) as url:  # type: ignore[arg-type]
        port = int(url.rpartition(":")[2])
        for path, status in (("/before", 500), ("/split", 500)):
            async with wired(port) as wire:
                wire.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                got, headers, body = await wire.answer()
                assert (got, body, "set-cookie" in headers) == (status, b"", False)
        async with wired(port) as wire:
            wire.send(b"GET /half HTTP/1.1\r\nHost: x\r\n\r\n")
            await wire.head()
            # The half is never ended as if it were whole.
            assert await wire.reader.read() == b"4\r\nhalf\r\n"
    assert len([one for one in caplog.records if one.exc_info]) == 3
