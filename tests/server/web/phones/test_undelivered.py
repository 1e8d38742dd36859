"""A phone that comes before its mailbox was made waits for it, instead of asking again and again."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx2

from server.settings import Settings
from tests.device import Device
from tests.server.conftest import SetClock
from tests.server.serving import serve
from tests.server.web.phones.conftest import found_town


def test_a_longpoll_is_held_until_the_mailbox_is_there(settings: Settings, clock: SetClock) -> None:
    with (
        serve(settings, clock=clock, prepare=found_town) as served,
        httpx2.Client(base_url=served.url) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        context = served.context
        device = Device(client, clock=clock.now)
        code, _ = served.run(context.enrolment.issue_code("lucia", "mesa"))
        device.enrol(code)
        assert device.call("GET", "/sync/mailbox/_changes")["results"] == []
        name = context.databases.mailbox_name("lucia", 1)

        async def wait_for_the_phone() -> None:
            bells = context.feeds._bells
            async with asyncio.timeout(30):
                while name not in bells or not bells[name].waiters:  # noqa: ASYNC110  (nothing tells of it)
                    await asyncio.sleep(0)

        async def deliver() -> None:
            box = await context.databases.mailbox("lucia", 1)
            await box.put({"_id": "profile"})
            context.feeds.ring({name})

        query = {"since": "0", "feed": "longpoll", "timeout": "30000"}
        answer = pool.submit(device.call, "GET", "/sync/mailbox/_changes", params=query, timeout=60)
        served.run(wait_for_the_phone())
        served.run(deliver())
        assert [row["id"] for row in answer.result(60)["results"]] == ["profile"]
