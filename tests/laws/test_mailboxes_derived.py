"""Law 3, Mailboxes are derived: delete all, rebuild, and their content is the same; repeating writes none."""

from __future__ import annotations

import random
from typing import Any

import pytest

from server.delivery.audit import check, rebuild
from tests.server.intake.day import busy_day
from tests.server.intake.municipality import ACCOUNTS, Municipality

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


async def everything(town: Municipality) -> dict[str, dict[str, Json]]:
    """All mailboxes, without revisions."""
    found = {}
    for account in ACCOUNTS:
        docs = await town.mailbox(account)
        found[account] = {
            key: {name: value for name, value in doc.items() if name != "_rev"} for key, doc in docs.items()
        }
    return found


async def test_mailbox_1_delete_them_all_and_rebuild(town: Municipality) -> None:
    await busy_day(town)
    before = await everything(town)
    await town.intake.close()
    for account, generation in await town.databases.mailboxes():
        await town.databases.drop_mailbox(account, generation)
    findings = await check(town.databases, town.directory, town.clock)
    assert [line for line in findings if line.endswith("missing")] == findings
    assert len(findings) == len(town.intake.delivery.owners())
    town.intake = await town.open_intake()
    assert await rebuild(town.databases, town.intake.delivery) > 0
    assert await everything(town) == before
    assert await rebuild(town.databases, town.intake.delivery) == 0
    await town.assert_sound()


async def test_mailbox_1_whatever_is_spoilt_is_found_and_mended(town: Municipality) -> None:
    made = await busy_day(town)
    before = await everything(town)
    box = await town.databases.mailbox("norma", 1)
    lamp = await box.get(f"report:{made['lamp']}")
    await box.put({**lamp, "status": "finished"})
    await box.delete(f"report:{made['flood']}", (await box.get(f"report:{made['flood']}"))["_rev"])
    await box.put({"_id": f"report:{made['crime']}", "text": "a leak"})
    await town.databases.mailbox("nobody", 7)
    expected = [
        "mailbox of nobody, generation 7: nobody's",
        f"mailbox of norma: report:{made['crime']} should not be there",
        f"mailbox of norma: report:{made['flood']} is missing",
        f"mailbox of norma: report:{made['lamp']} differs in status",
    ]
    assert await check(town.databases, town.directory, town.clock) == sorted(expected)
    town.intake.delivery.mailboxes.forget()
    await rebuild(town.databases, town.intake.delivery)
    assert await everything(town) == before
    await town.assert_sound()


async def test_a_new_generation_has_the_same_content(town: Municipality) -> None:
    await busy_day(town)
    before = await everything(town)
    for account in town.intake.delivery.owners():
        await town.intake.upkeep.regenerate(account)
    await town.intake.run_until_idle()
    assert await everything(town) == before
    assert {generation for _, generation in await town.databases.mailboxes()} == {2}
    await town.assert_sound()


