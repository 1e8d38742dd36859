"""Compare, then write."""

from __future__ import annotations

import pytest

from server.delivery.mailbox import Mailboxes
from server.feeds.wake import Woken
from server.store.databases import Databases
from sync.errors import EngineError
from sync.interface import ChangesQuery

pytestmark = pytest.mark.anyio


async def test_equal_is_not_written_again_known_or_not(databases: Databases) -> None:
    doc = {"_id": "report:1", "status": "captured"}
    boxes = Mailboxes(databases)
    assert await boxes.write("lucia", {"report:1": doc}, fresh=frozenset({"report:1"})) == 1
    assert await boxes.write("lucia", {"report:1": doc}) == 0
    assert boxes.take_woken() == Woken({"mailbox-lucia-1"})
    another = Mailboxes(databases)
    assert await another.write("lucia", {"report:1": dict(reversed(doc.items()))}) == 0
    assert another.take_woken() == Woken(set())
    assert await another.write("lucia", {"report:1": {**doc, "status": "finished"}}) == 1


async def test_what_was_wrongly_thought_fresh_is_compared_after_all(databases: Databases) -> None:
    doc = {"_id": "report:1", "status": "captured"}
    await Mailboxes(databases).write("lucia", {"report:1": doc})
    boxes = Mailboxes(databases)
    await boxes.write("lucia", {"report:1": {**doc, "status": "finished"}}, fresh=frozenset({"report:1"}))
    assert (await (await boxes.database("lucia")).get("report:1"))["status"] == "finished"


async def test_a_deletion_replicates_and_a_return_is_a_new_revision(databases: Databases) -> None:
    doc = {"_id": "report:1", "status": "captured"}
    boxes = Mailboxes(databases)
    await boxes.write("lucia", {"report:1": doc})
    assert await boxes.write("lucia", {}, ["report:1", "report:never"]) == 1
    assert await boxes.write("lucia", {}, ["report:1"]) == 0
    box = await boxes.database("lucia")
    assert [(row.id, row.deleted) for row in (await box.changes(ChangesQuery())).rows] == [("report:1", True)]
    assert boxes.deleted == {"lucia": 1}
    assert await boxes.write("lucia", {"report:1": doc}) == 1
    assert (await box.get("report:1"))["status"] == "captured"


async def test_made_so_whole_and_in_another_generation(databases: Databases) -> None:
    boxes = Mailboxes(databases)
    wanted = {f"report:{n}": {"_id": f"report:{n}", "n": n} for n in range(1200)}
    await boxes.write("lucia", {"stray": {"_id": "stray"}})
    assert await boxes.make_so("lucia", wanted) == 1201
    assert await boxes.make_so("lucia", wanted) == 0
    assert await boxes.make_so("lucia", wanted, generation=2) == 1200
    assert set(await boxes.contents("lucia", 2)) == set(wanted)
    assert await boxes.holding(["lucia"], ["report:5", "report:x"]) == {"lucia": {"report:5"}}
    boxes.use("lucia", 2)
    await boxes.drop("lucia", 1)
    assert await databases.mailboxes() == [("lucia", 2)]


async def test_some_may_be_left_out_of_what_is_made_so(databases: Databases) -> None:
    boxes = Mailboxes(databases)
    reports = {f"report:{n}": {"_id": f"report:{n}"} for n in range(3)}
    await boxes.write("lucia", reports)
    names = [f"{kind}:{n}" for kind in ("ack", "trouble") for n in range(700)]
    papers = {name: {"_id": name, "kind": "paper"} for name in names}
    assert await boxes.make_so("lucia", papers, but="report:") == 1_400
    assert set(await boxes.contents("lucia", but="report:")) == set(papers)
    assert set(await boxes.contents("lucia")) == set(papers) | set(reports)
    few = {key: papers[key] for key in ("ack:3", "trouble:699")}
    assert await boxes.make_so("lucia", few, but="report:") == 1_398
    assert set(await boxes.contents("lucia")) == set(few) | set(reports)


async def test_what_is_laid_without_a_look_is_one_object_for_many(databases: Databases) -> None:
    boxes = Mailboxes(databases)
    doc = {"_id": "report:1", "status": "captured"}
    other = {"_id": "report:2"}
    assert await boxes.lay({}) == 0
    assert await boxes.lay({"lucia": {"report:1": doc, "report:2": other}, "marta": {"report:1": doc}}) == 3
    assert boxes.take_woken().cards == {"mailbox-lucia-1", "mailbox-marta-1"}
    assert set(await boxes.contents("lucia")) == {"report:1", "report:2"}
    assert await boxes.write("marta", {"report:1": doc}) == 0
    # Wrongly thought absent: compared after all.
    newer = {**doc, "status": "finished"}
    await boxes.lay({"lucia": {"report:1": newer, "report:2": other}})
    assert (await (await boxes.database("lucia")).get("report:1"))["status"] == "finished"
    assert (await (await boxes.database("lucia")).get("report:2"))["_rev"].startswith("1-")


async def test_what_cannot_be_laid_is_an_error(databases: Databases) -> None:
    boxes = Mailboxes(databases)
    await boxes.database("lucia")
    await databases.drop_mailbox("lucia", 1)
    with pytest.raises(EngineError):
        await boxes.lay({"lucia": {"report:1": {"_id": "report:1"}}})


@pytest.mark.parametrize("account", ["lucia", "a.b", "a-1", "x_y.z-2"])
async def test_a_mailboxs_name_tells_its_owner(databases: Databases, account: str) -> None:
    assert databases.mailbox_owner(databases.mailbox_name(account, 12)) == (account, 12)
    with pytest.raises(ValueError):
        databases.mailbox_owner("cases")
