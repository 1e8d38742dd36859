"""The whole service on a loopback port, with its intake and the test municipality, and phones that enrol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest

from server.context import Context
from server.settings import Settings
from tests.device import Device
from tests.server.conftest import SetClock
from tests.server.intake.municipality import found
from tests.server.serving import Served, serve

Phones = Callable[..., Device]


async def found_town(context: Context) -> None:
    await found(context.databases)
    await context.directory.refresh()


@pytest.fixture
def served(settings: Settings, clock: SetClock) -> Iterator[Served]:
    with serve(settings, clock=clock, intake=True, prepare=found_town) as served:
        yield served


@pytest.fixture
def phone(served: Served, clock: SetClock) -> Iterator[Phones]:
    """``phone("lucia")`` enrols a phone of that account; several may share an installation."""
    with ExitStack() as stack:

        def make(account: str, installation: str = "") -> Device:
            client = stack.enter_context(httpx2.Client(base_url=served.url))
            device = Device(client, clock=clock.now)
            code, _ = served.run(served.context.enrolment.issue_code(account, "mesa"))
            device.enrol(code, installation)
            return device

        yield make