async def test_tombstones_make_a_new_generation(town: Municipality, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.delivery.upkeep.TOMBSTONES", 4)
    lucia = await town.pen("lucia")
    for _ in range(6):
        await town.push(lucia.capture("lampara", lat=21.1203, lon=-101.6796))
    held = [key for key in await town.mailbox("luz1") if key.startswith("report:")]
    for key in held:
        await town.act("luz1", "returned", key.removeprefix("report:"), {"reason": "not_ours"})
    generation = (await town.databases.accounts.get("account:luz1"))["generation"]
    assert generation > 1
    box = await town.databases.mailbox("luz1", generation)
    assert (await box.info()).doc_del_count <= 4
    await town.assert_sound()


@pytest.mark.parametrize("cap", [1, 3, 5])
async def test_over_the_cap_the_oldest_finished_leave_first(town: Municipality, cap: int) -> None:
    settings = await town.databases.reference.get("settings")
    await town.databases.reference.put({**settings, "mailbox_cap": cap})
    await town.intake.run_until_idle()
    made = []
    for number in range(4):
        town.clock.advance(minutes=1)
        made.append(await town.capture("lucia", "lampara", lat=21.1203, lon=-101.6796))
        if number < 2:
            await town.act("luz1", "finished", made[-1], {"done": "listo"})
    held = [key.removeprefix("report:") for key in await town.mailbox("lucia") if key.startswith("report:")]
    expected = {1: made[2:3], 3: made[1:], 5: made}[cap]
    assert sorted(held) == sorted(expected)
    assert ("lucia" in town.intake.delivery.crowding.alarms) == (cap == 1)
    found = await check(town.databases, town.directory, town.clock)
    assert [line for line in found if "more open reports" not in line] == []


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_over_the_cap_every_change_leaves_the_best(town: Municipality, seed: int) -> None:
    """Whatever comes, closes or opens again, more or less urgent, where there is no room for all."""
    settings = await town.databases.reference.get("settings")
    await town.databases.reference.put({**settings, "mailbox_cap": 3})
    await town.intake.run_until_idle()
    draw = random.Random(seed)
    made = [await town.capture("lucia", "lampara", lat=21.1203, lon=-101.6796)]
    for _ in range(60):
        town.clock.advance(minutes=1)
        report = draw.choice(made)
        match draw.randrange(8):
            case 6:
                await town.restart()
                await town.intake.run_until_idle()
            case 7:
                owner = draw.choice(town.intake.delivery.owners())
                await town.intake.delivery.account(owner)
            case 0 | 1 | 2:
                urgent = draw.random() < 0.3
                more = {"urgent": urgent, "lat": 21.1203, "lon": -101.6796}
                made.append(await town.capture("lucia", "lampara", **more))
            case 3:
                await town.act("luz1", "finished", report, {"done": "listo"})
            case 4:
                await town.act("lucia", "reopened", report, {"text": "sigue igual"})
            case _:
                await town.act("lucia", "noted", report, {"text": "sigue"})
        for account in ("lucia", "luz1", "norma", "marta"):
            held = {key for key in await town.mailbox(account) if key.startswith("report:")}
            assert held == {f"report:{kept}" for kept in town.intake.delivery.kept(account).views}
    found = await check(town.databases, town.directory, town.clock)
    assert [line for line in found if "more open reports" not in line] == []


@pytest.mark.parametrize("between", ["nothing", "restart", "whole"])
async def test_what_had_no_room_comes_when_there_is_room_for_all(town: Municipality, between: str) -> None:
    settings = await town.databases.reference.get("settings")
    await town.databases.reference.put({**settings, "mailbox_cap": 3})
    await town.intake.run_until_idle()
    made = [await town.capture("lucia", "lampara", lat=21.1203, lon=-101.6796) for _ in range(4)]
    match between:
        case "restart":
            await town.restart()
            await town.intake.run_until_idle()
        case "whole":
            (marta,) = [owner for owner in town.intake.delivery.owners() if owner.id == "marta"]
            await town.intake.delivery.account(marta)
    await town.act("luz1", "finished", made[0], {"done": "listo"})
    held = {key.removeprefix("report:") for key in await town.mailbox("marta") if key.startswith("report:")}
    assert held == set(made[1:]), "her cards"


async def test_what_closed_long_ago_leaves_by_the_calendar_alone(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", lat=21.1203, lon=-101.6796)
    await town.act("luz1", "finished", report, {"done": "listo"})
    town.clock.advance(days=89)
    await town.intake.run_until_idle()
    assert set(await town.holders(report)) == {"lucia", "norma", "luz1"}
    town.clock.advance(days=3)
    await town.intake.run_until_idle()
    assert await town.holders(report) == {}
    assert (await town.report(report))["status"] == "finished"
    await town.assert_sound()


async def test_a_moved_block_changes_whose_the_cards_are(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", lat=21.1203, lon=-101.6796)
    assert (await town.holders(report))["marta"] == "card"
    far = (await town.databases.registry.get("block:b12"))["geometry"]
    block = await town.databases.registry.get("block:b2")
    await town.databases.registry.put({**block, "geometry": far})
    await town.intake.run_until_idle()
    assert "marta" not in await town.holders(report)
    await town.assert_sound()
