"""A replication carries everything, goes on where it ended, and survives every failure of the line."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sync.embedded import EmbeddedEngine
from sync.errors import DatabaseNotFound, Unavailable
from sync.interface import BulkRow, Database
from sync.replicator import Options, Progress, Replication, replicate
from tests.conformance.history import contents, fill
from tests.sync.replicator.faulty import FINE, LOST, REFUSED, Nth, faulty

pytestmark = pytest.mark.anyio


async def no_pause(seconds: float) -> None:
    assert 0 < seconds <= 60
    await asyncio.sleep(0)


async def test_everything_arrives_and_nothing_twice(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await fill(source)
    seen: list[int] = []
    first = await replicate(source, target, on_progress=lambda progress: seen.append(progress.docs_written))
    assert await contents(target) == await contents(source)
    assert first.progress.docs_read == first.progress.docs_written == first.progress.missing_found > 120
    assert first.progress.bytes > 180_000
    assert seen == sorted(seen)
    again = await replicate(source, target)
    assert again.progress == Progress(
        source_seq=first.source_last_seq, checkpointed_seq=first.source_last_seq
    )
    assert again.as_json()["no_changes"]


async def test_only_what_is_new_is_looked_at(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await source.bulk_docs([{"_id": f"{n}"} for n in range(50)])
    await replicate(source, target)
    await source.put({"_id": "new"})
    again = await replicate(source, target)
    assert again.progress.missing_checked == 1
    assert [entry["docs_written"] for entry in again.history] == [1, 50]


async def test_both_ways_conflicts_meet(engine: EmbeddedEngine) -> None:
    one, two = await engine.create("one"), await engine.create("two")
    rev = await one.put({"_id": "a", "by": "nobody"})
    await replicate(one, two)
    await one.put({"_id": "a", "_rev": rev, "by": "one"})
    await two.put({"_id": "a", "_rev": rev, "by": "two"})
    await replicate(one, two)
    await replicate(two, one)
    assert await contents(one) == await contents(two)
    assert len(await contents(one)) == 2


async def test_filters_have_checkpoints_of_their_own(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await source.bulk_docs([{"_id": f"{n}", "n": n} for n in range(10)])
    await replicate(source, target, doc_ids=("1", "2"))
    await replicate(source, target, selector={"n": {"$gt": 7}})
    assert [row.id for row in (await target.all_docs()).rows] == ["1", "2", "8", "9"]
    await replicate(source, target)
    assert (await target.info()).doc_count == 10


async def test_a_target_made_anew_gets_everything_again(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await source.put({"_id": "a"})
    await replicate(source, target)
    await engine.delete("two")
    target = await engine.create("two")
    await replicate(source, target)
    assert (await target.info()).doc_count == 1


async def test_a_target_set_back_is_not_believed_further_than_it_recorded(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await source.put({"_id": "a"})
    first = await replicate(source, target)
    checkpoint = await target.get_local(first.replication_id)
    await source.put({"_id": "b"})
    await replicate(source, target)
    # A backup from before the second run: neither its document nor its checkpoint.
    await target.purge({"b": [(await target.get("b"))["_rev"]]})
    await target.put_local(
        first.replication_id, {**checkpoint, "_rev": (await target.get_local(first.replication_id))["_rev"]}
    )
    await replicate(source, target)
    assert (await target.info()).doc_count == 2


@pytest.mark.parametrize("fate", [REFUSED, LOST])
async def test_a_failure_at_every_call_is_waited_out(engine: EmbeddedEngine, fate: str) -> None:
    source = await engine.create("one")
    await source.bulk_docs([{"_id": f"{n}"} for n in range(7)])
    inline = {"data": "aGVsbG8=", "content_type": "x/y"}
    rev = await source.put({"_id": "photo", "_attachments": {"a": inline}})
    await source.put({"_id": "photo", "_rev": rev, "_attachments": {"a": {"stub": True}}, "n": 2})
    expected = await contents(source)
    n = 0
    while True:
        n += 1
        target = await engine.create(f"target-{n}")
        nth = Nth(n, fate)
        run = Replication(faulty(source, nth), faulty(target, nth), Options(batch=3, tries=2), pause=no_pause)
        result = await run.run()
        assert await contents(target) == expected, f"failed call {n}"
        if not nth.reached:
            break
        assert result.progress.retries == 1
        assert run.trouble is None
    assert n > 15


@pytest.mark.parametrize("fate", [REFUSED, LOST])
async def test_the_next_run_completes_one_that_died_at_any_call(engine: EmbeddedEngine, fate: str) -> None:
    source = await engine.create("one")
    await source.bulk_docs([{"_id": f"{n}"} for n in range(9)])
    expected = await contents(source)
    n = 0
    while True:
        n += 1
        target = await engine.create(f"target-{n}")
        nth = Nth(n, fate)
        try:
            await Replication(
                faulty(source, nth), faulty(target, nth), Options(batch=3, tries=1), pause=no_pause
            ).run()
        except Unavailable:
            assert nth.reached
            await replicate(source, target)
        assert await contents(target) == expected, f"died at call {n}"
        if not nth.reached:
            break
    assert n > 12


async def test_an_outage_ends_a_run_after_its_tries(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    away = faulty(target, lambda name: REFUSED if name == "revs_diff" else FINE)
    await source.put({"_id": "a"})
    run = Replication(source, away, Options(tries=5), pause=pause, rand=lambda: 1.0)
    with pytest.raises(Unavailable, match="revs_diff is away"):
        await run.run()
    assert pauses == [0.5, 1.0, 2.0, 4.0]
    assert run.progress.checkpointed_seq == "0"


async def test_a_database_that_is_gone_is_no_outage(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await engine.delete("two")
    with pytest.raises(DatabaseNotFound):
        await replicate(source, target)


class _Refusing:
    """A target that refuses some documents in its rows, as a validation function would."""

    def __init__(self, target: Database, error: str) -> None:
        self._target = target
        self._error = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    async def bulk_docs(self, docs: list[bytes], *, new_edits: bool) -> list[BulkRow]:
        rows = await self._target.bulk_docs([doc for doc in docs if b"bad" not in doc], new_edits=new_edits)
        return rows + [BulkRow("bad", None, self._error, "no") for doc in docs if b"bad" in doc]


async def test_what_the_target_refuses_for_good_is_named_and_passed(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await source.bulk_docs([{"_id": "bad"}, {"_id": "good"}])
    result = await replicate(source, _Refusing(target, "forbidden"))  # type: ignore[arg-type] # a double
    assert result.progress.doc_write_failures == 1
    assert result.progress.refused == [("bad", "", "forbidden: no")]
    assert [row.id for row in (await target.all_docs()).rows] == ["good"]


async def test_no_checkpoint_passes_a_write_that_did_not_happen(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await source.bulk_docs([{"_id": "bad"}, {"_id": "good"}])
    refusing: Any = _Refusing(target, "internal_server_error")
    with pytest.raises(Unavailable):
        await Replication(source, refusing, Options(tries=2), pause=no_pause).run()
    assert (await target.local_docs()).rows == []
    await replicate(source, target)
    assert (await target.info()).doc_count == 2


async def test_a_continuous_run_follows_and_ends_when_cancelled(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await source.put({"_id": "before"})
    task = asyncio.ensure_future(replicate(source, target, continuous=True))
    since = "0"
    for doc_id in ("before", "after"):
        if doc_id == "after":
            await source.put({"_id": "after"})
        assert await target.wait_for_change(since, 30)
        page = await target.changes()
        assert page.rows[-1].id == doc_id
        since = page.last_seq
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
