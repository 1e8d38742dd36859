"""A year of updates with attachments between the embedded engine and a real CouchDB, each driving in turn.

First copies are what ``test_couchdb_replicator`` holds; this is what comes after them: attachments kept,
added, replaced and removed, documents deleted and made anew, conflicts resolved months later.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sync.interface import Database, DocOptions, Engine
from sync.replicator import replicate
from tests.conformance.test_couchdb_replicator import CouchDB, ask
from tests.conformance.year import Year, leaves

pytestmark = [pytest.mark.anyio, pytest.mark.couchdb]

Carry = Callable[[], Awaitable[None]]

#: Whose replicator runs: CouchDB's own, ours between two open databases, ours by ``_replicate``.
DRIVERS = ("couchdb", "ours", "ours over http", "both in turn")


def carriers(
    driver: str, ours: Database, theirs: Database, here: str, there: str, server: str
) -> list[Carry]:
    """Both directions, one after the other, by each of the drivers that take turns."""

    async def by_couchdb() -> None:
        couch = there.rpartition("/")[0]
        for source, target in ((here, there), (there, here)):
            answer = await ask(couch, source=source, target=target)
            if "history" in answer:
                assert answer["history"][0]["doc_write_failures"] == 0, answer

    async def by_us() -> None:
        for source, target in ((ours, theirs), (theirs, ours)):
            assert (await replicate(source, target)).progress.doc_write_failures == 0

    async def by_our_server() -> None:
        for source, target in ((here, there), (there, here)):
            answer = await ask(server, source=source, target=target)
            if "history" in answer:
                assert answer["history"][0]["doc_write_failures"] == 0, answer

    turns: dict[str, list[Carry]] = {
        "couchdb": [by_couchdb],
        "ours": [by_us],
        "ours over http": [by_our_server],
        "both in turn": [by_couchdb, by_us],
    }
    return turns[driver]


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_year_of_updates_ends_equal(
    engine: Engine, server: str, couchdb: CouchDB, driver: str
) -> None:
    peer, url, named = couchdb
    name = await named()
    ours, theirs = await engine.create("city"), await peer.open(name)
    turns = carriers(driver, ours, theirs, f"{server}/city", f"{url}/{name}", server)
    year = Year(seed=DRIVERS.index(driver), documents=200)
    resolved = 0
    for month in range(12):
        await year.month(ours, 40)
        await year.month(theirs, 40)
        await turns[month % len(turns)]()
        if month % 3 == 2:
            resolved += await year.peace(ours if month % 2 else theirs)
    for turn in turns:
        await turn()
    assert resolved > 20
    mine, other = await leaves(ours), await leaves(theirs)
    assert mine == other
    assert sum(len(doc["_revisions"]["ids"]) > 2 for doc in mine.values()) > 100
    assert sum(len(doc.get("_attachments", {})) for doc in mine.values()) > 50


async def test_couchdb_follows_updates(engine: Engine, server: str, couchdb: CouchDB) -> None:
    """A document of CouchDB's ``_replicator`` pulls each update of attachments as it comes."""
    peer, url, named = couchdb
    name = await named()
    ours, theirs = await engine.create("city"), await peer.open(name)
    jobs = await peer.open("_replicator")
    job_id = f"{name}-pull"
    await jobs.put({"_id": job_id, "source": f"{server}/city", "target": f"{url}/{name}", "continuous": True})
    try:
        rev = await ours.put({"_id": "a", "_attachments": {"x": {"data": "aGk="}, "y": {"data": "aG8="}}})
        steps: tuple[dict[str, Any], ...] = (
            {"_attachments": {"x": {"stub": True}, "y": {"stub": True}}, "n": 1},
            {"_attachments": {"x": {"data": "aGlo"}, "y": {"stub": True}}},
            {"_attachments": {"x": {"stub": True}}},
            {},
        )
        for step in steps:
            rev = await ours.put({"_id": "a", "_rev": rev, **step})
            since = "0"
            while (found := await theirs.get_many(["a"])).get("a", {}).get("_rev") != rev:
                assert await theirs.wait_for_change(since, 30)
                since = (await theirs.changes()).last_seq
            assert found["a"].get("_attachments", {}).keys() == step.get("_attachments", {}).keys()
    finally:
        await jobs.delete(job_id, (await jobs.get(job_id))["_rev"])
    assert await leaves(theirs) == await leaves(ours)


#: Content type and bytes of what is added to a document that begins with nothing or with a picture.
EMPTY = [{"vacío": b""}, {"a": b"", "b": b""}, {"a": b"", "b": b"bytes"}, {"a": b"bytes", "b": b""}]


@pytest.mark.parametrize("added", EMPTY, ids=lambda added: "+".join(f"{len(one)}" for one in added.values()))
@pytest.mark.parametrize("driver", ["couchdb", "ours"])
async def test_empty_attachments_arrive(
    engine: Engine, server: str, couchdb: CouchDB, driver: str, added: dict[str, bytes]
) -> None:
    """Whatever else is new: a CouchDB waits without end for the parts of a body that has no bytes."""
    peer, url, named = couchdb
    name = await named()
    ours, theirs = await engine.create("city"), await peer.open(name)
    picture: dict[str, Any] = {"content_type": "image/png"}
    new = {label: {**picture, "data": base64.b64encode(one).decode()} for label, one in added.items()}
    first = await ours.put({"_id": "old", "_attachments": {"x": {**picture, "data": "aGk="}}})

    async def carry() -> None:
        if driver == "ours":
            assert (await replicate(ours, theirs)).progress.doc_write_failures == 0
        else:
            await ask(url, source=f"{server}/city", target=f"{url}/{name}")

    await carry()
    await ours.put({"_id": "new", "_attachments": new})
    await ours.put({"_id": "old", "_rev": first, "_attachments": {"x": {"stub": True}, **new}})
    await carry()
    assert await leaves(theirs) == await leaves(ours)
    assert (await theirs.get("old", DocOptions(revs=True)))["_revisions"]["start"] == 2


async def test_a_document_made_anew_there_keeps_its_own_bytes(engine: Engine, couchdb: CouchDB) -> None:
    """CouchDB calls the attachments of a second life as old as the first one's; they are others."""
    peer, _, named = couchdb
    ours, theirs = await engine.create("city"), await peer.open(await named())
    picture = {"content_type": "image/png", "data": "Zmlyc3Q="}
    first = await theirs.put({"_id": "a", "_attachments": {"x": picture}})
    await replicate(theirs, ours)
    await theirs.delete("a", first)
    await theirs.put({"_id": "a", "_attachments": {"x": {**picture, "data": "b3RoZXI="}}})
    assert (await theirs.get("a"))["_attachments"]["x"]["revpos"] == 1
    await replicate(theirs, ours)
    assert await leaves(ours) == await leaves(theirs)
