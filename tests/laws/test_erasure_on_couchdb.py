"""Law 5 at its end, on CouchDB: what was redacted is in no revision it gives, and in none of its files.

The files are read where ``COUCHDB_DATA`` names its ``database_dir``; over HTTP every revision that any
document ever had is asked for. What compaction has not come by yet is what docs/privacy.md says it is.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import orjson
import pytest

from server.intake.chores import requests
from sync.couchdb import open_couchdb
from sync.errors import NotFound
from sync.interface import ChangesQuery, Database, DocOptions, Engine
from tests.device import citizen_document, subject_of
from tests.server.intake.municipality import Municipality, inside

pytestmark = [pytest.mark.anyio, pytest.mark.couchdb]

WORD = "turmalina"
PHONE = "4771230987"
#: Questions whether a compaction goes on; each is a request, so they take their time.
PATIENCE = 5_000


class Couch:
    """A CouchDB past its engine: our databases there, whether they are being compacted, and their files."""

    def __init__(self, url: str, prefix: str, engine: Engine) -> None:
        self.url, self.prefix, self.engine = url, prefix, engine

    async def compacted(self) -> None:
        """Ask every database for compaction and wait until it is over."""
        async with httpx2.AsyncClient(base_url=self.url) as http:
            for name in await self.engine.names():
                await (await self.engine.open(name)).compact()
            for name in await self.engine.names():
                for _ in range(PATIENCE):
                    if not (await http.get(f"/{self.prefix}{name}")).json()["compact_running"]:
                        break
                else:
                    raise AssertionError(f"{name} is still being compacted")

    async def telling(self, word: str) -> set[str]:
        """Databases of which some revision of some document still tells the word."""
        found = set()
        for name in await self.engine.names():
            database = await self.engine.open(name)
            async for body in bodies(database):
                if word.encode() in body:
                    found.add(name)
        return found

    def holding(self, word: str) -> set[str]:
        """Files of our databases in whose bytes the word stands."""
        folder = Path(os.environ["COUCHDB_DATA"])
        files = [path for path in folder.rglob(f"*{self.prefix}*") if path.is_file()]
        assert files, "COUCHDB_DATA is the database_dir of COUCHDB_URL"
        return {path.name for path in files if word.encode() in path.read_bytes()}


async def bodies(database: Database) -> AsyncIterator[bytes]:
    """Every revision of every document, deleted ones too, that the database still gives."""
    for row in (await database.changes(ChangesQuery(all_leaves=True))).rows:
        for leaf in await database.open_revs(row.id, "all", DocOptions(revs=True)):
            if leaf.doc is None:
                continue
            yield leaf.doc
            revisions = orjson.loads(leaf.doc)["_revisions"]
            for number, digest in enumerate(revisions["ids"]):
                try:
                    rev = f"{revisions['start'] - number}-{digest}"
                    yield await database.get_raw(row.id, DocOptions(rev=rev))
                except NotFound:
                    continue


@pytest.fixture
async def couch() -> AsyncIterator[Couch]:
    url = os.environ.get("COUCHDB_URL")
    if not url:
        pytest.skip("needs a real CouchDB named by COUCHDB_URL")
    prefix = f"test-{uuid.uuid4()}-"
    async with await open_couchdb(url, prefix=prefix) as engine:
        yield Couch(url, prefix, engine)
        for name in await engine.names():
            await engine.delete(name)


async def test_what_was_redacted_is_in_no_revision_and_no_file(couch: Couch, tmp_path: Path) -> None:
    async with Municipality(couch.engine, tmp_path) as town:
        citizen = citizen_document(town.clock.now(), name="Ónice", phone=PHONE)
        await town.databases.citizens.put(citizen)
        lucia = await town.pen("lucia")
        lamp = lucia.capture("lampara", text=f"Lo vio {WORD}", citizen=citizen["_id"], **inside(1))
        waiting = lucia.event("noted", subject_of(lucia.capture("lampara")), {"text": WORD})
        await town.push(lamp, waiting)
        await town.act("luz1", "started", subject_of(lamp))
        assert await couch.telling(WORD) >= {"inbox", "cases", "mailbox-lucia-1"}
        assert "citizens" in await couch.telling(PHONE)
        if "COUCHDB_DATA" in os.environ:
            assert couch.holding(WORD), "it must be found before it can be gone"
        for event in (lamp, waiting):
            await requests.redact_event(town.databases, town.clock, "mesa", event["_id"], ["text"], "ARCO")
        await requests.redact_citizen(town.databases, town.clock, "mesa", citizen["_id"], "ARCO")
        await town.intake.run_until_idle()
        await couch.compacted()
        assert await couch.telling(WORD) == set()
        assert await couch.telling(PHONE) == set()
        if "COUCHDB_DATA" in os.environ:
            assert couch.holding(WORD) == set()
            assert couch.holding(PHONE) == set()
        # The phone offers it again: known as before, and once compaction has come by, nothing is left of it.
        await town.push(lamp, waiting)
        assert lamp["_id"] in [item[0] for item in (await town.ack("lucia"))["items"]]
        await couch.compacted()
        assert await couch.telling(WORD) == set()
        await town.assert_sound()
