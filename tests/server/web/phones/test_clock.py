"""The machine comes up with another year: no session ends by it before the phones' clocks agree with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import httpx2
import pytest

from server.operations.housekeeping import tidy
from server.settings import Settings
from tests.device import Device, Refused
from tests.server.conftest import SetClock
from tests.server.serving import Served, serve
from tests.server.web.phones.conftest import found_town

LEADERS = ("lucia", "marta", "pedro", "norma")


@contextmanager
def a_run(settings: Settings, clock: SetClock, phones: dict[str, Device]) -> Iterator[Served]:
    """The service on its data folder, with phones that keep their tokens and their own clocks."""
    with serve(settings, clock=clock, intake=True, prepare=None if phones else found_town) as served:
        for account in LEADERS:
            client = httpx2.Client(base_url=served.url)
            if account in phones:
                phones[account].client = client
                continue
            phones[account] = Device(client, clock=clock.now)
            code, _ = served.run(served.context.enrolment.issue_code(account, "mesa"))
            phones[account].enrol(code)
        try:
            yield served
        finally:
            for phone in phones.values():
                phone.client.close()


def test_a_year_ahead_ends_no_session(settings: Settings, clock: SetClock) -> None:
    phones: dict[str, Device] = {}
    with a_run(settings, clock, phones) as served:
        right = clock.now()
    clock.advance(days=365)
    for phone in phones.values():
        phone.clock = lambda: right
    with a_run(settings, clock, phones) as served:
        for phone in phones.values():
            phone.checkin()
            phone.pull()
        assert served.run(tidy(served.context)) == {"acts": 0, "sessions": 0, "talks": 0, "uploads": 0}
        assert served.context.certain.now() - right < timedelta(minutes=1)
    clock.advance(days=-365)
    with a_run(settings, clock, phones) as served:
        assert not served.context.certain.doubted
        for phone in phones.values():
            phone.checkin()


def test_after_a_year_off_the_phones_say_that_it_passed(settings: Settings, clock: SetClock) -> None:
    phones: dict[str, Device] = {}
    with a_run(settings, clock, phones):
        pass
    clock.advance(days=365)
    now: datetime = clock.now()
    with a_run(settings, clock, phones) as served:
        for account in LEADERS[:3]:
            assert served.context.certain.doubted
            phones[account].checkin()
        assert served.context.certain.now() == now
        with pytest.raises(Refused) as refused:
            phones["norma"].checkin()
        assert refused.value.code == "session_expired"
        phones["norma"].renew()
        phones["norma"].checkin()
