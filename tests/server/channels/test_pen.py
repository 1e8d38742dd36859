"""A page's act goes through the one inbox and the one judge, and a page says what intake said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server.accounts.model import Account
from server.channels.pen import Pen
from server.inbox.taking import Inbox
from server.metrics import Metrics
from server.problems import Problem
from server.store import epoch
from sync.embedded import open_engine
from sync.interface import AllDocsQuery
from tests.server.intake.municipality import Municipality, inside

Json = dict[str, Any]

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Municipality, Pen]]:
    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        pen = pen_of(town, folder)
        yield town, pen
        await pen.stop()


def pen_of(town: Municipality, folder: Path) -> Pen:
    inbox = Inbox(town.databases, town.clock, Metrics())
    return Pen(folder / "pen", town.databases, town.directory, inbox, town.clock)


def who(town: Municipality, account: str) -> Account:
    found = town.directory.account(account)
    assert found is not None
    return found


async def captured(town: Municipality, type_id: str = "unknown") -> str:
    leader = await town.pen("lucia")
    event = leader.capture(type_id, **inside(1))
    await town.push(event)
    return str(event["_id"]).split(":")[1]


async def received(town: Municipality, receipts: int) -> None:
    """Until the inbox holds so many."""
    while (info := await town.databases.inbox.info()).doc_count < receipts:
        await town.databases.inbox.wait_for_change(info.update_seq, 30)


async def notes(town: Municipality, subject: str) -> list[str]:
    timeline = (await report(town, subject))["timeline"]
    return [part["payload"]["text"] for part in timeline if part["kind"] == "noted"]


async def report(town: Municipality, subject: str) -> Json:
    return await town.databases.cases.get(f"report:{subject}")


async def test_pen_1_an_act_waits_for_intakes_word(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, pen):
        subject = await captured(town)
        seen = (await report(town, subject))["events"]
        act = asyncio.create_task(
            pen.act(who(town, "mesa"), "noted", subject, {"text": "Se llamó"}, based_on=seen, patience=30)
        )
        await received(town, 2)
        assert not act.done()
        await town.intake.run_until_idle()
        word = await act
        assert (word.state, word.folio) == ("admitted", "VP-000001")
        assert word.event in (await report(town, subject))["events"]


async def test_without_intake_it_is_received_and_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, pen):
        subject = await captured(town)
        word = await pen.act(who(town, "mesa"), "noted", subject, {"text": "Se llamó"}, patience=0)
        assert word.state == "waiting"
        await town.intake.run_until_idle()
        device = f"mesa~{(await pen._open()).installation}"
        assert (await pen.word(device, word.event)).state == "admitted"


async def test_pen_1_the_same_form_twice_is_one_event(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, pen):
        subject = await captured(town)
        own = "019ac000-0000-7000-8000-00000000000a"
        words = await asyncio.gather(
            *(
                pen.act(who(town, "mesa"), "noted", subject, {"text": "Una vez"}, own=own, patience=0)
                for _ in range(3)
            )
        )
        await town.intake.run_until_idle()
        assert len({word.event for word in words}) == 1
        assert await notes(town, subject) == ["Una vez"]


async def test_what_may_not_be_done_is_refused_with_its_reason(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, pen):
        subject = await captured(town, "lampara")
        act = asyncio.create_task(
            pen.act(who(town, "obras"), "finished", subject, {"done": "Listo"}, patience=30)
        )
        await received(town, 2)
        await town.intake.run_until_idle()
        word = await act
        assert (word.state, word.code) == ("refused", "event_not_allowed")


async def test_what_a_kill_left_sealed_is_offered_by_the_next_run(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, pen):
        subject = await captured(town)

        async def refuse(*_: Any) -> Any:
            raise Problem("unavailable", "the engine is away")

        pen._inbox.take = refuse  # type: ignore[method-assign, assignment]
        first = await pen.act(who(town, "mesa"), "noted", subject, {"text": "Uno"}, patience=0)
        second = await pen.act(who(town, "mesa"), "noted", subject, {"text": "Dos"}, patience=0)
        assert [first.state, second.state] == ["waiting", "waiting"]
        await pen.stop()
        later = pen_of(town, tmp_path)
        await later._open()
        assert await later._offer() == 2
        await town.intake.run_until_idle()
        assert await notes(town, subject) == ["Uno", "Dos"]
        chain = await town.databases.cases.get(f"chain:mesa~{(await later._open()).installation}")
        assert (chain["through"], chain["gaps"]) == (2, [])
        await later.stop()


async def test_a_lost_answer_of_the_inbox_repeats_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, pen):
        subject = await captured(town)
        take = pen._inbox.take

        async def lose(sender: Any, docs: list[Any]) -> Any:
            await take(sender, docs)
            raise Problem("unavailable", "the reply was lost")

        pen._inbox.take = lose  # type: ignore[method-assign]
        await pen.act(who(town, "mesa"), "noted", subject, {"text": "Uno"}, patience=0)
        pen._inbox.take = take  # type: ignore[method-assign]
        await pen.act(who(town, "mesa"), "noted", subject, {"text": "Dos"}, patience=0)
        await town.intake.run_until_idle()
        assert await notes(town, subject) == ["Uno", "Dos"]


async def test_a_restore_gets_again_what_its_backup_had_not(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, pen):
        subject = await captured(town)
        outbox = await pen._open()
        outbox.in_epoch((await epoch.read(town.databases.cases)).epoch)
        await pen.act(who(town, "mesa"), "noted", subject, {"text": "Uno"}, patience=0)
        await town.intake.run_until_idle()
        assert await pen.tidy() == 0, "nothing is backed up yet"
        before = (await town.databases.inbox.all_docs(AllDocsQuery())).rows
        outbox.in_epoch((await epoch.renew(town.databases.cases)).epoch)
        assert await pen._offer() == 1
        await town.intake.run_until_idle()
        assert len((await town.databases.inbox.all_docs(AllDocsQuery())).rows) == len(before) + 1
        assert await notes(town, subject) == ["Uno"]
        await epoch.backed_up(town.databases.cases, 1_000)
        assert await pen.tidy() == 1
