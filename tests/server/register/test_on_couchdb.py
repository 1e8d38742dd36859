"""The register over a real CouchDB is what it is over the embedded engine; a pen's act goes through it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.channels.pen import Pen
from server.inbox.taking import Inbox
from server.metrics import Metrics
from server.register.checking import check, content
from server.register.register import Register
from server.register.schema import connect
from server.store.databases import Databases
from sync.couchdb import open_couchdb
from sync.embedded import open_engine
from tests.server.conftest import couch_prefix
from tests.server.intake.municipality import Municipality, inside
from tests.server.register.town import make

pytestmark = [pytest.mark.anyio, pytest.mark.couchdb]
__all__ = ["couch_prefix"]


def held(folder: Path) -> dict[str, tuple[object, ...]]:
    db = connect(folder, writer=False)
    try:
        return content(db)
    finally:
        db.close()


async def test_it_grows_and_follows_to_the_same(couch_prefix: str, tmp_path: Path) -> None:
    reports, citizens = make(9, 60)
    folders = {"couchdb": tmp_path / "couchdb", "embedded": tmp_path / "embedded"}
    async with (
        await open_couchdb(os.environ["COUCHDB_URL"], prefix=couch_prefix) as couch,
        await open_engine(tmp_path / "engine") as engine,
    ):
        for name, on in (("couchdb", couch), ("embedded", engine)):
            databases = await Databases.open(on)
            await databases.citizens.bulk_docs(citizens)
            await databases.cases.bulk_docs(reports[:30])
            register = Register(folders[name], databases)
            await register.catch_up()
            await databases.cases.bulk_docs(reports[30:])
            stored = await databases.cases.get(reports[0]["_id"])
            await databases.cases.put({**stored, "text": "otra cosa", "version": 999})
            await register.catch_up()
            assert await check(folders[name], databases) == []
            await register.stop()
    assert held(folders["couchdb"]) == held(folders["embedded"])


async def test_an_act_of_a_page_is_decided_there_too(couch_prefix: str, tmp_path: Path) -> None:
    async with (
        await open_couchdb(os.environ["COUCHDB_URL"], prefix=couch_prefix) as couch,
        Municipality(couch, tmp_path) as town,
    ):
        leader = await town.pen("lucia")
        event = leader.capture("unknown", **inside(1))
        await town.push(event)
        subject = str(event["_id"]).split(":")[1]
        pens = [
            Pen(
                tmp_path / name,
                town.databases,
                town.directory,
                Inbox(town.databases, town.clock, Metrics()),
                town.clock,
            )
            for name in ("one", "two")
        ]
        mesa = town.directory.account("mesa")
        assert mesa is not None
        for number, pen in enumerate(pens * 2):
            word = await pen.act(mesa, "noted", subject, {"text": f"Nota {number}"}, patience=0)
            assert word.state == "waiting"
        await town.intake.run_until_idle()
        report = await town.databases.cases.get(f"report:{subject}")
        said = [part["payload"]["text"] for part in report["timeline"] if part["kind"] == "noted"]
        assert sorted(said) == ["Nota 0", "Nota 1", "Nota 2", "Nota 3"]
        for pen in pens:
            device = await pen.device("mesa")
            chain = await town.databases.cases.get(f"chain:{device}")
            assert (chain["through"], chain["gaps"]) == (2, []), "two gateways, two chains, both whole"
            await pen.stop()
