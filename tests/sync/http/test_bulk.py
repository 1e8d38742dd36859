"""Bulk requests over HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from sync.http.bulk import PAGE
from sync.interface import Database

pytestmark = pytest.mark.anyio

HELLO = base64.b64encode(b"hola").decode()


async def test_each_document_has_its_row_in_order(client: httpx2.AsyncClient, db: Database) -> None:
    await db.put({"_id": "b"})
    answer = await client.post("/db/_bulk_docs", json={"docs": [{"_id": "a"}, {"_id": "b"}, {"n": 1}]})
    assert answer.status_code == 201
    first, second, third = answer.json()
    assert (first["ok"], first["id"]) == (True, "a")
    assert second == {"id": "b", "error": "conflict", "reason": "Document update conflict."}
    assert len(third["id"]) == 32


async def test_new_edits_false_tells_only_of_errors(client: httpx2.AsyncClient, db: Database) -> None:
    docs = [{"_id": "a", "_rev": "1-" + "a" * 32}, {"_id": "a", "_rev": "1-" + "b" * 32}]
    answer = await client.post("/db/_bulk_docs", json={"docs": docs, "new_edits": False})
    assert (answer.status_code, answer.json()) == (201, [])
    assert (await client.get("/db/a?conflicts=true")).json()["_conflicts"] == ["1-" + "a" * 32]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("_bulk_docs", {}),
        ("_bulk_docs", {"docs": 1}),
        ("_bulk_docs", {"docs": [1]}),
        ("_bulk_docs", {"docs": [{}], "new_edits": 1}),
        ("_bulk_docs", {"docs": [{}], "all_or_nothing": True}),
        ("_bulk_docs", {"docs": [{"_id": 1}]}),
        ("_bulk_docs", []),
        ("_bulk_get", {}),
        ("_bulk_get", {"docs": 1}),
        ("_bulk_get", {"docs": [{"id": 1}]}),
        ("_bulk_get?rev=1-a", {"docs": []}),
        ("_revs_diff", {"a": 1}),
        ("_revs_diff", {"a": [1]}),
        ("_revs_diff", {"a": ["x"]}),
        ("_revs_diff", []),
        ("_missing_revs", {"a": "1-a"}),
        ("_purge", {"a": "1-a"}),
        ("_all_docs", {"keys": 1}),
        ("_all_docs", {"queries": []}),
        ("_changes?filter=_doc_ids", {"doc_ids": 1}),
        ("_changes?filter=_selector", {"selector": {"$x": 1}}),
        ("_changes?filter=_selector", {}),
    ],
)
async def test_a_malformed_request_changes_nothing(
    client: httpx2.AsyncClient, db: Database, path: str, body: Any
) -> None:
    answer = await client.post(f"/db/{path}", json=body)
    assert answer.status_code == 400, answer.text
    assert (await db.info()).doc_count == 0


@pytest.mark.parametrize(
    "path", ["_bulk_docs", "_bulk_get", "_revs_diff", "_missing_revs", "_purge", "_all_docs"]
)
async def test_a_web_page_elsewhere_cannot_post(client: httpx2.AsyncClient, db: Database, path: str) -> None:
    answer = await client.post(
        f"/db/{path}", content=b'{"docs":[{}]}', headers={"content-type": "text/plain"}
    )
    assert (answer.status_code, answer.json()["error"]) == (415, "bad_content_type")
    assert (await db.info()).doc_count == 0


async def test_reading_many(client: httpx2.AsyncClient, db: Database) -> None:
    rev = await db.put({"_id": "a", "_attachments": {"x": {"data": HELLO}}})
    asked = {"docs": [{"id": "a", "rev": rev}, {"id": "a", "rev": "9-x"}, {"id": "none"}, {"id": "a"}]}
    answer = (await client.post("/db/_bulk_get?revs=true", json=asked)).json()["results"]
    assert [result["id"] for result in answer] == ["a", "a", "none", "a"]
    assert answer[0]["docs"][0]["ok"]["_revisions"]["start"] == 1
    assert answer[0]["docs"][0]["ok"]["_attachments"]["x"]["stub"] is True
    assert answer[1]["docs"][0]["error"]["error"] == "not_found"
    inline = (await client.post("/db/_bulk_get?attachments=true", json=asked)).json()["results"]
    assert inline[3]["docs"][0]["ok"]["_attachments"]["x"]["data"] == HELLO
    assert inline[2]["docs"][0]["error"]["reason"] == "missing"


@pytest.mark.parametrize("count", [0, PAGE, PAGE + 1, 3 * PAGE])
async def test_reading_more_than_a_page(client: httpx2.AsyncClient, db: Database, count: int) -> None:
    await db.bulk_docs([{"_id": f"{n}"} for n in range(count)])
    asked = {"docs": [{"id": f"{n}"} for n in range(count)]}
    for path in ("_bulk_get", "_bulk_get?attachments=true"):
        results = (await client.post(f"/db/{path}", json=asked)).json()["results"]
        assert [result["docs"][0]["ok"]["_id"] for result in results] == [f"{n}" for n in range(count)]


async def test_reading_many_as_parts(client: httpx2.AsyncClient, db: Database) -> None:
    await db.bulk_docs([{"_id": "a", "_attachments": {"x": {"data": HELLO}}}, {"_id": "b"}])
    asked = {"docs": [{"id": "a"}, {"id": "b"}, {"id": "none"}]}
    answer = await client.post("/db/_bulk_get", json=asked, headers={"accept": "multipart/mixed"})
    boundary = answer.headers["content-type"].partition('boundary="')[2].strip('"')
    assert answer.content.count(f"--{boundary}\r\n".encode()) == 3
    assert answer.content.endswith(f"\r\n--{boundary}--".encode())
    assert b"\r\n\r\nhola\r\n--" in answer.content
    assert b'error="true"' in answer.content


async def test_differences(client: httpx2.AsyncClient, db: Database) -> None:
    rev = await db.put({"_id": "a"})
    asked = {"a": [rev, "2-b"], "none": ["1-a"]}
    diff = (await client.post("/db/_revs_diff", json=asked)).json()
    assert diff == {"a": {"missing": ["2-b"], "possible_ancestors": [rev]}, "none": {"missing": ["1-a"]}}
    missing = (await client.post("/db/_missing_revs", json=asked)).json()
    assert missing == {"missing_revs": {"a": ["2-b"], "none": ["1-a"]}}


async def test_purging(client: httpx2.AsyncClient, db: Database) -> None:
    rev = await db.put({"_id": "a"})
    answer = await client.post("/db/_purge", json={"a": [rev], "none": ["1-a"]})
    assert (answer.status_code, answer.json()["purged"]["a"]) == (201, [rev])
    assert (await db.info()).doc_count == 0


@pytest.mark.parametrize("count", [0, 999, 1000, 1001, 2500])
async def test_all_docs_in_pages(client: httpx2.AsyncClient, db: Database, count: int) -> None:
    await db.bulk_docs([{"_id": f"{n:04}"} for n in range(count)])
    expected = [f"{n:04}" for n in range(count)]
    for query, ids in [
        ("", expected),
        ("?include_docs=true", expected),
        ("?include_docs=true&attachments=true", expected),
        ("?descending=true", expected[::-1]),
        ("?limit=1200", expected[:1200]),
        ('?startkey="0100"&skip=5&limit=1000', expected[105:1105]),
        ('?startkey="0100"&endkey="0200"&inclusive_end=false', expected[100:200]),
        # Whatever is no string stands before every id, as in CouchDB.
        ("?startkey={}", expected),
        ("?startkey=1", expected),
        ("?endkey=null", []),
        ("?endkey=[]", []),
        ("?startkey={}&descending=true", []),
        ("?endkey={}&descending=true", expected[::-1]),
    ]:
        answer = (await client.get(f"/db/_all_docs{query}")).json()
        assert [row["id"] for row in answer["rows"]] == ids, query
        assert answer["total_rows"] == count
        if "include_docs" in query:
            assert all(row["doc"]["_id"] == row["id"] for row in answer["rows"])


async def test_offsets_and_keys_of_any_kind(client: httpx2.AsyncClient, db: Database) -> None:
    await db.bulk_docs([{"_id": name} for name in ("1", "a", "b", "c", "d")])
    for query, offset in [
        ("", 0),
        ("?skip=2", 2),
        ("?skip=9", 5),
        ('?startkey="b"', 2),
        ('?key="c"', 3),
        ('?startkey="b"&skip=2', 4),
        ('?startkey="zz"', 5),
        ('?startkey="b"&descending=true', 2),
        ("?startkey={}&descending=true", 5),
        ('?keys=["a"]', None),
    ]:
        assert (await client.get(f"/db/_all_docs{query}")).json()["offset"] == offset, query
    keys = [1, None, "a", ["a"], {"a": 1}, True]
    for answer in (
        await client.get(f"/db/_all_docs?keys={quote(json.dumps(keys))}"),
        await client.post("/db/_all_docs", json={"keys": keys}),
    ):
        rows = answer.json()["rows"]
        assert [row["key"] for row in rows] == keys
        # A document named "1" is not the number's.
        assert [row.get("error") for row in rows] == [None if key == "a" else "not_found" for key in keys]
    both = ('keys=["a"]&key="a"', 'keys=["a"]&startkey="a"')
    for query in (*both, "keys=null", "reduce=true", "stale=x", "sorted=1"):
        assert (await client.get(f"/db/_all_docs?{query}")).status_code == 400, query
    for word in ("True", "TRUE"):
        assert (await client.get(f"/db/_all_docs?include_docs={word}")).json()["rows"][0]["doc"]["_id"] == "1"


async def test_all_docs_by_key(client: httpx2.AsyncClient, db: Database) -> None:
    rev = await db.put({"_id": "gone"})
    await db.delete("gone", rev)
    await db.put({"_id": "a"})
    body = {"keys": ["a", "none", "gone", 5]}
    rows = (await client.post("/db/_all_docs?include_docs=true", json=body)).json()["rows"]
    assert rows[0]["doc"]["_id"] == "a"
    assert rows[1] == {"key": "none", "error": "not_found"}
    assert (rows[2]["value"]["deleted"], rows[2]["doc"]) == (True, None)
    assert rows[3]["error"] == "not_found"
    assert [row["id"] for row in (await client.get('/db/_all_docs?keys=["a"]')).json()["rows"]] == ["a"]
    assert [row["id"] for row in (await client.get('/db/_all_docs?key="a"')).json()["rows"]] == ["a"]
    assert (await client.get("/db/_all_docs?limit=-1")).status_code == 400
    assert (await client.get("/db/_all_docs?descending=yes")).status_code == 400


async def test_design_documents_are_kept_apart(client: httpx2.AsyncClient, db: Database) -> None:
    await db.bulk_docs([{"_id": name} for name in ("_design/a", "_design/b", "Z", "a")])
    rows = (await client.get("/db/_design_docs")).json()["rows"]
    assert [row["id"] for row in rows] == ["_design/a", "_design/b"]


async def test_the_database_itself(client: httpx2.AsyncClient, db: Database) -> None:
    assert (await client.get("/db/_security")).json() == await db.get_security()
    assert (await client.put("/db/_security", json={"members": {"names": ["a"]}})).json() == {"ok": True}
    assert (await client.get("/db/_security")).json() == {"members": {"names": ["a"]}}
    assert (await client.put("/db/_revs_limit", content=b"5")).json() == {"ok": True}
    assert (await client.get("/db/_revs_limit")).json() == 5
    for bad in (b"0", b"x", b'"5"', b"true", b"-1", b"1.5"):
        assert (await client.put("/db/_revs_limit", content=bad)).status_code == 400
    headers = {"content-type": "application/json"}
    assert (await client.post("/db/_compact", headers=headers)).status_code == 202
    assert (await client.post("/db/_ensure_full_commit", headers=headers)).status_code == 201
    assert (await client.put("/db")).status_code == 412
    assert (await client.delete("/db?rev=1-a")).status_code == 400
    assert (await client.delete("/db")).json() == {"ok": True}
    assert (await client.delete("/db")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (1, "bad_request"),
        ({}, "bad_request"),
        ({"rev": "1-a"}, "bad_request"),
        ({"id": ""}, "illegal_docid"),
        ({"id": "_x"}, "illegal_docid"),
        ({"id": "a", "rev": 1}, "bad_request"),
        ({"id": "a", "rev": "x"}, "bad_request"),
        ({"id": "a", "rev": None}, "bad_request"),
        ({"id": "a", "atts_since": 1}, "bad_request"),
        ({"id": "a", "atts_since": ["x"]}, "bad_request"),
    ],
)
@pytest.mark.parametrize("query", ["", "?attachments=true"])
async def test_one_wrong_request_fails_alone(
    client: httpx2.AsyncClient, db: Database, query: str, wrong: Any, error: str
) -> None:
    await db.bulk_docs([{"_id": "a"}, {"_id": "b"}])
    asked = {"docs": [{"id": "a"}, wrong, {"id": "b"}]}
    first, row, last = (await client.post(f"/db/_bulk_get{query}", json=asked)).json()["results"]
    assert [one["docs"][0]["ok"]["_id"] for one in (first, last)] == ["a", "b"]
    assert row["docs"][0]["error"]["error"] == error
    parts = await client.post("/db/_bulk_get", json=asked, headers={"accept": "multipart/mixed"})
    assert parts.text.count("Content-Type") == 3
    assert parts.text.count('error="true"') == 1
