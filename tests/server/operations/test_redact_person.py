"""``manzana redact person``: all documents of a person, whatever number they go by."""

from __future__ import annotations

import asyncio
from pathlib import Path

from server.clock import SystemClock
from server.persons.persons import Persons
from server.store.databases import Databases
from server.store.scan import scan
from sync.embedded import open_engine
from tests.commandline import make, manzana
from tests.device import citizen_document


async def _two_joined(folder: Path) -> list[str]:
    async with await open_engine(folder / "engine") as engine:
        databases = await Databases.open(engine)
        persons, clock = Persons(databases, SystemClock()), SystemClock()
        made = [citizen_document(clock.now(), name=name) for name in ("Amatista", "Berilo", "Cuarzo")]
        for citizen in made:
            await databases.citizens.put(citizen)
        one, two = [await persons.make(citizen["_id"], "mesa") for citizen in made[:2]]
        await persons.merge(two, one, "mesa")
        await persons.make(made[2]["_id"], "mesa")
        return [citizen["_id"] for citizen in made]


async def _asked(folder: Path) -> list[str]:
    async with await open_engine(folder / "engine") as engine:
        databases = await Databases.open(engine)
        docs = [found.read() async for found in scan(databases.inbox, "")]
        return sorted(doc["wanted"]["citizen"] for doc in docs if doc.get("schema") == "request.v1")


def test_all_documents_of_a_person_are_asked_to_be_erased(tmp_path: Path) -> None:
    make(tmp_path)
    first, second, _ = asyncio.run(_two_joined(tmp_path))
    assert "Nobody has that" in manzana(tmp_path, "redact", "person", "9", "--reason", "ARCO", code=1)
    done = manzana(tmp_path, "redact", "person", "2", "--reason", "ARCO 17/2026")
    assert "2 documents" in done
    assert asyncio.run(_asked(tmp_path)) == sorted([first, second])
