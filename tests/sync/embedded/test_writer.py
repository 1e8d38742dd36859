"""Groups share a commit; each caller has a fate of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import apsw
import pytest

from sync.embedded.writer import PATIENCE, Tx, Writer
from sync.errors import Conflict, StorageFull, Unavailable

pytestmark = pytest.mark.anyio


class Commits:
    """Counts what was committed, and what was told."""

    def __init__(self) -> None:
        self.told: list[dict[int, int]] = []


@pytest.fixture
async def commits() -> Commits:
    return Commits()


@pytest.fixture
async def writer(tmp_path: Path, commits: Commits) -> AsyncIterator[Writer]:
    made = Writer(tmp_path / "x.sqlite3", commits.told.append)
    yield made
    await made.close()


def note(tx: Tx, name: str) -> int:
    tx.db.execute("INSERT INTO locals VALUES (1, ?, 1, x'7d')", (name,))
    seq = tx.next_seq()
    tx.touched[1] = seq
    return seq


def names(tx: Tx) -> list[str]:
    return [str(name) for (name,) in tx.db.execute("SELECT id FROM locals ORDER BY id")]


@pytest.mark.parametrize("heavy", [False, True])
async def test_who_comes_together_shares_a_commit(writer: Writer, commits: Commits, heavy: bool) -> None:
    await writer.submit(lambda tx: note(tx, "first"))
    commits.told.clear()
    works = [writer.submit(partial(note, name=f"{n:02}"), heavy=heavy and n == 19) for n in range(20)]
    sequences = await asyncio.gather(*works)
    assert sequences == list(range(2, 22))
    # One commit, or a few where a slow machine closes the group early; never one each.
    assert len(commits.told) < 20
    assert commits.told[-1] == {1: 21}


@pytest.mark.parametrize("heavy", [False, True])
async def test_one_that_raises_leaves_the_others(writer: Writer, heavy: bool) -> None:
    def refused(tx: Tx) -> None:
        note(tx, "undone")
        raise Conflict

    fates = await asyncio.gather(
        writer.submit(lambda tx: note(tx, "a")),
        writer.submit(refused, heavy=heavy),
        writer.submit(lambda tx: note(tx, "b")),
        return_exceptions=True,
    )
    assert isinstance(fates[1], Conflict)
    assert (fates[0], fates[2]) == (1, 2)
    assert await writer.submit(names) == ["a", "b"]


async def test_a_disk_error_hits_only_who_met_it(writer: Writer) -> None:
    def full(tx: Tx) -> None:
        note(tx, "undone")
        raise apsw.FullError("database or disk is full")

    fates = await asyncio.gather(
        writer.submit(lambda tx: note(tx, "a")),
        writer.submit(full),
        writer.submit(lambda tx: note(tx, "b")),
        return_exceptions=True,
    )
    assert isinstance(fates[1], StorageFull)
    assert await writer.submit(names) == ["a", "b"]


async def test_a_mistake_in_the_work_reaches_its_caller(writer: Writer) -> None:
    with pytest.raises(ZeroDivisionError):
        await writer.submit(lambda tx: 1 // 0)
    assert await writer.submit(lambda tx: note(tx, "a")) == 1


async def test_what_was_given_up_before_it_began_is_not_done(writer: Writer) -> None:
    work = asyncio.ensure_future(writer.submit(lambda tx: note(tx, "a")))
    await asyncio.sleep(0)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert await writer.submit(names) == []


async def test_another_process_at_work_holds_up_no_loop(writer: Writer, tmp_path: Path) -> None:
    other = apsw.Connection(str(tmp_path / "x.sqlite3"))
    other.execute("BEGIN IMMEDIATE")
    work = asyncio.ensure_future(writer.submit(lambda tx: note(tx, "a")))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not work.done()
    other.execute("COMMIT")
    other.close()
    assert await work == 1


async def test_housekeeping_waits_for_writers_and_shares_no_commit(writer: Writer) -> None:
    order: list[str] = []

    def said(tx: Tx, name: str) -> None:
        order.append(name)
        note(tx, name)

    steps = [asyncio.ensure_future(writer.spare(partial(said, name=f"step {n}"))) for n in range(3)]
    puts = [asyncio.ensure_future(writer.submit(partial(said, name=f"put {n}"))) for n in range(3)]
    # They were in line before the steps' turn came, so they go first though they came later.
    held = [seconds for _, seconds in await asyncio.gather(*steps)]
    await asyncio.gather(*puts)
    assert order == ["put 0", "put 1", "put 2", "step 0", "step 1", "step 2"]
    assert all(seconds > 0 for seconds in held)


async def test_a_put_goes_between_two_steps_of_housekeeping(writer: Writer) -> None:
    order: list[str] = []
    loop = asyncio.get_running_loop()
    puts: list[asyncio.Task[None]] = []

    async def put(name: str) -> None:
        await writer.submit(lambda tx: order.append(name))

    def step(tx: Tx, n: int) -> None:
        # A put comes while this step holds the writer, in its thread; the next step is in line already.
        order.append(f"step {n}")
        arrived = threading.Event()

        def come() -> None:
            puts.append(loop.create_task(put(f"put {n}")))
            arrived.set()

        loop.call_soon_threadsafe(come)
        assert arrived.wait(30)

    await asyncio.gather(*(writer.spare(partial(step, n=n)) for n in range(4)))
    await asyncio.gather(*puts)
    assert order == [f"{who} {n}" for n in range(4) for who in ("step", "put")]


async def test_housekeeping_gets_on_beside_endless_writing(writer: Writer) -> None:
    groups = 0

    async def write() -> None:
        nonlocal groups
        while not step.done():
            await writer.submit(lambda tx: None)
            groups += 1

    step = asyncio.ensure_future(writer.spare(lambda tx: groups))
    # Two who never leave the line empty between them.
    await asyncio.gather(write(), write(), write())
    found, _ = await step
    assert found <= 3 * (PATIENCE + 1)


async def test_what_housekeeping_was_refused_reaches_its_caller(writer: Writer) -> None:
    def full(tx: Tx) -> None:
        raise apsw.FullError("database or disk is full")

    with pytest.raises(StorageFull):
        await writer.spare(full)
    assert (await writer.spare(lambda tx: 7))[0] == 7


async def test_a_closed_writer_finishes_its_line_and_takes_no_more(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "y.sqlite3", lambda touched: None)
    works = [asyncio.ensure_future(writer.submit(partial(note, name=str(n)))) for n in range(5)]
    await asyncio.sleep(0)
    await writer.close()
    assert await asyncio.gather(*works) == [1, 2, 3, 4, 5]
    with pytest.raises(Unavailable):
        await writer.submit(names)
    with pytest.raises(Unavailable):
        await writer.spare(names)
