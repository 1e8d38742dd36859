"""Documents over HTTP: every way to read and write one, and what is refused."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from sync.interface import Database
from sync.multipart import MultipartReader, boundary_of
from tests.sync.http.conftest import LIMITS

pytestmark = pytest.mark.anyio

HELLO = base64.b64encode(b"hola").decode()


@pytest.mark.parametrize(
    "doc_id", ["a", "a/b", "ñ 日本", "a?b#c&d=e+f%", "_design/x", "_design/x/y", '"', "a\\b"]
)
async def test_any_id(client: httpx2.AsyncClient, db: Database, doc_id: str) -> None:
    path = f"/db/{quote(doc_id, safe='')}"
    put = await client.put(path, json={"n": 1})
    assert put.status_code == 201
    assert put.json()["id"] == doc_id
    get = await client.get(path)
    assert get.json() == {"_id": doc_id, "_rev": put.json()["rev"], "n": 1}
    assert get.headers["etag"] == put.headers["etag"] == f'"{put.json()["rev"]}"'


async def test_revisions_by_body_query_and_header_agree(client: httpx2.AsyncClient, db: Database) -> None:
    rev = (await client.put("/db/a", json={})).json()["rev"]
    rev = (await client.put("/db/a", json={"_rev": rev})).json()["rev"]
    rev = (await client.put(f"/db/a?rev={rev}", json={})).json()["rev"]
    rev = (await client.put("/db/a", json={}, headers={"if-match": f'"{rev}"'})).json()["rev"]
    assert rev.startswith("4-")
    assert (await client.put(f"/db/a?rev={rev}", json={"_rev": "1-a"})).status_code == 400
    assert (await client.put(f"/db/a?rev={rev}", json={}, headers={"if-match": "1-a"})).status_code == 400
    assert (await client.put("/db/a", json={"_id": "b"})).status_code == 400
    assert (await client.put("/db/a", json={})).status_code == 409
    assert (await db.get("a"))["_rev"] == rev


async def test_deleting(client: httpx2.AsyncClient, db: Database) -> None:
    rev = (await client.put("/db/a", json={})).json()["rev"]
    assert (await client.delete("/db/a")).status_code == 409
    assert (await client.delete("/db/a?rev=1-b")).status_code == 409
    assert (await client.delete("/db/a?rev=x")).status_code == 400
    gone = await client.delete(f"/db/a?rev={rev}")
    assert gone.status_code == 200
    answer = await client.get("/db/a")
    assert (answer.status_code, answer.json()["reason"]) == (404, "deleted")
    assert (await client.get(f"/db/a?rev={gone.json()['rev']}")).json()["_deleted"] is True
    assert (await client.delete("/db/nobody")).status_code == 404


async def test_a_document_that_is_known_is_not_sent_again(client: httpx2.AsyncClient, db: Database) -> None:
    etag = (await client.put("/db/a", json={})).headers["etag"]
    again = await client.get("/db/a", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get("/db/a?conflicts=true", headers={"if-none-match": etag})
    assert other.status_code == 200


async def test_posting_makes_an_id(client: httpx2.AsyncClient, db: Database) -> None:
    made = (await client.post("/db", json={"n": 1})).json()
    assert (await db.get(made["id"]))["n"] == 1
    assert (await client.post("/db", json={"_id": "mine"})).json()["id"] == "mine"
    assert (await client.post("/db", content=b"{}")).status_code == 415
    assert (await client.post("/db", json=[])).status_code == 400


async def test_leaves_as_json_and_as_parts(client: httpx2.AsyncClient, db: Database) -> None:
    for mark in "bc":
        doc = {"_id": "a", "_revisions": {"start": 2, "ids": [mark * 32, "a" * 32]}, "by": mark}
        await db.bulk_docs([doc | {"_attachments": {"x": {"data": HELLO}}}], new_edits=False)
    doc = (await client.get("/db/a?conflicts=true&revs_info=true&local_seq=true")).json()
    assert (doc["_rev"], doc["_conflicts"]) == ("2-" + "c" * 32, ["2-" + "b" * 32])
    every = (await client.get("/db/a?open_revs=all&revs=true", headers={"accept": "application/json"})).json()
    assert {row["ok"]["by"] for row in every} == {"b", "c"}
    asked = quote(json.dumps(["2-" + "b" * 32, "9-" + "d" * 32]))
    json_please = {"accept": "application/json"}
    some = (await client.get(f"/db/a?open_revs={asked}&attachments=true", headers=json_please)).json()
    assert some[0]["ok"]["_attachments"]["x"]["data"] == HELLO
    assert some[1] == {"missing": "9-" + "d" * 32}
    parts = await client.get("/db/a?open_revs=all", headers={"accept": "multipart/mixed"})
    assert parts.headers["content-type"].startswith("multipart/mixed; boundary=")
    assert parts.content.count(b"\r\n\r\nhola\r\n--") == 2
    latest = (await client.get(f"/db/a?rev=1-{'a' * 32}&latest=true")).json()
    assert latest["_rev"] == "2-" + "c" * 32


async def test_attachments_come_inline_or_as_parts_and_only_those_wanted(
    client: httpx2.AsyncClient, db: Database
) -> None:
    old = await db.put({"_id": "a", "_attachments": {"old": {"data": HELLO, "content_type": "text/x"}}})
    stub = {"old": {"stub": True}}
    rev = await db.put({"_id": "a", "_rev": old, "_attachments": {**stub, "new": {"data": HELLO}}})
    inline = (await client.get("/db/a?attachments=true")).json()["_attachments"]
    assert {name: entry["data"] for name, entry in inline.items()} == {"old": HELLO, "new": HELLO}
    assert "stub" not in inline["old"]
    since = quote(json.dumps([old]))
    fresh = (await client.get(f"/db/a?attachments=true&revs=true&atts_since={since}")).json()["_attachments"]
    assert fresh["old"]["stub"] is True
    assert fresh["new"]["data"] == HELLO
    parts = await client.get("/db/a?attachments=true", headers={"accept": "multipart/related"})
    assert parts.content.count(b"hola") == 2
    assert parts.headers["etag"] == f'"{rev}"'


async def parts_of(answer: httpx2.Response) -> list[tuple[str, bytes]]:
    """Content type and bytes of each part of a multipart answer."""

    async def whole() -> AsyncIterator[bytes]:
        yield answer.content

    reader = MultipartReader(whole(), boundary_of(answer.headers["content-type"]))
    return [(part.content_type, b"".join([chunk async for chunk in part.content])) async for part in reader]


@pytest.mark.parametrize("kind", ["kept", "added", "replaced", "removed"])
async def test_what_a_replicator_lacks_of_an_update(
    client: httpx2.AsyncClient, db: Database, kind: str
) -> None:
    """CouchDB asks so for every update of a document with attachments, as parts; others ask for JSON."""
    png = {"content_type": "image/png"}
    first = await db.put({"_id": "a", "_attachments": {"x": {**png, "data": HELLO}}})
    stub: dict[str, Any] = {"x": {"stub": True}}
    new: dict[str, Any] = {
        "kept": stub,
        "added": {**stub, "y": {**png, "data": HELLO}},
        "replaced": {"x": {**png, "data": "b3Rybw=="}},
        "removed": {},
    }[kind]
    rev = await db.put({"_id": "a", "_rev": first, "_attachments": new, "n": 2})
    lacking = {"kept": {}, "added": {"y": b"hola"}, "replaced": {"x": b"otro"}, "removed": {}}[kind]
    since = quote(json.dumps([first]))

    for path in (f"/db/a?atts_since={since}", f"/db/a?revs=true&atts_since={since}&rev={rev}"):
        text = (await client.get(path)).text
        assert text.count('"data"') == len(lacking)
        told = json.loads(text).get("_attachments", {})
        data = {name: base64.b64decode(entry["data"]) for name, entry in told.items() if "data" in entry}
        assert data == lacking
        assert all(entry.get("stub") for name, entry in told.items() if name not in lacking)
        answer = await client.get(path, headers={"accept": "multipart/related"})
        if lacking:
            (_, raw), *followed = await parts_of(answer)
            told = json.loads(raw)["_attachments"]
            assert [name for name, entry in told.items() if "follows" in entry] == list(lacking)
            assert followed == [("image/png", one) for one in lacking.values()]
        else:
            # Parts that never come would be waited for.
            assert answer.headers["content-type"] == "application/json"
            assert answer.json()["n"] == 2

    revs = quote(json.dumps([rev]))
    path = f"/db/a?open_revs={revs}&revs=true&latest=true&atts_since={since}"
    ((row,), text) = (got := await client.get(path, headers={"accept": "application/json"})).json(), got.text
    assert text.count('"data"') == len(lacking)
    assert row["ok"]["_rev"] == rev
    ((content_type, inner),) = await parts_of(await client.get(path, headers={"accept": "multipart/mixed"}))
    assert content_type.startswith("multipart/related" if lacking else "application/json")
    for one in lacking.values():
        assert inner.count(b"Content-Disposition") == 1
        assert one in inner

    asked = {"docs": [{"id": "a", "rev": rev, "atts_since": [first]}]}
    got = await client.post("/db/_bulk_get?revs=true&latest=true", json=asked)
    told = got.json()["results"][0]["docs"][0]["ok"].get("_attachments", {})
    assert got.text.count('"data"') == len(lacking)
    assert {name for name, entry in told.items() if "data" in entry} == set(lacking)
    got = await client.post("/db/_bulk_get", json=asked, headers={"accept": "multipart/mixed"})
    ((content_type, inner),) = await parts_of(got)
    assert content_type.startswith("multipart/related" if lacking else "application/json")
    assert inner.count(b"Content-Disposition") == len(lacking)


async def test_an_empty_attachment_stands_in_the_document(client: httpx2.AsyncClient, db: Database) -> None:
    """A CouchDB waits without end for the parts of a body without bytes, even one sent by a CouchDB."""
    png = {"content_type": "image/png"}
    await db.put({"_id": "a", "_attachments": {"x": {**png, "data": ""}}})
    await db.put({"_id": "b", "_attachments": {"x": {**png, "data": ""}, "y": {**png, "data": HELLO}}})
    related = {"accept": "multipart/related"}
    alone = await client.get("/db/a?attachments=true", headers=related)
    assert alone.headers["content-type"] == "application/json"
    assert alone.json()["_attachments"]["x"]["data"] == ""
    (_, raw), picture = await parts_of(await client.get("/db/b?attachments=true", headers=related))
    told = json.loads(raw)["_attachments"]
    assert (told["x"]["data"], told["y"]["follows"], picture[1]) == ("", True, b"hola")
    assert "length" not in told["x"]


def related(doc: dict[str, Any], *contents: bytes, end: bytes = b"\r\n--b--") -> dict[str, Any]:
    parts = [b"Content-Type: application/json\r\n\r\n" + json.dumps(doc).encode()]
    parts += [b"\r\n" + content for content in contents]
    body = b"".join(b"\r\n--b\r\n" + part for part in parts)[2:] + end
    return {"content": body, "headers": {"content-type": 'multipart/related; boundary="b"'}}


def follows(length: int) -> dict[str, Any]:
    return {"follows": True, "content_type": "text/x", "length": length}


async def test_a_document_with_its_attachments_in_parts(client: httpx2.AsyncClient, db: Database) -> None:
    doc = {"n": 1, "_attachments": {"uno": follows(4), "dos": follows(3)}}
    answer = await client.put("/db/a%2Fb", **related(doc, b"hola", b"\r\n-"))
    assert answer.status_code == 201
    for name, content in (("uno", b"hola"), ("dos", b"\r\n-")):
        assert (await client.get(f"/db/a%2Fb/{name}")).content == content


@pytest.mark.parametrize(
    "request_",
    [
        related({"_attachments": {"a": follows(4)}}, b"hola", end=b""),
        related({"_attachments": {"a": follows(4)}}, b"hola", end=b"\r\n--b"),
        related({"_attachments": {"a": follows(4)}}),
        related({"_attachments": {"a": follows(5)}}, b"hola"),
        related({"_attachments": {"a": follows(4)}}, b"hola", b"more"),
        related({"_attachments": {"a": {**follows(4), "digest": "md5-" + "A" * 22 + "=="}}}, b"hola"),
        {"content": b"--b--", "headers": {"content-type": "multipart/related; boundary=b"}},
        {"content": b"", "headers": {"content-type": "multipart/related; boundary=b"}},
        {"content": b"{}", "headers": {"content-type": "multipart/related"}},
    ],
    ids=[
        "no end",
        "half an end",
        "no part",
        "short",
        "a part too many",
        "wrong digest",
        "nothing",
        "empty",
        "-",
    ],
)
async def test_a_torn_or_lying_upload_changes_nothing(
    client: httpx2.AsyncClient, db: Database, request_: dict[str, Any]
) -> None:
    answer = await client.put("/db/a", **request_)
    assert 400 <= answer.status_code < 500, answer.text
    assert (await db.info()).doc_count == 0


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b'{"a":}', b"[]", b"1", b"null", b'"x"', b'{"a":NaN}', b'{"a":1e400}', b'{"a":"\\ud800"}',
        b"\xff", b'{"a":' * 300 + b"1" + b"}" * 300, b'{"_foo":1}', b'{"_rev":1}', b'{"_rev":"x"}',
        b'{"_attachments":1}', b'{"_attachments":{"a":{"data":"!"}}}', b'{"_attachments":{"_a":{"data":""}}}',
        b'{"_id":1}', b'{"_deleted":1}',
    ],
)  # fmt: skip
async def test_what_is_no_document_changes_nothing(
    client: httpx2.AsyncClient, db: Database, body: bytes
) -> None:
    answer = await client.put("/db/a", content=body)
    assert 400 <= answer.status_code < 500, answer.text
    assert set(answer.json()) == {"error", "reason"}
    assert (await db.info()).update_seq == (await db.changes()).last_seq
    assert (await db.info()).doc_count == 0


@pytest.mark.parametrize(
    "number", ["123456789012345678901234567890", "-9223372036854775809", "0.1234567890123456789"]
)
async def test_a_number_is_kept_exactly_or_refused(
    client: httpx2.AsyncClient, db: Database, number: str
) -> None:
    answer = await client.put("/db/a", content=f'{{"n":{number}}}'.encode())
    if answer.status_code == 201:
        assert f'"n":{number}' in (await client.get("/db/a")).text
        assert f'"n":{number}' in (await client.get("/db/_all_docs?include_docs=true")).text
    else:
        assert answer.status_code == 400


async def test_compressed_both_ways(client: httpx2.AsyncClient, db: Database) -> None:
    text = json.dumps({"text": "bache " * 1000}).encode()
    packed = gzip.compress(text)
    assert (
        await client.put("/db/a", content=packed, headers={"content-encoding": "gzip"})
    ).status_code == 201
    answer = await client.get("/db/a", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 200
    assert answer.json()["text"] == "bache " * 1000
    plain = await client.get("/db/a", headers={"accept-encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    for body, coding, status in [(packed[:-9], "gzip", 400), (b"no", "gzip", 400), (text, "br", 415)]:
        answer = await client.put("/db/b", content=body, headers={"content-encoding": coding})
        assert answer.status_code == status
    assert (await db.info()).doc_count == 1


async def test_limits(client: httpx2.AsyncClient, db: Database) -> None:
    over = {"text": "x" * LIMITS.document}
    bomb = gzip.compress(b" " * (LIMITS.body + 1))
    inline = {"_attachments": {"a": {"data": base64.b64encode(b"x" * LIMITS.document).decode()}}}
    for answer in [
        await client.put("/db/a", json=over),
        await client.post("/db", json=over),
        await client.post("/db/_bulk_docs", json={"docs": [{"_id": "b"}, over]}),
        await client.put("/db/a", content=b" " * (LIMITS.body + 1)),
        await client.put("/db/a", content=bomb, headers={"content-encoding": "gzip"}),
        await client.put("/db/a", **related({"_attachments": {"a": follows(9)}, **over}, b"x" * 9)),
        await client.put("/db/a/x", content=b"x" * (LIMITS.attachment + 1)),
    ]:
        assert answer.status_code == 413, answer.text
        assert answer.json()["error"] == "too_large"
    assert (await db.info()).doc_count == 0
    assert (await client.put("/db/a", json=inline)).status_code == 201


async def test_local_documents(client: httpx2.AsyncClient, db: Database) -> None:
    assert (await client.get("/db/_local/a")).status_code == 404
    rev = (await client.put("/db/_local/a%2Fb", json={"n": 1})).json()["rev"]
    assert (await client.put("/db/_local/a%2Fb", json={"n": 2, "_rev": rev})).status_code == 201
    assert (await client.get("/db/_local/a%2Fb")).json()["n"] == 2
    rows = (await client.get("/db/_local_docs?include_docs=true")).json()["rows"]
    assert [(row["id"], row["doc"]["n"]) for row in rows] == [("_local/a/b", 2)]
    assert (await client.delete("/db/_local/a%2Fb")).status_code == 200
    assert (await client.get("/db/_changes")).json()["results"] == []


async def test_not_a_new_edit(client: httpx2.AsyncClient, db: Database) -> None:
    doc = {"_rev": "3-" + "c" * 32, "_revisions": {"start": 3, "ids": ["c" * 32, "b" * 32, "a" * 32]}}
    answer = await client.put("/db/a?new_edits=false", json=doc)
    assert (answer.status_code, answer.json()["rev"]) == (201, doc["_rev"])
    for bad in ({}, {"_rev": "x"}, {"_revisions": {"start": 1, "ids": []}}, {"_revisions": 1}):
        assert (await client.put("/db/b?new_edits=false", json=bad)).status_code == 400
    # As in CouchDB, whatever is not "false" is an edit.
    assert (await client.put("/db/a?new_edits=perhaps", json={})).status_code == 409


async def test_answers_as_couchdb_gives_them(client: httpx2.AsyncClient, db: Database) -> None:
    """What a comparison with CouchDB 3.5 has found (tests/conformance/test_against_couchdb.py)."""
    made = await client.put("/db/a", json={"n": 1})
    assert made.headers["location"] == "http://test/db/a"
    rev = made.json()["rev"]
    assert [row["rev"] for row in (await client.get("/db/a?meta=true")).json()["_revs_info"]] == [rev]
    # A tombstone by its own word is no new document; and what is deleted cannot be deleted again.
    gone = await client.put("/db/a", json={"_rev": rev, "_deleted": True})
    assert gone.status_code == 200
    again = await client.delete(f"/db/a?rev={gone.json()['rev']}")
    assert (again.status_code, again.json()) == (404, {"error": "not_found", "reason": "deleted"})
    assert (await db.info()).doc_del_count == 1
    stub = await client.put("/db/b", json={"_attachments": {"x": {"stub": True}}})
    assert (stub.status_code, stub.json()["error"]) == (412, "missing_stub")
    bare = await client.put("/db/b?new_edits=false", json={})
    assert (bare.status_code, bare.json()["error"]) == (400, "bad_request")
    await client.put("/db/c", json={"_attachments": {"x": {"data": HELLO}}})
    assert "length" not in (await client.get("/db/c?attachments=true")).json()["_attachments"]["x"]
    seq = (await client.get("/db/_all_docs?update_seq=true")).json()["update_seq"]
    assert seq == (await db.info()).update_seq
    assert (await client.put("/db/_local/x", json={})).headers["location"] == "http://test/db/_local/x"
    for path in ("/db/_compact", "/db/_ensure_full_commit"):
        assert (await client.post(path, content=b"{}")).status_code == 415
    assert (await client.put("/_private")).json()["error"] == "illegal_database_name"


async def test_what_clients_of_couchdb_lean_on(client: httpx2.AsyncClient, db: Database) -> None:
    a, b, c, d = (letter * 32 for letter in "abcd")
    for ids, gone in (([b, a], False), ([c, a], False), ([d, b, a], True)):
        history = {"start": len(ids), "ids": ids}
        await db.bulk_docs([{"_id": "t", "_revisions": history, "_deleted": gone}], new_edits=False)
    # Several named revisions that grew into one leaf are one row; an empty list asks for the document.
    asked = quote(json.dumps([f"1-{a}", f"2-{b}", f"2-{c}"]))
    got = await client.get(f"/db/t?open_revs={asked}&latest=true", headers={"accept": "application/json"})
    assert [row["ok"]["_rev"] for row in got.json()] == [f"2-{c}", f"3-{d}"]
    assert (await client.get("/db/t?open_revs=[]")).json()["_rev"] == f"2-{c}"
    # What the other branches are is told of the winner, not of a revision that was named.
    assert (await client.get("/db/t?deleted_conflicts=true")).json()["_deleted_conflicts"] == [f"3-{d}"]
    assert "_deleted_conflicts" not in (await client.get(f"/db/t?rev=2-{b}&meta=true")).json()
    assert (await client.get(f"/db/t?rev=2-{b}&latest=true")).json()["_rev"] == f"2-{c}"
    for etag in (f'W/"2-{c}"', f'"x", "2-{c}"'):
        assert (await client.get("/db/t", headers={"if-none-match": etag})).status_code == 304
    for etag in ("*", f"2-{c}", '"x"'):
        assert (await client.get("/db/t", headers={"if-none-match": etag})).status_code == 200
    for wrong in ("null", '["x"]', "5"):
        assert (await client.get(f"/db/t?atts_since={quote(wrong)}")).status_code == 400
    assert (await client.put("/db/t?rev=", json={})).status_code == 400
    assert (await client.delete("/db/nobody?rev=x")).status_code == 404
    assert (await client.put("/db/_local/a/x", content=b"x")).status_code == 400
    assert (await client.head("/_uuids")).status_code == 200
