"""PouchDB replicates with the served embedded engine, both ways."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sync.http import create_app
from sync.interface import Engine
from tests.conformance.conftest import Pouch, PouchRefused
from tests.conformance.history import PHOTO, contents, fill
from tests.sync.serving import served

pytestmark = [pytest.mark.anyio, pytest.mark.node]


async def test_a_pull_brings_everything(engine: Engine, server: str, pouch: Pouch) -> None:
    db = await engine.create("city")
    await fill(db)
    result = await pouch("replicate", source=f"{server}/city", target="phone")
    assert result["ok"]
    assert result["doc_write_failures"] == 0
    theirs = await pouch("snapshot", db="phone")
    ours = await contents(db)
    assert set(theirs) == {f"{doc_id} {rev}" for doc_id, rev in ours}
    for (doc_id, rev), doc in ours.items():
        held = theirs[f"{doc_id} {rev}"]
        assert held["revs"] == len(doc["_revisions"]["ids"])
        assert held["attachments"] == {
            name: [entry["content_type"], entry["data"]]
            for name, entry in doc.get("_attachments", {}).items()
        }
        assert held["body"] == {
            key: value for key, value in doc.items() if key == "_deleted" or key[0] != "_"
        }


async def test_a_push_brings_everything(engine: Engine, server: str, pouch: Pouch) -> None:
    db = await engine.create("city")
    await fill(db)
    await pouch("replicate", source=f"{server}/city", target="phone")
    copy = await engine.create("copy")
    result = await pouch("replicate", source="phone", target=f"{server}/copy")
    assert result["doc_write_failures"] == 0
    assert await contents(copy) == await contents(db)


async def test_conflicts_made_apart_meet(engine: Engine, server: str, pouch: Pouch) -> None:
    db = await engine.create("city")
    rev = await db.put({"_id": "a", "by": "nobody"})
    await pouch("sync", left="phone", right=f"{server}/city")
    await db.put({"_id": "a", "_rev": rev, "by": "server"})
    await pouch("put", db="phone", doc={"_id": "a", "_rev": rev, "by": "phone"})
    await pouch("sync", left="phone", right=f"{server}/city")
    ours: dict[str, Any] = await pouch("get", db=f"{server}/city", id="a", options={"conflicts": True})
    theirs: dict[str, Any] = await pouch("get", db="phone", id="a", options={"conflicts": True})
    assert ours == theirs
    assert len(ours["_conflicts"]) == 1


async def test_deletions_travel_both_ways(engine: Engine, server: str, pouch: Pouch) -> None:
    db = await engine.create("city")
    revs = {name: await db.put({"_id": name}) for name in ("here", "there")}
    await pouch("sync", left="phone", right=f"{server}/city")
    await db.delete("here", revs["here"])
    await pouch("remove", db="phone", id="there", rev=revs["there"])
    await pouch("sync", left="phone", right=f"{server}/city")
    assert (await db.info()).doc_count == 0
    assert (await pouch("info", db="phone"))["doc_count"] == 0


async def test_a_second_run_carries_nothing(engine: Engine, server: str, pouch: Pouch) -> None:
    await fill(await engine.create("city"))
    first = await pouch("replicate", source=f"{server}/city", target="phone")
    second = await pouch("replicate", source=f"{server}/city", target="phone")
    assert first["docs_read"] > 100
    assert (second["docs_read"], second["docs_written"]) == (0, 0)
    assert second["last_seq"] == first["last_seq"]


async def test_an_interrupted_run_goes_on(engine: Engine, server: str, pouch: Pouch) -> None:
    db = await engine.create("city")
    await db.bulk_docs([{"_id": f"{n:04}"} for n in range(300)])
    part = await pouch("interrupted", source=f"{server}/city", target="phone", options={"batch_size": 50})
    assert 0 < part["docs_written"] < 300
    rest = await pouch("replicate", source=f"{server}/city", target="phone", options={"batch_size": 50})
    assert rest["docs_written"] < 300
    assert (await pouch("info", db="phone"))["doc_count"] == 300


async def test_a_live_pull_hears_of_changes(engine: Engine, server: str, pouch: Pouch) -> None:
    db = await engine.create("city")
    await db.put({"_id": "before", "value": 0})
    await pouch("live", name="pull", source=f"{server}/city", target="phone")
    await db.put({"_id": "after", "value": 1})
    await pouch("carried", target="phone", id="after", value=1)
    await pouch("stop", name="pull")


async def test_a_live_push_tells_of_changes(engine: Engine, server: str, pouch: Pouch) -> None:
    db = await engine.create("city")
    await pouch("put", db="phone", doc={"_id": "before", "value": 0})
    await pouch("live", name="push", source="phone", target=f"{server}/city")
    since = (await db.changes()).last_seq
    await pouch("put", db="phone", doc={"_id": "after", "value": 1})
    while len((await db.changes()).rows) < 2:
        assert await db.wait_for_change(since, 30)
        since = (await db.changes()).last_seq
    assert (await db.get("after"))["value"] == 1
    await pouch("stop", name="push")


async def test_attachments_are_read_and_written_directly(engine: Engine, server: str, pouch: Pouch) -> None:
    await engine.create("city")
    url = f"{server}/city"
    photo = base64.b64encode(PHOTO).decode()
    done = await pouch("attach", db=url, id="a/b", name="foto 1.jpg", data=photo, type="image/jpeg", rev=None)
    assert done["ok"]
    assert await pouch("attachment", db=url, id="a/b", name="foto 1.jpg") == photo


async def test_filters_by_id_and_selector(engine: Engine, server: str, pouch: Pouch) -> None:
    db = await engine.create("city")
    await db.bulk_docs([{"_id": f"{n}", "n": n} for n in range(10)])
    url = f"{server}/city"
    await pouch("replicate", source=url, target="some", options={"doc_ids": ["3", "5"]})
    assert [row["id"] for row in (await pouch("allDocs", db="some"))["rows"]] == ["3", "5"]
    await pouch("replicate", source=url, target="large", options={"selector": {"n": {"$gt": 7}}})
    assert [row["id"] for row in (await pouch("allDocs", db="large"))["rows"]] == ["8", "9"]


async def test_with_credentials(engine: Engine, pouch: Pouch) -> None:
    db = await engine.create("city")
    await db.put({"_id": "a"})
    async with served(create_app(engine, admin=("ana", "se:creto"))) as url:
        there = url.replace("//", "//ana:se%3Acreto@")
        assert (await pouch("replicate", source=f"{there}/city", target="phone"))["docs_written"] == 1
        with pytest.raises(PouchRefused) as refused:
            await pouch("replicate", source=f"{url}/city", target="other")
    assert refused.value.args[0]["status"] == 401


async def test_compaction_and_purging_do_not_disturb_it(engine: Engine, server: str, pouch: Pouch) -> None:
    db = await engine.create("city")
    rev = await db.put({"_id": "a", "n": 0})
    await pouch("sync", left="phone", right=f"{server}/city")
    for n in range(1, 5):
        rev = await db.put({"_id": "a", "_rev": rev, "n": n})
    gone = await db.put({"_id": "gone"})
    await db.compact()
    await db.purge({"gone": [gone]})
    await pouch("sync", left="phone", right=f"{server}/city")
    assert (await pouch("get", db="phone", id="a"))["n"] == 4
    assert (await pouch("info", db="phone"))["doc_count"] == 1
