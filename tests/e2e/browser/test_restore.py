"""A backup is restored under a phone that goes on working: what came after it comes back by itself, once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Playwright

from tests.e2e.browser.conftest import LEADER
from tests.e2e.browser.office import Office
from tests.e2e.browser.phone import Phone
from tests.e2e.browser.proxy import network
from tests.e2e.browser.test_capture import lamp
from tests.e2e.conftest import ROOT, Town, running_town


def manzana(folder: Path, *words: str) -> str:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "server", *words], env={**kept, "DATA_DIR": str(folder / "data")},
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_what_the_backup_lacks_comes_back_from_the_phone(playwright: Playwright, tmp_path: Path) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    with network("http://127.0.0.1:1") as net:
        phone = Phone(playwright, net.url, tmp_path / "phone")
        try:
            with running_town(folder) as town:
                net.target = town.url
                phone.open().enrol_demo(LEADER).controlled()
                provisional = [lamp(phone)]
                received(phone)
                made = manzana(folder, "backup", str(tmp_path / "backups")).partition(": ")[0]
                provisional.append(lamp(phone))
                received(phone)
                folios = folios_of(town, provisional)
                net.cut()
            # The machine is lost with everything in it but its folio ledger.
            (folder / "data" / "engine").rename(tmp_path / "lost")
            shutil.rmtree(folder / "data" / "evidence")
            manzana(folder, "restore", made)
            with running_town(folder) as town:
                net.target = town.url
                net.cut(down=False)
                phone.go("#/outbox")
                phone.page.get_by_role("button", name="Enviar ahora").click()
                assert folios_of(town, provisional) == folios
                received(phone)
                for uuid, folio in folios:
                    phone.go(f"#/report/{uuid}")
                    phone.see(folio)
        finally:
            phone.kill()
        assert phone.errors == []


def received(phone: Phone) -> None:
    phone.go("#/")
    phone.everything_received()


def folios_of(town: Town, provisional: list[str]) -> list[tuple[str, str]]:
    """Ids and folios of these reports in the municipality's own word, each report there exactly once."""
    office = Office(town.url, town.leader)
    try:
        held = [office.until(folio, ["captured"]) for folio in provisional]
        assert [len(office.found(folio)) for folio in provisional] == [1] * len(provisional)
        return [(report["uuid"], report["folio"]) for report in held]
    finally:
        office.close()
