"""One document a round, and whoever missed one looks at everything."""

from __future__ import annotations

import pytest

from server.delivery.mailbox import Mailboxes
from server.feeds.wake import NAMED, SLOTS, Rounds, Wake, Woken
from server.store.databases import Databases
from sync.interface import ChangesQuery

pytestmark = pytest.mark.anyio


class Gateway:
    """What a gateway does: read on from where it was."""

    def __init__(self, databases: Databases) -> None:
        self._database = databases.wake
        self._since = "0"
        self._rounds = Rounds()

    async def hear(self) -> Woken | None:
        page = await self._database.changes(ChangesQuery(since=self._since, include_docs=True))
        self._since = page.last_seq
        return self._rounds.woken(page.rows)


async def test_rounds_are_heard_in_turn(databases: Databases) -> None:
    wake, gateway = Wake(databases.wake), Gateway(databases)
    await wake.ring(Woken({"a", "b"}))
    assert await gateway.hear() is None  # What was before it came is not known.
    for n in range(2 * SLOTS):
        await wake.ring(Woken({f"feed-{n}"}))
        assert await gateway.hear() == Woken({f"feed-{n}"})
    await wake.ring(Woken({"x"}))
    await wake.ring(Woken({"y"}))
    assert await gateway.hear() == Woken({"x", "y"})
    assert await gateway.hear() == Woken(set())
    assert (await databases.wake.info()).doc_count == SLOTS


async def test_a_gateway_that_fell_behind_looks_at_everything(databases: Databases) -> None:
    wake, gateway = Wake(databases.wake), Gateway(databases)
    await wake.ring(Woken({"a"}))
    await gateway.hear()
    for n in range(SLOTS + 1):
        await wake.ring(Woken({f"feed-{n}"}))
    assert await gateway.hear() is None
    await wake.ring(Woken({"b"}))
    assert await gateway.hear() == Woken({"b"})


async def test_a_new_intake_goes_on_counting(databases: Databases) -> None:
    gateway = Gateway(databases)
    await Wake(databases.wake).ring(Woken({"a"}))
    await gateway.hear()
    await Wake(databases.wake).ring(Woken({"b"}))
    assert await gateway.hear() == Woken({"b"})


async def test_what_somebody_else_wrote_there_is_written_over(databases: Databases) -> None:
    """By an intake that was not quite dead, say: the round is lost and the next one tells of it."""
    wake, gateway = Wake(databases.wake), Gateway(databases)
    await wake.ring(Woken({"a"}))
    await gateway.hear()
    stored = await databases.wake.get_many([f"round:{slot}" for slot in range(SLOTS)])
    await databases.wake.bulk_docs([{**doc, "names": ["z"]} for doc in stored.values()])
    for n in range(SLOTS):
        await wake.ring(Woken({f"feed-{n}"}))  # The last of them meets the changed slot.
    await wake.ring(Woken({"b"}))
    assert await gateway.hear() is None


async def test_very_many_are_everything(databases: Databases) -> None:
    wake, gateway = Wake(databases.wake), Gateway(databases)
    await wake.ring(Woken({"a"}))
    await gateway.hear()
    await wake.ring(Woken({f"feed-{n}" for n in range(NAMED + 1)}))
    assert await gateway.hear() is None


async def test_a_mailbox_rings_with_its_write(databases: Databases) -> None:
    gateway = Gateway(databases)
    boxes = Mailboxes(databases, Wake(databases.wake))
    await boxes.write("lucia", {"report:1": {"_id": "report:1"}})
    await gateway.hear()
    await boxes.write("tomas", {"report:1": {"_id": "report:1"}})
    assert await gateway.hear() == Woken({"mailbox-tomas-1"})
    await boxes.write("tomas", {"report:1": {"_id": "report:1"}})
    assert await gateway.hear() == Woken(set())
    card = {"_id": "report:2", "view": "card"}
    both = {"report:2": card, "profile": {"_id": "profile"}}
    await boxes.spread({"tomas": {"report:2": card}, "lucia": both}, {})
    assert await gateway.hear() == Woken({"mailbox-lucia-1"}, {"mailbox-tomas-1"})
    await boxes.write("tomas", {}, ["report:2"])
    assert await gateway.hear() == Woken({"mailbox-tomas-1"}), "it is not to be shown longer"
    assert boxes.take_woken() == Woken(set())
