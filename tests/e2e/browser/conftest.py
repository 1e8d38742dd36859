"""A municipality in a process of its own, and phones that are real browsers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.e2e.browser.office import Office
from tests.e2e.browser.phone import Phone, chromium
from tests.e2e.browser.proxy import Proxy, network

#: How the demonstration lists its block leader.
LEADER = re.compile("captura y da seguimiento")
ROOT = Path(__file__).resolve().parents[3]
DIST = ROOT / "pwa" / "dist"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Town:
    url: str
    leader: str
    block: str
    lat: float
    lon: float

    @property
    def here(self) -> dict[str, float]:
        """The middle of the leader's block, as a phone's GPS says it."""
        return {"latitude": self.lat, "longitude": self.lon, "accuracy": 12}


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Not for the session: while it runs its loop counts as running, and asyncio's tests would find it."""
    if chromium() is None:
        pytest.skip("needs Chromium on PATH")
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    if not (DIST / ".vite" / "manifest.json").exists():
        pytest.skip("needs the app built (scripts/build)")
    folder = tmp_path_factory.mktemp("town")
    command = [sys.executable, str(Path(__file__).with_name("town.py")), str(folder / "data"), str(DIST)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdin
        assert process.stdout
        try:
            said = process.stdout.readline().split()
            assert said[:1] == ["ready"], (folder / "log").read_text()
            yield Town(url=said[1], **json.loads((folder / "data" / "facts.json").read_text()))
        finally:
            process.stdin.close()
            process.stdout.close()
            process.wait(30)


@pytest.fixture
def net(town: Town) -> Iterator[Proxy]:
    """The network between phones and the municipality, where faults are made."""
    with network(town.url) as proxy:
        yield proxy


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
def office(town: Town) -> Iterator[Office]:
    """Another device of the block leader's account: what it is told is what the municipality holds."""
    other = Office(town.url, town.leader)
    yield other
    other.close()


@pytest.fixture
def leader(phones: Callable[..., Phone]) -> Phone:
    """A block leader's phone, enrolled, with the app kept for use without signal."""
    return phones().open().enrol_demo(LEADER).controlled()
