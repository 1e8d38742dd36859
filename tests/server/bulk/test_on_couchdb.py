"""A bulk job over a real CouchDB: the same documents, each report acted on once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.bulk import running
from server.bulk.job import Item, counted, documents
from server.bulk.running import Bulk
from server.channels.pen import Pen
from server.clock import new_uuid7
from server.context import zone_of
from server.inbox.taking import Inbox
from server.instants import say
from server.metrics import Metrics
from sync.couchdb import open_couchdb
from tests.server.bulk.acting import acted
from tests.server.conftest import couch_prefix
from tests.server.intake.municipality import Municipality, inside

pytestmark = [pytest.mark.anyio, pytest.mark.couchdb]
__all__ = ["couch_prefix"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_job_is_done_there_too(
    couch_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_TOGETHER", 4)
    async with (
        await open_couchdb(os.environ["COUCHDB_URL"], prefix=couch_prefix) as couch,
        Municipality(couch, tmp_path) as town,
    ):
        await town.directory.update("account:mesa", lambda doc: {**doc, "supervisor": True})
        made = [await town.capture("lucia", "lampara", **inside(1)) for _ in range(6)]
        inbox = Inbox(town.databases, town.clock, Metrics())
        pen = Pen(tmp_path / "pen", town.databases, town.directory, inbox, town.clock)
        bulk = Bulk(town.databases, town.directory, pen, town.clock, lambda: zone_of(town.databases))
        job = new_uuid7(town.clock)
        head, parts = documents(
            job,
            [Item(report, 10_000, 3) for report in made],
            by="mesa",
            at=say(town.clock.now()),
            installation=await pen.installation(),
            act="anotar",
            form={"texto": "Se revisó"},
            chosen=[],
        )
        # A form sent twice is one job.
        await bulk.begin(head, parts)
        await bulk.begin(head, parts)
        await acted(town, bulk)
        (stored,) = await bulk.newest()
        assert stored["state"] == "done"
        assert counted(await bulk.parts(job, stored["parts"])).done == 6
        for report in made:
            timeline = (await town.report(report))["timeline"]
            assert [entry["kind"] for entry in timeline].count("noted") == 1
        await pen.stop()
