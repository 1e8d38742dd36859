"""Filling many mailboxes at once gives what filling them one by one gives, whatever they held before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.delivery import filling
from sync.embedded import open_engine
from tests.device import citizen_document
from tests.server.intake.municipality import ACCOUNTS, Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


@pytest.fixture(params=[1, 2, 500])
async def town(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Municipality]:
    """Steps of one report, of two, and all in one."""
    monkeypatch.setattr(filling, "PAGE", request.param)
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        yield town


async def reports_of_every_kind(town: Municipality) -> list[str]:
    """Cards, whole copies, own receipts, orders, a citizen's telephone, a finished one."""
    citizen = citizen_document(town.clock.now(), name="Rosa Gil", phone="4771234567")
    await town.databases.citizens.put(citizen)
    made = [
        await town.capture("lucia", "lampara", **inside(1), citizen=citizen["_id"], for_whom="citizen"),
        await town.capture("lucia", "denuncia", **inside(1)),
        await town.capture("marta", "inundacion", **inside(2)),
        await town.capture("pedro", "bache", **inside(12)),
        await town.capture("marta", "unknown", **inside(8), text="No sé qué es"),
    ]
    await town.act("luz1", "finished", made[0], {"done": "listo"})
    made.append(await town.capture("lucia", "lampara", **inside(2), citizen=citizen["_id"]))
    return made


async def fill(town: Municipality) -> int:
    intake = town.intake
    return await intake.upkeep.filling.fill(intake.delivery.owners())


async def everything(town: Municipality) -> dict[str, dict[str, Json]]:
    boxes = {account: await town.mailbox(account) for account in ACCOUNTS}
    for box in boxes.values():
        for doc in box.values():
            del doc["_rev"]
    return boxes


async def test_empty_mailboxes_are_filled_and_full_ones_left_alone(town: Municipality) -> None:
    await reports_of_every_kind(town)
    before = await everything(town)
    assert {doc["view"] for box in before.values() for doc in box.values() if "view" in doc} == {
        "full", "card", "own",
    }  # fmt: skip
    assert any("contact" in doc for doc in before["luz1"].values())
    assert await fill(town) == 0
    for account in ACCOUNTS:
        await town.intake.delivery.mailboxes.drop(account, 1)
    assert await fill(town) == sum(map(len, before.values()))
    assert await everything(town) == before
    assert await fill(town) == 0
    await town.assert_sound()


async def test_what_is_wrong_is_put_right_and_the_rest_not_written(town: Municipality) -> None:
    made = sorted(await reports_of_every_kind(town))
    before = await everything(town)
    box = await town.databases.mailbox("lucia", 1)
    held = sorted(key for key in before["lucia"] if key.startswith("report:"))
    stale = await box.get(held[0])
    await box.put({**stale, "status": "nonsense"})
    missing = await box.get(held[-1])
    await box.delete(held[-1], missing["_rev"])
    # Strays before the first report, between two, behind the last, and among the papers.
    strays = ["report:0", f"report:{made[0]}0", "report:z", "aaa", "zzz"]
    for stray in strays:
        await box.put({"_id": stray})
    # Nothing of it was written by the intake, so nothing of it is known to it.
    written = await fill(town)
    assert written == 2 + len(strays)
    assert await everything(town) == before
    await town.assert_sound()


async def test_a_full_mailbox_keeps_what_it_must(town: Municipality) -> None:
    for number in range(6):
        town.clock.advance(minutes=1)
        report = await town.capture("lucia", "lampara", **inside(1 + number % 2))
        if number % 3 == 0:
            await town.act("luz1", "finished", report, {"done": "listo"})
    settings = await town.databases.reference.get("settings")
    await town.databases.reference.put({**settings, "mailbox_cap": 3})
    # More accounts than are filled one by one.
    assert len(town.intake.delivery.owners()) > 8
    await town.intake.run_until_idle()
    delivery = town.intake.delivery
    held = {key for key in await town.mailbox("lucia") if key.startswith("report:")}
    assert held == {f"report:{report}" for report in delivery.kept("lucia").views}
    assert len(held) == 3
    assert await fill(town) == 0
    await town.intake.delivery.mailboxes.drop("lucia", 1)
    assert await fill(town) > 0
    assert {key for key in await town.mailbox("lucia") if key.startswith("report:")} == held
    # And goes on from there report by report.
    town.clock.advance(minutes=1)
    await town.capture("lucia", "lampara", **inside(1))
    for account in delivery.owners():
        assert await delivery.account(account) == 0


async def test_papers_and_what_is_acknowledged_come_after_every_report(town: Municipality) -> None:
    pen = await town.pen("lucia")
    await town.append(*[pen.capture("lampara", **inside(1)) for _ in range(3)])
    await town.intake.take_in_bulk()
    seen: list[tuple[int, int]] = []
    mailboxes = town.intake.delivery.mailboxes
    write = mailboxes.write

    async def watched(account: str, puts: Any, *args: Any, **members: Any) -> int:
        acknowledged = sum(key.startswith("ack:") for key in puts)
        reports = [key for name in ACCOUNTS for key in await town.mailbox(name) if key.startswith("report:")]
        seen.append((acknowledged, len(reports)))
        return await write(account, puts, *args, **members)

    mailboxes.write = watched  # type: ignore[method-assign]
    told: list[int] = []
    await town.intake.fill_mailboxes(told.append)
    held = sum(key.startswith("report:") for box in (await everything(town)).values() for key in box)
    assert held > 3
    assert [count for acknowledged, count in seen if acknowledged] == [held]
    assert told[-1] == 3
    await town.assert_sound()


@pytest.mark.parametrize("town", [1], indirect=True)
async def test_a_filling_cut_short_is_completed_at_the_next_start(town: Municipality) -> None:
    pen = await town.pen("lucia")
    await town.append(*[pen.capture("lampara", **inside(1)) for _ in range(4)])
    await town.intake.take_in_bulk()

    class Cut(BaseException):
        pass

    def cut(done: int) -> None:
        if done == 2:
            raise Cut

    with pytest.raises(Cut):
        await town.intake.fill_mailboxes(cut)
    assert sum(key.startswith("report:") for key in await town.mailbox("lucia")) == 2
    assert not any(key.startswith("ack:") for key in await town.mailbox("lucia"))
    await town.restart()
    assert len((await town.ack("lucia"))["items"]) == 4
    await town.assert_sound()
