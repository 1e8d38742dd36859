"""Mailboxes follow accounts, areas and the padrón."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sync.embedded import open_engine
from tests.device import subject_of
from tests.server.intake.municipality import ACCOUNTS, Municipality, inside

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Municipality]:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        yield town


async def test_papers_are_each_roles_own(town: Municipality) -> None:
    boxes = {account: await town.mailbox(account) for account in ("lucia", "norma", "luz1", "pc", "mesa")}
    assert boxes["lucia"]["profile"]["blocks"] == ["b1"]
    blocks = {f"block:b{n}" for n in range(1, 7)}
    assert {key for key in boxes["lucia"] if key.startswith("block:")} == blocks
    assert {key for key in boxes["norma"] if key.startswith("block:")} == blocks
    assert not any(key.startswith("block:") for key in boxes["luz1"])
    assert boxes["lucia"]["block:b2"]["leader"] == {"account": "marta", "name": "Marta Sol"}
    assert boxes["norma"]["block:b2"]["leader"]["phone"] == "4770000002"
    assert boxes["norma"]["block:b3"]["vacant"] is True
    assert "leader:lucia" in boxes["norma"]
    assert "leader:lucia" not in boxes["lucia"]
    assert {key for key in boxes["mesa"] if key.startswith("colleague:")} == {
        "colleague:luz1",
        "colleague:bache1",
        "colleague:pc",
        "colleague:obras",
    }
    await town.assert_sound()


async def test_a_change_while_no_intake_ran_is_delivered_at_the_next_start(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    await town.intake.close()
    await town.directory.update("account:luz1", lambda doc: {**doc, "brigade": "luz-9"})
    town.intake = await town.open_intake()
    assert "luz1" not in await town.holders(report)
    assert (await town.mailbox("luz1"))["profile"]["brigade"] == "luz-9"
    await town.assert_sound()


async def test_a_restart_with_nothing_changed_looks_at_no_mailbox(town: Municipality) -> None:
    await town.intake.run_until_idle()
    await town.intake.close()
    before = await town.sequences()
    box = await town.databases.mailbox("lucia", 1)
    await box.put({"_id": "stray"})
    town.intake = await town.open_intake()
    await town.intake.run_until_idle()
    assert "stray" in await town.mailbox("lucia")
    assert {**await town.sequences(), "mailbox-lucia-1": ""} == {**before, "mailbox-lucia-1": ""}


async def test_an_account_that_is_new_gets_its_mailbox(town: Municipality) -> None:
    await town.capture("lucia", "lampara", **inside(1))
    doc = {"_id": "account:nueva", "name": "Nueva", "role": "block_leader", "blocks": ["b1"], "generation": 1}
    await town.directory.create({**doc, "active": True})
    await town.intake.run_until_idle()
    box = await town.databases.mailbox("nueva", 1)
    assert [row.id.partition(":")[0] for row in (await box.changes()).rows].count("report") == 1
    await town.assert_sound()


async def test_a_term_begins_and_ends_by_the_calendar(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    term = {"from": "2026-11-25", "until": "2026-11-26"}
    await town.directory.update("account:marta", lambda doc: {**doc, "blocks": ["b1"], "term": term})
    await town.intake.run_until_idle()
    assert "marta" not in await town.holders(report)
    town.clock.advance(days=2)
    await town.intake.run_until_idle()
    assert (await town.holders(report))["marta"] == "full"
    town.clock.advance(days=2)
    await town.intake.run_until_idle()
    assert "marta" not in await town.holders(report)
    await town.assert_sound()


async def test_a_large_import_fills_the_mailboxes_once_at_its_end(town: Municipality) -> None:
    pen = await town.pen("lucia")
    lamps = [pen.capture("lampara", **inside(1)) for _ in range(3)]
    await town.append(*lamps)
    assert await town.intake.backlog() == 3
    writes: list[str] = []
    write = town.intake.delivery.mailboxes.write

    async def seen(account: str, *args: Any, **members: Any) -> int:
        writes.append(account)
        return await write(account, *args, **members)

    town.intake.delivery.mailboxes.write = seen  # type: ignore[method-assign]
    await town.intake.take_in_bulk()
    await town.intake.fill_mailboxes()
    assert sorted(writes) == sorted(ACCOUNTS)
    assert await town.intake.backlog() == 0
    held = (await town.ack("lucia"))["items"]
    assert {item[0] for item in held} == {lamp["_id"] for lamp in lamps}
    await town.assert_sound()
    await town.capture("lucia", "lampara", **inside(1))
    await town.assert_sound()


async def test_a_large_import_cut_short_is_delivered_at_the_next_start(town: Municipality) -> None:
    pen = await town.pen("lucia")
    lamp = pen.capture("lampara", **inside(1))
    await town.append(lamp)
    await town.intake.upkeep.postpone()
    await town.intake.run_until_idle()
    assert await town.holders(subject_of(lamp)) == {}
    await town.intake.close()
    town.intake = await town.open_intake()
    assert (await town.holders(subject_of(lamp)))["lucia"] == "full"
    assert (await town.ack("lucia"))["items"]
    await town.assert_sound()


async def test_a_mailbox_over_its_cap_says_how_many_there_are(town: Municipality) -> None:
    await town.databases.reference.put({**await town.databases.reference.get("settings"), "mailbox_cap": 2})
    reports = [await town.capture("lucia", "lampara", **inside(1)) for _ in range(3)]
    await town.intake.run_until_idle()
    told = {key: (await town.mailbox(key)).get("held") for key in ("lucia", "norma", "luz1")}
    assert told["lucia"] is not None
    assert (told["lucia"]["shown"], told["lucia"]["total"]) == (2, 3)
    await town.assert_sound()
    reports.append(await town.capture("lucia", "lampara", **inside(1)))
    await town.intake.run_until_idle()
    assert (await town.mailbox("lucia"))["held"]["total"] == 4
    await town.assert_sound()
    await town.databases.reference.put({**await town.databases.reference.get("settings"), "mailbox_cap": 50})
    await town.intake.run_until_idle()
    assert "held" not in await town.mailbox("lucia")
    assert len({key for key in await town.mailbox("lucia") if key.startswith("report:")}) == 4
    await town.assert_sound()


async def test_a_new_name_in_the_padron_reaches_the_sector_and_leaves_the_ground(town: Municipality) -> None:
    await town.intake.run_until_idle()
    before = await town.mailbox("lucia")
    doc = await town.databases.registry.get("block:b2")
    await town.databases.registry.put({**doc, "name": "Manzana Dos"})
    await town.intake.run_until_idle()
    after = await town.mailbox("lucia")
    assert after["block:b2"]["name"] == "Manzana Dos"
    assert after["block:b2"]["geometry"] == before["block:b2"]["geometry"]
    # Drawn anew, the others keep their forms, which are read again.
    moved = {
        "type": "Polygon",
        "coordinates": [[[x + 1e-4, y] for x, y in doc["geometry"]["coordinates"][0]]],
    }
    await town.databases.registry.put({**await town.databases.registry.get("block:b2"), "geometry": moved})
    await town.intake.run_until_idle()
    last = await town.mailbox("lucia")
    assert last["block:b2"]["geometry"] != after["block:b2"]["geometry"]
    assert last["block:b3"]["geometry"] == before["block:b3"]["geometry"]
    await town.assert_sound()
