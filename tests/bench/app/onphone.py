"""With 5,000 reports on the phone, offline, its processor slowed four times: start, search, saving, a photo.

Law: every figure is what a person waits for: until the list can be read, until the letter typed shows its
answers, until "Guardado". Chromium's throttle does not reach workers, so a photo is measured unthrottled and
reported times four.
"""

from __future__ import annotations

import io
import random
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.bench.app.browser import opened, session, slow_down

Json = dict[str, Any]

SLOWER = 4
QUERIES = ["bache", "morelos", "lampra", "escuela noche", "HMO-0012"]

#: When the first card of a list was in the page, and the longest time between two frames, since navigation.
WATCH = """
window.seen = {};
window.frames = { longest: 0, last: performance.now(), on: false };
const tick = (now) => {
  if (window.frames.on) window.frames.longest = Math.max(window.frames.longest, now - window.frames.last);
  window.frames.last = now;
  requestAnimationFrame(tick);
};
requestAnimationFrame(tick);
new MutationObserver(() => {
  if (!window.seen.card && document.querySelector('[data-report], button.card')) {
    requestAnimationFrame(() => setTimeout(() => { window.seen.card ??= performance.now(); }));
  }
}).observe(document, { childList: true, subtree: true });
"""

#: Milliseconds from a keystroke to the frame that shows its answers.
KEYSTROKE = """
async (text) => {
  const input = document.querySelector('input[type=search]');
  const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  const taken = [];
  let typed = '';
  for (const letter of text) {
    typed += letter;
    const began = performance.now();
    write.call(input, typed);
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    taken.push(performance.now() - began);
  }
  return taken;
}
"""


#: Documents in an account's mailbox; 0 while the app has not made the store, which opening would make empty.
COUNT = """
async (name) => {
  if (!(await indexedDB.databases()).some((one) => one.name === name && one.version > 1)) return 0;
  const db = await new Promise((r) => { const q = indexedDB.open(name); q.onsuccess = () => r(q.result); });
  const count = await new Promise((r) => {
    const c = db.transaction('mailbox-a').objectStore('mailbox-a').count();
    c.onsuccess = () => r(c.result);
  });
  db.close();
  return count;
}
"""


#: Whether the first screen has been kept for the next start, as it is on a phone in use.
KEPT = """
async (name) => {
  const db = await new Promise((r) => { const q = indexedDB.open(name); q.onsuccess = () => r(q.result); });
  const kept = await new Promise((r) => {
    const k = db.transaction('meta').objectStore('meta').getKey('preview');
    k.onsuccess = () => r(k.result);
  });
  db.close();
  return kept !== undefined;
}
"""


def _enrol(context: BrowserContext, url: str, account: str, count: int) -> Page:
    """The whole phone: enrolled with one tap, everything pulled, the service worker in charge."""
    page = context.pages[0]
    page.goto(url)
    accounts = page.evaluate("async () => (await (await fetch('/api/demo')).json()).accounts")
    name = next(one["name"] for one in accounts if one["account"] == account)
    page.get_by_role("button", name=name).first.click()
    for _ in range(600):
        if page.evaluate(COUNT, f"manzana:{account}") >= count:
            break
        page.wait_for_timeout(200)
    else:
        raise SystemExit("the phone did not pull its documents within two minutes")
    page.wait_for_function(
        "async () => (await navigator.serviceWorker.ready) && navigator.serviceWorker.controller"
    )
    for _ in range(300):
        if page.evaluate(KEPT, f"manzana:{account}"):
            return page
        page.wait_for_timeout(200)
    raise SystemExit("the phone kept no preview of its first screen within a minute")


def _median(work: Callable[[], float], rounds: int) -> float:
    return statistics.median(work() for _ in range(rounds))


def rows(playwright: Playwright, url: str, facts: Json, rounds: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder)
        with opened(playwright, profile) as context:
            _enrol(context, url, facts["whole"], facts["count"])
        starts = {"a leader's": _starts(playwright, profile, url, rounds)}
        for name, who in (("a brigade's", "brigade"), ("Protección Civil's", "officer")):
            with tempfile.TemporaryDirectory() as other:
                with opened(playwright, Path(other)) as context:
                    _enrol(context, url, facts[who], facts["count"])
                starts[name] = _starts(playwright, Path(other), url, rounds)
        with opened(playwright, profile) as context:
            page = _open(context, url)
            page.wait_for_timeout(8000)
            keys = _search(page)
            saving = _median(lambda: _save(page, url), rounds)
            frame = _photo(page, url)["frame"]
            slow_down(page, 1)
            plain = _median(lambda: _photo(page, url)["total"], rounds)
    lines = ["| 5,000 reports on the phone, offline, CPU ÷ 4 | figure | aim |", "|---|---|---|"]
    for name, (elapsed, busy) in starts.items():
        lines.append(
            f"| cold start to {name} first screen · main thread's own time, plain × 4 |"
            f" {elapsed:.0f} · {busy * SLOWER:.0f} ms | 1,500 ms |"
        )
    typical, worst = statistics.median(keys), max(keys)
    lines.append(
        f"| search keystroke, median · worst of {len(keys)} | {typical:.0f} · {worst:.0f} ms | 50 ms |"
    )
    lines.append(f"| from *Guardar* to *Guardado*, on disk | {saving:.0f} ms | 150 ms |")
    lines.append(
        f"| 12-megapixel photo ready (plain × 4) · longest frame | {plain * SLOWER:.0f} · {frame:.0f} ms |"
        " 2,000 · 200 ms |"
    )
    return lines


