"""A phone that has just read its feed to the end is not read to again until somebody rings."""

from __future__ import annotations

import asyncio

import pytest

from server.feeds import feeds as feeds_module
from server.feeds.feeds import Feeds
from server.feeds.wake import Woken
from server.store.databases import Databases
from sync.embedded import open_engine

pytestmark = pytest.mark.anyio


@pytest.fixture
async def feeds(tmp_path_factory: pytest.TempPathFactory) -> Feeds:
    async with await open_engine(tmp_path_factory.mktemp("engine")) as engine:
        return Feeds(await Databases.open(engine))


async def test_an_end_holds_until_the_next_ring(feeds: Feeds) -> None:
    before = feeds.rings("buzon")
    assert not feeds.is_end("buzon", before, "a.1")
    feeds.note_end("buzon", before, "a.1")
    assert feeds.is_end("buzon", before, "a.1")
    for other in ("a.0", "b.1", "", "0", None):
        assert not feeds.is_end("buzon", before, other)
    assert not feeds.is_end("otro", feeds.rings("otro"), "a.1")
    feeds.ring({"buzon"})
    assert not feeds.is_end("buzon", feeds.rings("buzon"), "a.1")


async def test_a_ring_while_the_feed_was_read_counts(feeds: Feeds) -> None:
    before = feeds.rings("buzon")
    feeds.ring({"buzon"})
    feeds.note_end("buzon", before, "a.1")
    assert not feeds.is_end("buzon", feeds.rings("buzon"), "a.1")


async def test_an_end_is_believed_for_some_seconds_only(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds.note_end("buzon", feeds.rings("buzon"), "a.1")
    monkeypatch.setattr(feeds_module, "_BELIEVED", -1.0)
    assert not feeds.is_end("buzon", feeds.rings("buzon"), "a.1")


async def test_who_has_gone_is_not_waited_for_again(feeds: Feeds) -> None:
    gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    gone.set_result(None)
    assert not await feeds.wait("buzon", feeds.rings("buzon"), 60, unless=gone)


async def test_a_card_alone_waits_for_company(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is rung with the next that is urgent, or after a moment; nobody waits for it longer."""
    rung = {name: feeds.rings(name) for name in ("lucia", "marta", "otro")}
    feeds.rouse(Woken({"lucia"}, {"marta"}))
    assert feeds.rings("lucia") == rung["lucia"] + 1
    assert feeds.rings("marta") == rung["marta"]
    feeds.rouse(Woken({"marta"}))
    assert feeds.rings("marta") == rung["marta"] + 1
    monkeypatch.setattr(feeds_module, "CARDS", 0.0)
    await feeds.stop()
    before = feeds.rings("marta")
    feeds.rouse(Woken(set(), {"marta"}))
    assert await feeds.wait("marta", before, 30)
    assert feeds.rings("otro") == rung["otro"] + 1, "rung by nothing but the stop"
    feeds.rouse(None)
    assert feeds.rings("otro") == rung["otro"] + 2
