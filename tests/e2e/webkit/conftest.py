"""Phones on WebKitGTK before a screen that nobody sees."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser.proxy import Proxy
from tests.e2e.conftest import Town
from tests.e2e.webkit.phone import ENV, Phone

#: How the demonstration lists its block leader.
LEADER = "captura y da seguimiento"
#: Debian's own Python, which sees Debian's python3-gi; a virtual environment's does not.
SYSTEM_PYTHON = "/usr/bin/python3"
PROBE = """
import gi, sys
gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2
view = WebKit2.WebView()
view.connect("load-changed", lambda view, event: event == WebKit2.LoadEvent.FINISHED and Gtk.main_quit())
view.connect("web-process-terminated", lambda view, reason: sys.exit("its web process ended"))
window = Gtk.Window()
window.add(view)
window.show_all()
view.load_uri("about:blank")
Gtk.main()
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.webkit)
            # Once more where the browser itself may have stumbled; the summary names each that needed it.
            item.add_marker(pytest.mark.flaky(reruns=1))


def _starts(display: str) -> None:
    """Skip, with its own words, where WebKit itself cannot draw an empty page."""
    try:
        probe = subprocess.run(
            [SYSTEM_PYTHON, "-c", PROBE],
            env={**os.environ, **ENV, "DISPLAY": display},
            capture_output=True,
            text=True,
            timeout=120,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"WebKitGTK does not start here: {error}")
    if probe.returncode:
        last = probe.stderr.strip().splitlines()[-1:]
        pytest.skip(f"needs WebKitGTK for {SYSTEM_PYTHON} (Debian: python3-gi, gir1.2-webkit2-4.1): {last}")


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """An X server in memory, on the first free number."""
    for program in ("WebKitWebDriver", "Xvfb"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program} on PATH (Debian: webkit2gtk-driver, xvfb)")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "480x800x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            pytest.skip("Xvfb does not start here")
        _starts(f":{number}")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def phone(display: str, town: Town, net: Proxy, tmp_path: Path) -> Iterator[Phone]:
    """A block leader's phone, enrolled, with the app kept for use without signal; no script fails on it."""
    made = Phone(net.url, tmp_path / "phone", display, (town.lat, town.lon)).open()
    try:
        made.tap(LEADER)
        made.title("Mi manzana")
        yield made.controlled()
    finally:
        made.kill()
    assert made.errors() == []
