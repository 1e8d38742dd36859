"""The manual's pictures, taken from the real app at 360 × 640 before a demonstration municipality.

Run by ``scripts/screenshots``; no test. Every picture is what a person sees after doing what the manual says.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Playwright, expect, sync_playwright

from server.demo.municipality import EVERYDAY_REPORTS
from tests.e2e.browser.phone import Phone

ROOT = Path(__file__).resolve().parents[3]


class Album:
    """Takes pictures of one phone into a folder."""

    def __init__(self, phone: Phone, folder: Path) -> None:
        self.phone, self.folder = phone, folder

    def take(self, name: str, *, scroll: int = 0) -> None:
        page = self.phone.page
        # A screen comes with its heading; until then its part of the app may still be on its way.
        page.locator("h1").first.wait_for()
        # What was just done is said above the screen; the picture is of the screen.
        page.evaluate("document.querySelector('.toast__in')?.click()")
        page.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        page.evaluate(f"window.scrollTo(0, {scroll})")
        page.screenshot(path=self.folder / f"{name}.png", animations="disabled")


def leader(phone: Phone, album: Album) -> None:
    album.take("inscribir")
    phone.enrol_demo(re.compile("captura y da seguimiento")).controlled()
    phone.everything_received()
    album.take("mi-manzana")
    phone.tap("Nuevo reporte")
    album.take("que-pasa")
    phone.tap("Alumbrado")
    album.take("alumbrado")
    phone.tap("Lámpara apagada", exact=True)
    phone.see(re.compile("Aquí"))
    album.take("formulario")
    phone.tap("Cambiar: ¿Dónde es?")
    album.take("donde")
    phone.tap("Señalar en el mapa")
    album.take("pin")
    phone.tap("Es aquí")
    phone.pick("Un vecino")
    phone.page.get_by_text("Aviso de privacidad").first.scroll_into_view_if_needed()
    phone.page.screenshot(path=album.folder / "aviso.png")
    phone.pick("Para mí")
    phone.offline()
    phone.tap("Guardar", exact=True)
    phone.title("Guardado")
    phone.page.get_by_role("img", name=re.compile("QR")).wait_for()
    album.take("guardado")
    phone.go("#/outbox")
    album.take("pendiente")
    phone.offline(False)
    phone.page.get_by_role("button", name="Enviar ahora").click()
    phone.page.locator("[data-custody=accepted], [data-custody=freed]").first.wait_for()
    album.take("recibido")
    phone.go("#/new/urgent")
    phone.page.locator(".tiles button").first.click()
    phone.see("Aléjese.")
    album.take("urgente")
    phone.go("#/map")
    album.take("mapa")
    for name, route in {"mas": "#/more", "ajustes": "#/settings", "cuentas": "#/accounts"}.items():
        phone.go(route)
        album.take(name)
    phone.go("#/")
    phone.pick(re.compile("^Abiertos"))
    phone.page.locator("[data-report]").first.click()
    phone.page.locator("[data-folio]").wait_for()
    album.take("reporte")


def sector(phone: Phone, album: Album) -> None:
    phone.enrol_demo(re.compile("Su cuartel y el padrón"))
    phone.everything_received()
    album.take("mi-cuartel")
    phone.go("#/registry")
    album.take("padron")
    phone.pick(re.compile("^Con jefe"))
    phone.page.locator("a.item").first.click()
    album.take("manzana")


def brigade(phone: Phone, album: Album) -> None:
    phone.enrol_demo(re.compile("Cuadrilla Alumbrado 1 Órdenes"))
    phone.everything_received()
    album.take("ordenes")
    phone.pick("Distancia")  # the nearest is what the leader has just reported
    phone.page.locator("[data-report]").first.click()
    phone.page.locator("[data-folio]").wait_for()
    album.take("orden")
    if phone.page.get_by_role("button", name="Empezar").count():
        phone.tap("Empezar")
    phone.tap("Pausa")
    album.take("pausa")
    phone.page.get_by_role("button", name="Regresar").click()
    phone.tap("Terminar")
    album.take("terminar")
    phone.page.locator(".glove input[type=radio]").first.check()
    phone.tap("Guardar terminado")
    phone.title("Órdenes")
    phone.everything_received()
    phone.go("#/handover")
    album.take("relevo")


def verify(phone: Phone, album: Album) -> None:
    phone.title("Mi manzana")
    expect(phone.page.get_by_role("radio", name=re.compile("^Verificar [1-9]"))).to_be_visible()
    phone.pick(re.compile("^Verificar"))
    phone.page.locator("[data-report]").first.click()
    phone.title("¿Quedó bien?")
    album.take("verificar")


def civil(phone: Phone, album: Album) -> None:
    phone.enrol_demo(re.compile("Urgencias y operativo"))
    phone.everything_received()
    album.take("tablero")
    phone.go("#/select")
    album.take("elegir-varios")
    phone.go("#/")
    if phone.page.locator("button.card").count():
        phone.page.locator("button.card").first.click()
    phone.page.locator("[data-report]").first.click()
    phone.page.locator("[data-folio]").wait_for()
    album.take("urgencia")
    report = phone.page.evaluate("location.hash.split('/')[2]")
    for name, act in {"asignar": "assign", "acciones": "action"}.items():
        phone.go(f"#/triage/{act}/{report}")
        album.take(name)


def desk(phone: Phone, album: Album) -> None:
    phone.enrol_demo(re.compile("Clasifica, asigna"))
    phone.everything_received()
    album.take("ventanilla")


def run(playwright: Playwright, url: str, facts: dict[str, float], scratch: Path, folder: Path) -> None:
    here = {"latitude": facts["lat"], "longitude": facts["lon"], "accuracy": 12}
    for day in (leader, sector, brigade, verify, civil, desk):
        # Whoever verifies is the leader again, on the same phone.
        whose = "leader" if day is verify else day.__name__
        phone = Phone(playwright, url, scratch / whose, geolocation=here).open()
        day(phone, Album(phone, folder))
        phone.kill()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        command = [sys.executable, str(Path(__file__).with_name("town.py"))]
        arguments = [str(scratch / "data"), str(ROOT / "pwa" / "dist"), str(EVERYDAY_REPORTS)]
        with (scratch / "log").open("w") as log:
            town = subprocess.Popen(
                [*command, *arguments],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
            assert town.stdin
            assert town.stdout
            try:
                url = town.stdout.readline().split()[1]
                facts = json.loads((scratch / "data" / "facts.json").read_text())
                with sync_playwright() as playwright:
                    run(playwright, url, facts, scratch, folder)
            finally:
                town.stdin.close()
                town.wait(30)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
