"""A Chromium for measuring: fresh profiles, a line and a processor as slow as asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    raise SystemExit("bench-pwa needs Chromium on PATH")


@dataclass(frozen=True)
class Line:
    """Round trip in milliseconds, rates in bits per second; -1 is unthrottled."""

    name: str
    rtt: int = 0
    down: int = -1
    up: int = -1


LOOPBACK = Line("loopback")
#: Lighthouse's "slow 4G", the line the aims are stated for.
SLOW_4G = Line("150 ms, 1.6 Mbit/s", 150, 1_600_000, 750_000)


@contextmanager
def opened(playwright: Playwright, folder: Path) -> Iterator[BrowserContext]:
    context = playwright.chromium.launch_persistent_context(
        str(folder),
        executable_path=chromium(),
        args=FLAGS,
        viewport={"width": 360, "height": 640},
        locale="es-MX",
        timezone_id="America/Mexico_City",
        permissions=["geolocation"],
    )
    context.set_default_timeout(60_000)
    try:
        yield context
    finally:
        context.close()


def session(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def throttle(page: Page, line: Line) -> None:
    cdp = session(page)
    cdp.send("Network.enable")
    cdp.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": line.rtt,
            "downloadThroughput": -1 if line.down < 0 else line.down / 8,
            "uploadThroughput": -1 if line.up < 0 else line.up / 8,
        },
    )


def slow_down(page: Page, factor: int) -> None:
    session(page).send("Emulation.setCPUThrottlingRate", {"rate": factor})
