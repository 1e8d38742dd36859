"""A real city from open data: every colonia as the files say, and phones that hold what they should.

18,773 reports pass through intake once for this module; the tests stay in one worker (``xdist_group``).
"""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from playwright.sync_api import sync_playwright

from server.clock import SystemClock
from server.context import open_context
from server.delivery.audit import check
from server.settings import Settings
from sync.interface import AllDocsQuery
from tests.e2e.browser.conftest import DIST
from tests.e2e.browser.phone import Phone, chromium
from tests.real_city.files import ROOT, Hermosillo, compare, init_command, read, write_tables

Json = dict[str, Any]
pytestmark = [pytest.mark.real_city, pytest.mark.xdist_group("hermosillo")]
#: Every document of the mailbox in the app's store (pwa/src/app/storage/account.ts).
HELD = """async ([account, least]) => {
  const db = await new Promise((resolve, reject) => {
    const asked = indexedDB.open("manzana:" + account);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const all = (store) => new Promise((resolve, reject) => {
    const asked = db.transaction(store).objectStore(store).getAll();
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  for (let turns = 0; ; turns += 1) {
    const found = [...await all("mailbox-a"), ...await all("mailbox-b")];
    const reports = found.filter((doc) => doc._id.startsWith("report:"));
    if (reports.length >= least || turns === 600) {
      db.close();
      return reports;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""


#: On the embedded engine, whatever other tests are told of.
EMBEDDED = {name: value for name, value in os.environ.items() if not name.startswith("COUCHDB")}


def manzana(*arguments: str) -> str:
    command = [sys.executable, "-m", "server", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=EMBEDDED, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def city() -> Hermosillo:
    return read()


@pytest.fixture(scope="module")
def data_dir(city: Hermosillo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data of ``manzana init`` over the files."""
    tables = tmp_path_factory.mktemp("hermosillo")
    write_tables(city, tables)
    folder = tables / "data"
    manzana(*init_command(city, folder, tables))
    with (tables / "refused.csv").open(newline="") as file:
        refused = list(csv.reader(file))
    assert refused == [["row", "column", "value", "problem"]]
    yield folder
    shutil.rmtree(folder)


async def _reports(data_dir: Path) -> tuple[list[Json], dict[str, int], list[str]]:
    async with open_context(Settings(data_dir=data_dir)) as context:
        found: list[Json] = []
        start = "report:"
        while True:
            query = AllDocsQuery(startkey=start, endkey="report:\uffff", limit=1000, include_docs=True)
            rows = (await context.databases.cases.all_docs(query)).rows
            found += [orjson.loads(row.doc) for row in rows if row.doc is not None]
            if len(rows) < 1000:
                break
            start = rows[-1].id + "\x00"
        names = [row.id for row in (await context.databases.registry.all_docs()).rows]
        kinds = {
            kind: sum(name.startswith(kind) for name in names) for kind in ("colonia:", "block:", "sector:")
        }
        return found, kinds, await check(context.databases, context.directory, SystemClock())


def test_every_report_has_the_colonia_the_files_say(city: Hermosillo, data_dir: Path) -> None:
    reports, kinds, findings = asyncio.run(_reports(data_dir))
    assert kinds == {"colonia:": 752, "block:": 665, "sector:": 24}
    by_alias = {report["aliases"][0]: report for report in reports}
    assert len(reports) == len(by_alias) == len(city.rows) == 18_773
    for row in city.rows:
        compare(city, row, by_alias[row.folio])
    folios = sorted(int(report["folio"].removeprefix("HMO-")) for report in reports)
    assert folios == list(range(1, 18_774))
    assert sum(bool(report["place"].get("outside")) for report in reports) == 26
    assert findings == []


@pytest.fixture
def service(data_dir: Path) -> Iterator[str]:
    """``manzana serve`` over the city, on a free port."""
    command = [sys.executable, "-m", "server", "serve", "--data-dir", str(data_dir), "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, env=EMBEDDED, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        line = next(line for line in process.stdout if line.startswith("Manzana: "))
        yield line.removeprefix("Manzana: ").strip()
        process.terminate()


def held(phone: Phone, account: str, least: int) -> dict[str, Json]:
    """The reports in the phone's own store, by old folio, once it holds so many (a minute at most)."""
    docs: list[Json] = phone.page.evaluate(HELD, [account, least])
    return {doc["aliases"][0] if doc.get("aliases") else doc["folio"]: doc for doc in docs}


@pytest.mark.browser
def test_phones_hold_what_the_files_say(
    city: Hermosillo, data_dir: Path, service: str, tmp_path: Path
) -> None:
    if chromium() is None:
        pytest.skip("needs Chromium on PATH")
    if not (DIST / ".vite" / "manifest.json").exists():
        pytest.skip("needs the app built (scripts/build)")
    rows = {row.folio: row for row in city.rows}
    block, colonia = city.busiest_block, city.busiest_colonia
    with sync_playwright() as playwright:
        for account in ("jefa", "cuadrilla"):
            said = manzana("account", "code", account, "--data-dir", str(data_dir))
            code = "".join(c for c in said if c.isdigit())[:8]
            phone = Phone(playwright, service, tmp_path / account).open(f"/#enrol={code}")
            try:
                phone.page.locator(".tabs").wait_for()
                if account == "jefa":
                    inside = {row.folio for row in city.rows if block in row.blocks}
                    docs = held(phone, account, len(inside))
                    full = {folio for folio, doc in docs.items() if doc["view"] == "full"}
                    assert inside <= full
                    assert all(city.distance(rows[folio], block) <= 25.1 for folio in full)
                    cards = [doc for doc in docs.values() if doc["view"] == "card"]
                    near = [
                        row
                        for row in city.rows
                        if city.distance(row, block) <= 99.5 and row.folio not in full
                    ]
                    assert len(cards) >= len(near), "open reports within 100 m show as cards"
                else:
                    full = {row.folio for row in city.rows if row.colonia == colonia}
                    docs = held(phone, account, len(full))
                    assert set(docs) == full
                for folio in full:
                    compare(city, rows[folio], docs[folio])
                # And a person finds one of them, without signal.
                phone.controlled()
                phone.offline()
                phone.page.reload()
                phone.page.locator(".tabs").wait_for()
                phone.see("Bache")
                assert phone.errors == []
                assert phone.foreign == []
            finally:
                phone.kill()
