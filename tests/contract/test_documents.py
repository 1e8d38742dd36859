"""One document at a time: stored, read, updated, deleted, refused."""

from __future__ import annotations

import json

import pytest

from sync.errors import BadRequest, Conflict, EngineError, NotFound
from sync.interface import Database, DocOptions

pytestmark = pytest.mark.anyio

IDS = [
    "plain",
    "with space",
    "with/slash",
    "a/b/c",
    "ñandú",
    "日本語",
    "🌵",
    "a+b",
    "a%2Fb",
    "a?b=c",
    "a#b",
    "a&b",
    '"quoted"',
    "_design/views",
    "_design/a/b",
    "0",
    "-",
    "org.couchdb.user:ana",
    "event:1:2",
    "a\\b",
    "a\nb",
]


@pytest.mark.parametrize("doc_id", IDS)
async def test_any_id_comes_back(db: Database, doc_id: str) -> None:
    rev = await db.put({"_id": doc_id, "valor": "sí"})
    assert await db.get(doc_id) == {"_id": doc_id, "_rev": rev, "valor": "sí"}
    assert [row.id for row in (await db.changes()).rows] == [doc_id]


@pytest.mark.parametrize("doc_id", ["", "_other", "_designs/x"])
async def test_reserved_ids_are_refused(db: Database, doc_id: str) -> None:
    with pytest.raises(EngineError):
        await db.bulk_docs([{"_id": doc_id}])
    assert (await db.info()).doc_count == 0


@pytest.mark.parametrize(
    "value",
    [
        0, -1, 1.5, 2**53 + 1, -(2**63), 1e300, 2.3e-308, 0.1, True, None, "", "a\u0000b",
        "\u2028", "\U0001d11e", [], {},
        [[]], {"": {"": []}}, {"a": [1, {"b": None}]}, list(range(300)),
    ],
)  # fmt: skip
async def test_any_value_comes_back(db: Database, value: object) -> None:
    await db.put({"_id": "a", "value": value})
    assert (await db.get("a"))["value"] == value


async def test_bytes_are_taken_and_given(db: Database) -> None:
    rev = await db.put(b'{"_id":"a", "n": 1, "o": {"z": 1, "a": 2}}')
    raw = await db.get_raw("a")
    assert json.loads(raw) == {"_id": "a", "_rev": rev, "n": 1, "o": {"z": 1, "a": 2}}


async def test_an_update_needs_the_current_revision(db: Database) -> None:
    first = await db.put({"_id": "a", "n": 1})
    with pytest.raises(Conflict):
        await db.put({"_id": "a", "n": 2})
    second = await db.put({"_id": "a", "_rev": first, "n": 2})
    assert second.startswith("2-")
    with pytest.raises(Conflict):
        await db.put({"_id": "a", "_rev": first, "n": 3})
    assert (await db.get("a"))["n"] == 2


async def test_an_update_needs_a_document(db: Database, request: pytest.FixtureRequest) -> None:
    if "couchdb" in request.node.callspec.params.values():
        pytest.skip("CouchDB with one shard takes an edit over a revision that it never had")
    first = await db.put({"_id": "a", "n": 1})
    with pytest.raises(Conflict):
        await db.put({"_id": "new", "_rev": first})
    assert (await db.info()).doc_count == 1


async def test_the_same_edit_has_the_same_revision(db: Database) -> None:
    one = await db.put({"_id": "a", "n": 1})
    other = await db.put({"_id": "b", "n": 1})
    different = await db.put({"_id": "c", "n": 2})
    assert one == other
    assert one != different


async def test_deletion_leaves_a_tombstone_that_can_be_lived_over(db: Database) -> None:
    first = await db.put({"_id": "a", "n": 1})
    gone = await db.delete("a", first)
    with pytest.raises(NotFound, match="deleted"):
        await db.get("a")
    assert (await db.get("a", DocOptions(rev=gone)))["_deleted"] is True
    # CouchDB answers not_found here, and conflict where the document lives.
    with pytest.raises((Conflict, NotFound)):
        await db.delete("a", first)
    again = await db.put({"_id": "a", "n": 2})
    assert again.startswith("3-")
    assert (await db.get("a"))["n"] == 2


async def test_deleting_what_never_was_is_not_found(db: Database) -> None:
    with pytest.raises(NotFound):
        await db.delete("nobody", "1-967a00dff5e02add41819138abb3284d")


async def test_a_tombstone_may_say_why(db: Database) -> None:
    first = await db.put({"_id": "a", "n": 1})
    gone = await db.put({"_id": "a", "_rev": first, "_deleted": True, "why": "duplicado"})
    assert (await db.get("a", DocOptions(rev=gone)))["why"] == "duplicado"


async def test_older_revisions_are_read_until_compaction(db: Database) -> None:
    first = await db.put({"_id": "a", "n": 1})
    await db.put({"_id": "a", "_rev": first, "n": 2})
    assert (await db.get("a", DocOptions(rev=first)))["n"] == 1
    with pytest.raises(NotFound):
        await db.get("a", DocOptions(rev="1-00000000000000000000000000000000"))


@pytest.mark.parametrize("rev", ["", "1", "-", "x-abc", "0x1-a", "1-"])
async def test_a_malformed_revision_changes_nothing(db: Database, rev: str) -> None:
    await db.put({"_id": "a", "n": 1})
    with pytest.raises((BadRequest, Conflict)):
        await db.put({"_id": "a", "_rev": rev, "n": 2})
    assert (await db.get("a"))["n"] == 1


@pytest.mark.parametrize(
    "doc", [{"_foo": 1}, {"_attachments": []}, {"_attachments": {"a": 1}}, {"_deleted": "yes"}, {"_rev": 5}]
)
async def test_malformed_reserved_members_are_refused(
    db: Database, doc: dict[str, object], request: pytest.FixtureRequest
) -> None:
    if doc == {"_attachments": {"a": 1}} and "couchdb" in request.node.callspec.params.values():
        pytest.skip("CouchDB takes an attachment that is a number, and drops it")
    with pytest.raises(EngineError) as refused:
        await db.put({"_id": "a", **doc})
    assert 400 <= refused.value.status < 500
    assert (await db.info()).doc_count == 0


async def test_lineage_is_told(db: Database) -> None:
    first = await db.put({"_id": "a"})
    second = await db.put({"_id": "a", "_rev": first, "n": 2})
    doc = await db.get("a", DocOptions(revs=True, revs_info=True))
    assert doc["_revisions"] == {"start": 2, "ids": [second[2:], first[2:]]}
    assert doc["_revs_info"] == [
        {"rev": second, "status": "available"}, {"rev": first, "status": "available"},
    ]  # fmt: skip


async def test_what_a_read_adds_may_be_sent_back(db: Database) -> None:
    await db.put({"_id": "a", "n": 1})
    doc = await db.get("a", DocOptions(revs=True, revs_info=True, conflicts=True))
    await db.put({**doc, "n": 2})
    assert (await db.get("a"))["n"] == 2


async def test_get_many_gives_the_living(db: Database) -> None:
    first = await db.put({"_id": "a"})
    await db.put({"_id": "b", "n": 1})
    await db.delete("a", first)
    found = await db.get_many(["b", "a", "zz", "b"])
    assert list(found) == ["b"]
    assert found["b"]["n"] == 1
    assert await db.get_many([]) == {}
