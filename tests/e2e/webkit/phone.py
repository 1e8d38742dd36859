"""A phone whose browser is WebKit, as an iPhone's is: a profile on disk, to be killed and reopened.

Law: whatever a person could not touch is not touched. WebKit's driver cannot take a browser offline, so the
signal is cut in the network before the municipality (``Proxy.cut``), under the service worker all the same.
"""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Self

from tests.e2e.webkit.webdriver import Session

BROWSER = Path(__file__).with_name("browser.py")
#: Of what the page's console says: the rest is the network, cut on purpose.
COMPLAINTS = ("CONSOLE JS ERROR", "CONSOLE SECURITY ERROR")
#: WebKitGTK is built without web app manifests, so it does not know their directive; others need it.
KNOWN = "Unrecognized Content-Security-Policy directive 'manifest-src'"
ENV = {
    "GDK_BACKEND": "x11",
    "NO_AT_BRIDGE": "1",
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
    "LANG": "C.UTF-8",
    "TZ": "America/Mexico_City",
}


def literal(text: str) -> str:
    """``text`` as an XPath 1.0 string."""
    return f'"{text}"' if '"' not in text else f"'{text}'"


def named(name: str, tag: str = "button", *, exact: bool = False) -> str:
    """Where the visible thing with this name is: its label, or else its words."""
    said = literal(name)
    if exact:
        return f"//{tag}[@aria-label={said} or (not(@aria-label) and normalize-space(.)={said})]"
    return f"//{tag}[contains(@aria-label, {said}) or contains(normalize-space(.), {said})]"


class Phone:
    """One phone over a profile folder; ``open`` starts the browser, ``kill`` ends it without a goodbye."""

    def __init__(self, url: str, folder: Path, display: str, position: tuple[float, float]) -> None:
        folder.mkdir(parents=True)
        (folder / "run").mkdir(mode=0o700)
        self.url = url
        self.folder = folder
        self._position = position
        self._env = {**os.environ, **ENV, "DISPLAY": display, "XDG_RUNTIME_DIR": str(folder / "run")}
        self._lives = False
        self.page: Session

    def open(self, path: str = "/") -> Self:
        self._lives = True
        args = [str(self.folder), *map(str, self._position)]
        driver = shutil.which("WebKitWebDriver")
        assert driver
        self.page = Session(driver, BROWSER, args, self._env, self.folder / "log")
        self.page.command("url", {"url": self.url + path})
        return self

    def kill(self) -> None:
        """The system takes the app away: every process of the browser at once, no handler runs."""
        if self._lives:
            self._lives = False
            os.killpg(int((self.folder / "pid").read_text()), signal.SIGKILL)
            self.page.end()

    def errors(self) -> list[str]:
        """What the page's scripts complained of."""
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return [line for line in lines if any(kind in line for kind in COMPLAINTS) and KNOWN not in line]

    # -- what a person does ---------------------------------------------------------------------------

    def tap(self, name: str, tag: str = "button", *, exact: bool = False) -> None:
        self.page.click(named(name, tag, exact=exact))

    def see(self, text: str, where: str = "*") -> None:
        """Until these words are on the screen."""
        self.page.find(f"//{where}[contains(normalize-space(.), {literal(text)})]")

    def title(self, text: str) -> None:
        self.page.find(f"//h1[normalize-space(.)={literal(text)}]")

    def status(self, text: str) -> None:
        """Until the header says so."""
        self.page.find(f"//*[@data-status][contains(normalize-space(.), {literal(text)})]")

    def on_phone(self, count: int) -> None:
        """Until the header says so: where it stands, or without signal that it has yet to go."""
        said = (literal(f"{count} {words}") for words in ("en este teléfono", "sin enviar"))
        either = " or ".join(f"contains(normalize-space(.), {words})" for words in said)
        self.page.find(f"//*[@data-status][{either}]")

    def go(self, route: str) -> None:
        """To a screen, as a bookmark would."""
        self.page.command("url", {"url": f"{self.url}/{route}"})

    def folio(self) -> str:
        return self.page.text("//*[@data-folio]")

    def controlled(self) -> Self:
        """Until the service worker keeps the app: from here it opens without signal."""
        self.page.run(
            """await navigator.serviceWorker.ready;
               if (navigator.serviceWorker.controller) return;
               await new Promise((done) =>
                 navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));"""
        )
        return self
