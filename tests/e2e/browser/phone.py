"""A phone: the app in a real Chromium with a profile on disk, so that it can be killed and opened again.

Law: whatever a person could not touch is not touched. The network is cut under the service worker, in the
browser itself; nothing is mocked inside the page.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Playwright, expect

#: The screen everything is designed for (visual direction: 360 × 640).
SCREEN = {"width": 360, "height": 640}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
#: Playwright's own waiting, milliseconds: generous, because other suites share the machine.
PATIENCE = 30_000


def chromium() -> str | None:
    """The system's Chromium, or None."""
    # scripts/test names the one it found.
    named = os.environ.get("MANZANA_CHROMIUM", "chromium")
    for name in (named, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    return None


#: Whether an account's store on this phone holds petition types and its mailbox's first page.
_HOLDS_BOTH_FEEDS = """async () => {
  const done = (ask) => new Promise((yes, no) => {
    ask.onsuccess = () => yes(ask.result);
    ask.onerror = () => no(ask.error);
  });
  const types = IDBKeyRange.bound("type:", "type:\uffff");
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("manzana:")) continue;
    const db = await done(indexedDB.open(name));
    const held = async (feed, range) => {
      for (const store of [`${feed}-a`, `${feed}-b`]) {
        if (!db.objectStoreNames.contains(store)) continue;
        if (await done(db.transaction(store).objectStore(store).count(range))) return true;
      }
      return false;
    };
    try {
      if ((await held("reference", types)) && (await held("mailbox", undefined))) return true;
    } finally {
      db.close();
    }
  }
  return false;
}"""


class Phone:
    """One phone over a profile folder; ``open`` starts the browser, ``kill`` ends it without a goodbye."""

    def __init__(self, playwright: Playwright, url: str, folder: Path, **options: Any) -> None:
        self._playwright = playwright
        self._options = options
        self._script: str | None = options.pop("script", None)
        self._flags: list[str] = options.pop("flags", [])
        self.url = url
        self.folder = folder
        self.context: BrowserContext
        self.page: Page
        #: Errors of the page's scripts: a test that ends with one has failed.
        self.errors: list[str] = []
        #: Requests to anybody else: there must be none.
        self.foreign: list[str] = []
        self.taps = 0

    def open(self, path: str = "/", *, offline: bool = False) -> Phone:
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=chromium(),
            args=[*FLAGS, *self._flags],
            viewport=SCREEN,  # type: ignore[arg-type]
            locale="es-MX",
            timezone_id="America/Mexico_City",
            permissions=["geolocation", "camera"],
            **self._options,
        )
        self.context.set_default_timeout(PATIENCE)
        if self._script:
            self.context.add_init_script(self._script)
        self.context.on("request", self._requested)
        if offline:
            self.context.set_offline(True)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(self.url + path)
        return self

    def later(self, script: str) -> None:
        """The script that the next opening begins with instead."""
        self._script = script

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.url, "blob:", "data:", "chrome-extension:")):
            self.foreign.append(request.url)

    def kill(self) -> None:
        """The system takes the app away: no unload handler runs to its end."""
        self.context.close()

    def offline(self, cut: bool = True) -> None:
        self.context.set_offline(cut)

    # -- what a person does ---------------------------------------------------------------------------

    def tap(self, name: str | re.Pattern[str], role: str = "button", **options: Any) -> None:
        """One tap on what has this accessible name."""
        self.taps += 1
        found = self.page.get_by_role(role, name=name, **options).first  # type: ignore[arg-type]
        # Where it is not there, this says what is.
        expect(found).to_be_visible(timeout=PATIENCE)
        found.click()

    def pick(self, name: str | re.Pattern[str], **options: Any) -> None:
        """One tap on a choice."""
        self.taps += 1
        self.page.get_by_role("radio", name=name, **options).first.check()

    def see(self, text: str | re.Pattern[str]) -> Locator:
        found = self.page.get_by_text(text).first
        expect(found).to_be_visible(timeout=PATIENCE)
        return found

    def title(self, name: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=PATIENCE)

    def go(self, route: str) -> None:
        """To a screen, as a bookmark would."""
        self.page.goto(f"{self.url}/{route}")

    def folio(self) -> str:
        return self.page.locator("[data-folio]").first.inner_text()

    # -- enrolment ------------------------------------------------------------------------------------

    def enrol_demo(self, name: str | re.Pattern[str]) -> Phone:
        """One tap in the demonstration's list, then the role's own first screen."""
        self.tap(name)
        expect(self.page.locator(".tabs")).to_be_visible(timeout=PATIENCE)
        return self

    def controlled(self) -> Phone:
        """Until the service worker keeps the app and both feeds came whole: it needs no signal now."""
        self.page.wait_for_function(
            """async () => !!(await navigator.serviceWorker.ready).active
                 && !!navigator.serviceWorker.controller"""
        )
        self.page.wait_for_function(_HOLDS_BOTH_FEEDS)
        # Stored is not yet shown: a phone cut off in its first round says that it still waits.
        if self.page.locator("[data-status]").count():
            expect(self.page.locator("[data-status]")).not_to_contain_text("Recibiendo", timeout=PATIENCE)
        return self

    def everything_received(self) -> None:
        expect(self.page.locator("[data-status]")).to_contain_text("Todo recibido", timeout=PATIENCE)

    def on_phone(self, count: int) -> None:
        """The header says so: where it stands, or without signal that it has yet to go."""
        expect(self.page.locator("[data-status]")).to_contain_text(
            re.compile(rf"\b{count} (en este teléfono|sin enviar)"), timeout=PATIENCE
        )
