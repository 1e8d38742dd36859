"""First sync of 5,000 documents: the app's pull and PouchDB, in turns, from the same server."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright

from tests.bench.app.browser import LOOPBACK, SLOW_4G, Line, opened, throttle

Json = dict[str, Any]

#: Who pulls, by the name of the table's row: PouchDB's batch size, or None for its defaults.
PULLERS: dict[str, Json] = {
    "the app": {},
    "PouchDB 9, defaults": {"batch": None},
    "PouchDB 9, batch 1,000": {"batch": 1000},
}


def once(playwright: Playwright, url: str, facts: Json, puller: str, line: Line) -> Json:
    """One pull in a fresh browser profile: milliseconds, documents, requests, bytes."""
    with tempfile.TemporaryDirectory() as folder, opened(playwright, Path(folder)) as context:
        page = context.pages[0]
        page.goto(f"{url}/bench/")
        page.wait_for_function("() => window.bench !== undefined")
        throttle(page, line)
        how = PULLERS[puller]
        if not how:
            return dict(page.evaluate("(account) => bench.app(account)", facts["lean"]))
        arguments = [facts["mailbox"], how["batch"]]
        return dict(page.evaluate("([database, batch]) => bench.pouchdb(database, batch)", arguments))


def idle(playwright: Playwright, url: str, facts: Json) -> Json:
    with tempfile.TemporaryDirectory() as folder, opened(playwright, Path(folder)) as context:
        page = context.pages[0]
        page.goto(f"{url}/bench/")
        page.wait_for_function("() => window.bench !== undefined")
        return dict(page.evaluate("(account) => bench.idle(account)", facts["lean"]))


def rows(playwright: Playwright, url: str, facts: Json, rounds: int) -> list[str]:
    """The table's lines. Throttled pulls run once: the line decides them, not the machine's mood."""
    found = [
        "| first sync, 5,000 documents of 600 bytes | line | seconds | requests | KB | slower than the app |"
    ]
    found.append("|---|---|---|---|---|---|")
    for line, times in ((LOOPBACK, rounds), (SLOW_4G, 1)):
        taken: dict[str, list[Json]] = {name: [] for name in PULLERS}
        for _ in range(times):
            for name in PULLERS:
                figure = once(playwright, url, facts, name, line)
                if figure["documents"] < facts["count"]:
                    raise SystemExit(f"{name} pulled {figure['documents']} of {facts['count']} documents")
                taken[name].append(figure)
        seconds = {
            name: statistics.median(one["ms"] for one in list_) / 1000 for name, list_ in taken.items()
        }
        for name, ones in taken.items():
            last = ones[-1]
            kilobytes = last["bytes"] / 1024
            ratio = seconds[name] / seconds["the app"]
            found.append(
                f"| {name} | {line.name} | {seconds[name]:.2f} | {last['requests']} | {kilobytes:.0f} |"
                f" {'' if name == 'the app' else f'{ratio:.1f} ×'} |"
            )
    quiet = idle(playwright, url, facts)
    found.append("")
    found.append(f"An idle sync: {quiet['requests']} request, {quiet['bytes']} bytes with headers.")
    return found
