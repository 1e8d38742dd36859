"""A municipality in a process of its own, the network to it, and a second device: for every browser."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.browser.office import Office
from tests.e2e.browser.proxy import Proxy, network

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "pwa" / "dist"


@dataclass(frozen=True)
class Town:
    url: str
    leader: str
    block: str
    lat: float
    lon: float
    #: Says how many days the municipality's clock is ahead of this machine's.
    ahead: Path

    def later(self, days: float) -> None:
        """Time passes in the municipality: every question asked from now on is asked that much later."""
        self.ahead.write_text(str(days))

    @property
    def here(self) -> dict[str, float]:
        """The middle of the leader's block, as a phone's GPS says it."""
        return {"latitude": self.lat, "longitude": self.lon, "accuracy": 12}


@contextmanager
def running_town(folder: Path) -> Iterator[Town]:
    """The municipality of ``folder/data``, made where it is missing, served until the block ends."""
    if not (DIST / ".vite" / "manifest.json").exists():
        pytest.skip("needs the app built (scripts/build)")
    # Its own copy: a build made meanwhile takes no page from under a phone.
    app = folder / "app"
    if not app.exists():
        shutil.copytree(DIST, app)
        shutil.copy2(DIST.parent / "shell.html", app)
    making = Path(__file__).parent / "browser" / "town.py"
    command = [sys.executable, str(making), str(folder / "data"), str(app)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdin
        assert process.stdout
        try:
            said = process.stdout.readline().split()
            assert said[:1] == ["ready"], (folder / "log").read_text()
            facts = json.loads((folder / "data" / "facts.json").read_text())
            yield Town(url=said[1], ahead=folder / "ahead", **facts)
        finally:
            process.stdin.close()
            process.stdout.close()
            process.wait(30)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("town")) as running:
        yield running


@pytest.fixture
def net(town: Town) -> Iterator[Proxy]:
    """The network between phones and the municipality, where faults are made."""
    with network(town.url) as proxy:
        yield proxy


@pytest.fixture
def office(town: Town) -> Iterator[Office]:
    """Another device of the block leader's account: what it is told is what the municipality holds."""
    other = Office(town.url, town.leader)
    yield other
    other.close()
