"""Overload sheds pulls, each to another moment, and never pushes."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from server.feeds.feeds import Feeds, place
from server.feeds.turns import Turns
from server.problems import Problem
from tests.device import Refused
from tests.server.intake.municipality import inside
from tests.server.serving import Served
from tests.server.web.phones.conftest import Phones

pytestmark = pytest.mark.anyio


async def test_pulls_take_turns_and_beyond_the_queue_are_shed() -> None:
    turns = Turns(at_once=1, waiting=2, patience=60)
    order: list[int] = []
    first_in, first_out = asyncio.Event(), asyncio.Event()

    async def pull(number: int) -> None:
        async with turns:
            order.append(number)
            first_in.set()
            await first_out.wait()

    tasks = [asyncio.create_task(pull(0))]
    await first_in.wait()
    tasks += [asyncio.create_task(pull(number)) for number in (1, 2)]
    await asyncio.sleep(0)
    assert turns.waiting == 2
    with pytest.raises(Problem) as shed:
        async with turns:
            raise AssertionError("there was no room")
    assert shed.value.status == 503
    assert 5 <= int(shed.value.headers["Retry-After"]) <= 35
    first_out.set()
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2]
    assert turns.waiting == 0


async def test_who_waits_too_long_is_told_to_come_back() -> None:
    turns = Turns(at_once=1, waiting=5, patience=0)
    async with turns:
        with pytest.raises(Problem, match="unavailable"):
            async with turns:
                raise AssertionError("there was no turn")
    async with turns:
        assert turns.waiting == 0


async def test_comings_back_are_spread() -> None:
    turns = Turns()
    assert len({turns.shed().headers["Retry-After"] for _ in range(200)}) > 10


def test_a_full_house_sheds_pulls_and_takes_pushes(phone: Phones, served: Served) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    served.context.turns._most = 0
    with pytest.raises(Refused) as refused:
        lucia.pull()
    assert (refused.value.status, refused.value.code) == (503, "unavailable")
    assert lucia.push([lucia.pen.capture("lampara", **inside(1))])[0]["ok"] is True
    assert lucia.checkin()["time"]


async def test_a_ring_between_looking_and_waiting_is_not_missed() -> None:
    feeds = Feeds(None)  # type: ignore[arg-type]
    rings = feeds.rings("mailbox-a-1")
    feeds.ring({"mailbox-a-1"})
    assert await feeds.wait("mailbox-a-1", rings, 60) is True
    waiting = asyncio.create_task(feeds.wait("mailbox-a-1", feeds.rings("mailbox-a-1"), 60))
    await asyncio.sleep(0)
    feeds.ring({"mailbox-b-1", "mailbox-a-1"})
    assert await waiting is True
    assert await feeds.wait("mailbox-a-1", feeds.rings("mailbox-a-1"), 0) is False


@pytest.mark.parametrize("token", ["x", ".", "abc.", "other.5", "abc", ".5"])
def test_a_token_of_another_feed_is_refused(token: str) -> None:
    with pytest.raises(Problem, match="feed_changed"):
        place(token, "abc")


@pytest.mark.parametrize(("token", "seq"), [(None, "0"), ("0", "0"), ("", "0"), ("abc.5-x.y", "5-x.y")])
def test_a_token_of_this_feed_is_a_place_in_it(token: str | None, seq: str) -> None:
    assert place(token, "abc") == seq


def test_three_hundred_pulls_wait_and_a_push_does_not(served: Served, phone: Phones) -> None:
    """Over real connections, more pulls at once than may wait: pushes go through, the rest are sent away."""
    lucia = phone("lucia")
    assert lucia.pen
    context = served.context
    context.turns = Turns(at_once=1, waiting=200, patience=600)
    headers = {"Authorization": f"Bearer {lucia.token}"}

    async def crowd() -> tuple[list[httpx2.Response], list[httpx2.Response]]:
        limits = httpx2.Limits(max_connections=None)
        async with httpx2.AsyncClient(base_url=served.url, limits=limits, timeout=60) as client:
            async with context.turns:
                pulls = [
                    asyncio.ensure_future(client.get("/sync/mailbox/_changes", headers=headers))
                    for _ in range(300)
                ]
                sent_away: list[httpx2.Response] = []
                for done in asyncio.as_completed(pulls):
                    sent_away.append(await done)
                    if len(sent_away) == 100:
                        break
                assert context.turns.waiting == 200
                pushed = await client.post("/sync/inbox/_bulk_docs", headers=headers, json={"docs": [event]})
                assert pushed.status_code == 201
                assert pushed.json() == [{"ok": True, "id": event["_id"]}]
                assert context.turns.waiting == 200
            answers = await asyncio.gather(*pulls)
            return sent_away, [one for one in answers if one not in sent_away]

    event = lucia.pen.capture("bache", **inside(1))
    sent_away, answered = served.run(crowd())
    assert {answer.status_code for answer in sent_away} == {503}
    assert all(5 <= int(answer.headers["retry-after"]) <= 35 for answer in sent_away)
    assert [answer.status_code for answer in answered] == [200] * 200
