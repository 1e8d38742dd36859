"""Databases come, go and never mix."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from sync.embedded import EmbeddedEngine
from sync.errors import BadRequest, DatabaseExists, DatabaseNotFound, IllegalDatabaseName, NotFound
from sync.interface import Database, DocOptions, Engine

pytestmark = pytest.mark.anyio


def name() -> str:
    return f"test-{uuid.uuid4()}-databases"


async def test_a_new_database_is_empty(db: Database) -> None:
    info = await db.info()
    assert (info.name, info.doc_count, info.doc_del_count) == (db.name, 0, 0)
    assert (await db.changes()).rows == []
    assert (await db.all_docs()).total_rows == 0


async def test_a_name_is_taken_once(engine: Engine, db: Database) -> None:
    with pytest.raises(DatabaseExists):
        await engine.create(db.name)


@pytest.mark.parametrize(
    "bad",
    ["", "Upper", "1one", "_secret", "a b", "a\x00b", "ñ", "a?b", "a#b", "a%2fb", "..", "a\\b", "A" * 300],
)
async def test_a_name_outside_the_rule_is_refused(engine: Engine, bad: str) -> None:
    with pytest.raises((IllegalDatabaseName, DatabaseNotFound, BadRequest)):
        await engine.create(bad)


async def test_names_are_sorted_and_chosen_by_prefix(engine: Engine) -> None:
    prefix = f"test-{uuid.uuid4()}"
    for suffix in ("-b", "-a", "-a+c"):
        await engine.create(prefix + suffix)
    assert await engine.names(prefix=prefix) == [prefix + "-a", prefix + "-a+c", prefix + "-b"]
    for suffix in ("-b", "-a", "-a+c"):
        await engine.delete(prefix + suffix)
    assert await engine.names(prefix=prefix) == []


async def test_a_deleted_database_is_gone_at_once(engine: Engine, db: Database) -> None:
    await db.put({"_id": "a"})
    await engine.delete(db.name)
    with pytest.raises(NotFound):
        await db.get("a")
    with pytest.raises(NotFound):
        await db.put({"_id": "b"})
    with pytest.raises(NotFound):
        await db.changes()
    with pytest.raises(DatabaseNotFound):
        await engine.open(db.name)
    with pytest.raises(DatabaseNotFound):
        await engine.delete(db.name)


async def test_a_namesake_begins_anew(engine: Engine, db: Database) -> None:
    await db.put({"_id": "a"})
    await engine.delete(db.name)
    again = await engine.create(db.name)
    assert (await again.info()).doc_count == 0
    assert (await again.changes()).rows == []
    with pytest.raises(NotFound):
        await again.get("a")


async def test_two_databases_do_not_mix(engine: Engine, db: Database) -> None:
    other = await engine.create(name())
    await db.put({"_id": "a", "of": 1})
    await other.put({"_id": "a", "of": 2})
    assert (await db.get("a"))["of"] == 1
    assert (await other.get("a"))["of"] == 2
    await engine.delete(other.name)
    assert (await db.get("a"))["of"] == 1


async def test_ensure_by_many_at_once_makes_one(engine: Engine) -> None:
    wanted = name()
    found = await asyncio.gather(*(engine.ensure(wanted) for _ in range(8)))
    assert {one.name for one in found} == {wanted}
    assert await engine.names(prefix=wanted) == [wanted]
    await engine.delete(wanted)


async def test_security_and_revs_limit_are_kept(db: Database) -> None:
    security = {"admins": {"names": ["ana"], "roles": []}, "members": {"names": [], "roles": ["desk"]}}
    await db.set_security(security)
    await db.set_revs_limit(7)
    assert await db.get_security() == security
    assert await db.get_revs_limit() == 7


async def test_a_lower_revs_limit_stems(db: Database) -> None:
    await db.set_revs_limit(3)
    rev = await db.put({"_id": "a"})
    for n in range(5):
        rev = await db.put({"_id": "a", "_rev": rev, "n": n})
    doc = await db.get("a", DocOptions(revs=True))
    assert doc["_revisions"]["start"] == 6
    assert len(doc["_revisions"]["ids"]) == 3


async def test_counts_follow_the_documents(db: Database) -> None:
    first = await db.put({"_id": "a"})
    await db.put({"_id": "b"})
    await db.delete("a", first)
    info = await db.info()
    assert (info.doc_count, info.doc_del_count) == (1, 1)


async def test_an_identity_is_one_databases_for_good(engine: Engine) -> None:
    called = name()
    made = await engine.create(called)
    identity = await made.identity()
    await made.put({"_id": "a"})
    assert await (await engine.open(called)).identity() == await made.identity() == identity
    info = await made.info()
    assert identity == f"{info.uuid} {info.instance_start_time}"
    await engine.delete(called)
    if not isinstance(engine, EmbeddedEngine):
        # CouchDB knows when it made a database to the second.
        await asyncio.sleep(1.1)
    again = await engine.create(called)
    assert await again.identity() != identity
    await engine.delete(called)
