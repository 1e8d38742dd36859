"""Attachments over HTTP: streamed, in ranges, conditional, and stored compressed."""

from __future__ import annotations

import base64
import gzip
import hashlib

import httpx2
import pytest

from sync.interface import Database

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 300


async def upload(client: httpx2.AsyncClient) -> str:
    answer = await client.put(
        "/db/a%2Fb/foto%201.jpg", content=CONTENT, headers={"content-type": "image/jpeg"}
    )
    assert answer.status_code == 201
    rev: str = answer.json()["rev"]
    return rev


async def test_it_comes_back(client: httpx2.AsyncClient, db: Database) -> None:
    rev = await upload(client)
    answer = await client.get("/db/a%2Fb/foto%201.jpg")
    assert answer.content == CONTENT
    md5 = base64.b64encode(hashlib.md5(CONTENT).digest()).decode()
    assert answer.headers["etag"] == f'"{md5}"'
    assert answer.headers["content-md5"] == md5
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert "content-encoding" not in answer.headers
    again = await client.get("/db/a%2Fb/foto%201.jpg", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await client.head("/db/a%2Fb/foto%201.jpg")
    assert (head.headers["content-length"], head.content) == (str(len(CONTENT)), b"")
    assert (await client.get(f"/db/a%2Fb/foto%201.jpg?rev={rev}")).content == CONTENT


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=70000-", 70000, len(CONTENT)),
        ("bytes=-10", len(CONTENT) - 10, len(CONTENT)),
        ("bytes=-999999", 0, len(CONTENT)),
        ("bytes=9-999999", 9, len(CONTENT)),
    ],
)
async def test_a_range(client: httpx2.AsyncClient, db: Database, value: str, start: int, end: int) -> None:
    await upload(client)
    answer = await client.get("/db/a%2Fb/foto%201.jpg", headers={"range": value})
    assert answer.status_code == 206
    assert answer.content == CONTENT[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"


@pytest.mark.parametrize("value", ["bytes=0-", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b", "x"])
async def test_a_range_that_is_none_gives_the_whole(
    client: httpx2.AsyncClient, db: Database, value: str
) -> None:
    await upload(client)
    answer = await client.get("/db/a%2Fb/foto%201.jpg", headers={"range": value})
    assert (answer.status_code, answer.content) == (200, CONTENT)


@pytest.mark.parametrize("value", ["bytes=999999-", "bytes=-0"])
async def test_a_range_beyond_the_end(client: httpx2.AsyncClient, db: Database, value: str) -> None:
    await upload(client)
    answer = await client.get("/db/a%2Fb/foto%201.jpg", headers={"range": value})
    assert answer.status_code == 416


async def test_if_range(client: httpx2.AsyncClient, db: Database) -> None:
    await upload(client)
    etag = (await client.head("/db/a%2Fb/foto%201.jpg")).headers["etag"]
    for condition, status in ((etag, 206), ('"other"', 200)):
        headers = {"range": "bytes=0-3", "if-range": condition}
        assert (await client.get("/db/a%2Fb/foto%201.jpg", headers=headers)).status_code == status


async def test_revisions_guard_it(client: httpx2.AsyncClient, db: Database) -> None:
    rev = await upload(client)
    path = "/db/a%2Fb/foto%201.jpg"
    assert (await client.put(path, content=b"x")).status_code == 409
    assert (await client.delete(path)).status_code == 409
    assert (await client.delete(f"{path}?rev=1-x")).status_code == 409
    assert (await client.put(f"{path}?rev=x", content=b"x")).status_code == 400
    again = await client.put(path, content=b"x", headers={"if-match": rev})
    assert again.status_code == 201
    assert (await client.delete(f"{path}?rev={again.json()['rev']}")).status_code == 200
    assert (await client.get(path)).status_code == 404
    assert (await client.get("/db/nobody/x")).status_code == 404


async def test_a_wrong_digest_changes_nothing(client: httpx2.AsyncClient, db: Database) -> None:
    for value in (base64.b64encode(b"0" * 16).decode(), "x", base64.b64encode(b"short").decode()):
        answer = await client.put("/db/a/x", content=CONTENT, headers={"content-md5": value})
        assert 400 <= answer.status_code < 500
    right = base64.b64encode(hashlib.md5(CONTENT).digest()).decode()
    assert (await db.info()).doc_count == 0
    assert (await client.put("/db/a/x", content=CONTENT, headers={"content-md5": right})).status_code == 201


async def test_what_is_stored_compressed_is_sent_so_or_not(client: httpx2.AsyncClient, db: Database) -> None:
    text = b"bache " * 5000
    packed = gzip.compress(text)
    stub = {"follows": True, "content_type": "text/plain", "length": len(text)}
    stub |= {"encoding": "gzip", "encoded_length": len(packed)}
    doc = b'--b\r\nContent-Type: application/json\r\n\r\n{"_attachments":{"t":%s}}\r\n--b\r\n\r\n%s\r\n--b--'
    import json

    body = doc % (json.dumps(stub).encode(), packed)
    put = await client.put("/db/a", content=body, headers={"content-type": "multipart/related; boundary=b"})
    assert put.status_code == 201, put.text
    sent = await client.get("/db/a/t", headers={"accept-encoding": "gzip"})
    assert sent.headers["content-encoding"] == "gzip"
    assert sent.headers["content-length"] == str(len(packed))
    assert sent.content == text
    plain = await client.get("/db/a/t", headers={"accept-encoding": "identity"})
    assert (plain.content, plain.headers["content-length"]) == (text, str(len(text)))
    inline = (await client.get("/db/a?attachments=true")).json()["_attachments"]["t"]
    assert base64.b64decode(inline["data"]) == text
    encoded = (await client.get("/db/a?attachments=true&att_encoding_info=true")).json()["_attachments"]["t"]
    assert (base64.b64decode(encoded["data"]), encoded["encoding"]) == (packed, "gzip")


async def test_a_stored_type_cannot_split_the_answer(client: httpx2.AsyncClient, db: Database) -> None:
    kind = {"content_type": "text/html\r\nx-evil: 1\u00e9", "data": ""}
    await db.put({"_id": "a", "_attachments": {"x": kind}})
    answer = await client.get("/db/a/x")
    assert "x-evil" not in answer.headers
    assert answer.headers["content-type"] == "text/htmlx-evil: 1"
    assert answer.headers["x-content-type-options"] == "nosniff"
