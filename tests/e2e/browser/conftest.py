"""Phones that are a real Chromium, before the municipality of the folder above."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.e2e.browser.office import Office, account_of
from tests.e2e.browser.phone import Phone, chromium
from tests.e2e.conftest import DIST, Town

#: How the demonstration lists its block leader.
LEADER = re.compile("captura y da seguimiento")

#: As patient as every tap: what is on its way is no failure on a busy machine.
expect.set_options(timeout=30_000)

__all__ = ["DIST", "LEADER", "Town"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            # Once more where the browser itself may have stumbled; the summary names each that needed it.
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Not for the session: while it runs its loop counts as running, and asyncio's tests would find it."""
    if chromium() is None:
        pytest.skip("needs Chromium on PATH")
    with sync_playwright() as running:
        yield running


@pytest.fixture
def phones(playwright: Playwright, town: Town, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """Makes phones; at the end none had a script error or asked anybody but the municipality."""
    made: list[Phone] = []

    def make(name: str = "phone", url: str | None = None, **options: Any) -> Phone:
        options.setdefault("geolocation", town.here)
        phone = Phone(playwright, url or town.url, tmp_path / name, **options)
        made.append(phone)
        return phone

    yield make
    for phone in made:
        phone.kill()
    for phone in made:
        assert phone.errors == []
        assert phone.foreign == []


@pytest.fixture
def leader(phones: Callable[..., Phone]) -> Phone:
    """A block leader's phone, enrolled, with the app kept for use without signal."""
    return phones().open().enrol_demo(LEADER).controlled()


@pytest.fixture
def brigade_office(town: Town) -> Iterator[Office]:
    """A second device of the street-light brigade's account."""
    other = Office(town.url, account_of(town.url, "brigade", "Cuadrilla Alumbrado 1"))
    yield other
    other.close()