def _starts(playwright: Playwright, profile: Path, url: str, rounds: int) -> tuple[float, float]:
    """Medians: milliseconds until the list can be read, slowed; the main thread's own until then."""

    def elapsed() -> float:
        with opened(playwright, profile) as context:
            return float(_open(context, url).evaluate("() => window.seen.card"))

    def busy() -> float:
        with opened(playwright, profile) as context:
            page = context.new_page()
            cdp = session(page)
            cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
            _open(context, url, page, slower=1)
            told = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
            return float(told["TaskDuration"]) * 1000

    return _median(elapsed, rounds), _median(busy, rounds)


def _open(context: BrowserContext, url: str, page: Page | None = None, slower: int = SLOWER) -> Page:
    context.set_offline(True)
    context.add_init_script(WATCH)
    page = page or context.new_page()
    slow_down(page, slower)
    page.goto(url)
    page.wait_for_function("() => window.seen.card !== undefined")
    return page


def _search(page: Page) -> list[float]:
    page.goto(page.url.split("#")[0] + "#/search")
    page.wait_for_selector("input[type=search]")
    taken: list[float] = []
    for query in QUERIES:
        taken += page.evaluate(KEYSTROKE, query)
    return taken


def _save(page: Page, url: str) -> float:
    page.goto(f"{url}/#/")
    page.get_by_role("button", name="Nuevo reporte").click()
    page.get_by_role("button", name="Alumbrado").first.click()
    page.get_by_role("button", name="Lámpara apagada", exact=True).click()
    page.get_by_role("button", name="Guardar", exact=True).wait_for()
    page.wait_for_timeout(1000)
    return float(
        page.evaluate(
            """() => new Promise((resolve) => {
              const buttons = [...document.querySelectorAll('button')];
              const button = buttons.find((b) => b.textContent.trim() === 'Guardar');
              const began = performance.now();
              const watch = new MutationObserver(() => {
                if (document.querySelector('[data-folio]')) {
                  watch.disconnect();
                  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
                }
              });
              watch.observe(document, { childList: true, subtree: true });
              button.click();
            })"""
        )
    )


def _photo(page: Page, url: str) -> Json:
    """A detailed 12-megapixel JPEG through the picker: until it is made, and the longest frame meanwhile."""
    page.goto(f"{url}/#/")
    page.get_by_role("button", name="Nuevo reporte").click()
    page.get_by_role("button", name="Alumbrado").first.click()
    page.get_by_role("button", name="Lámpara apagada", exact=True).click()
    picker = page.locator("input[type=file]").first
    picker.wait_for(state="attached")
    ready = """async (account) => {
      const opening = indexedDB.open(account);
      const db = await new Promise((r) => { opening.onsuccess = () => r(opening.result); });
      const count = () => new Promise((r) => {
        const c = db.transaction('photos').objectStore('photos').index('state').count('ready');
        c.onsuccess = () => r(c.result);
      });
      const before = await count();
      window.frames.longest = 0; window.frames.on = true;
      let began = 0;
      const start = () => { began ||= performance.now(); };
      document.addEventListener('change', start, { capture: true, once: true });
      window.photoReady = (async () => {
        while (!began || (await count()) <= before) await new Promise((r) => setTimeout(r, 20));
        const total = performance.now() - began;
        window.frames.on = false;
        db.close();
        return { total, frame: window.frames.longest };
      })();
    }"""
    entries = page.evaluate("() => indexedDB.databases().then((all) => all.map((one) => one.name))")
    account = next(name for name in entries if name.startswith("manzana:"))
    page.evaluate(ready, account)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "foto.jpg"
        file.write_bytes(_picture())
        # By path: bytes handed over would be decoded by the page, at the page's cost.
        picker.set_input_files(file)
        return dict(page.evaluate("() => window.photoReady"))


def _picture() -> bytes:
    chance = random.Random(12)
    small = Image.frombytes("RGB", (400, 300), chance.randbytes(400 * 300 * 3))
    large = small.resize((4000, 3000), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    large.save(out, "JPEG", quality=88)
    return out.getvalue()
