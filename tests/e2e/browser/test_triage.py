"""Protección Civil with several reports at once: duplicates are joined, an incident is opened and closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing

from playwright.sync_api import expect

from tests.e2e.browser.conftest import Town
from tests.e2e.browser.office import Json, Office, account_of
from tests.e2e.browser.phone import Phone

CIVIL = re.compile("Urgencias y operativo")


def urgent(office: Office, town: Town, street: str) -> Json:
    """A chemical spill reported there."""
    return office.report("material-peligroso", town.lat, town.lon, urgent=True, place={"street": street})


def choose(officer: Phone, street: str, count: int) -> None:
    """Ticks the reports of a street among those to choose from."""
    found = officer.page.locator("label").filter(has_text=street)
    expect(found).to_have_count(count)
    for one in found.all():
        one.get_by_role("checkbox").check()


def test_duplicates_are_joined_to_the_first(phones: Callable[..., Phone], office: Office, town: Town) -> None:
    first, second = (urgent(office, town, "Callejón del Aguacate") for _ in range(2))
    officer = phones("officer").open().enrol_demo(CIVIL).controlled()
    officer.tap("Elegir varios")
    choose(officer, "Callejón del Aguacate", 2)
    boxes = officer.page.locator("label").filter(has_text="Callejón del Aguacate").get_by_role("checkbox")
    officer.offline()
    boxes.first.uncheck()
    officer.tap("Es repetido")
    expect(officer.page.get_by_role("alert")).to_contain_text("elija al menos dos")
    boxes.first.check()
    officer.tap("Es repetido")
    officer.title("¿Cuál queda como principal?")
    # The older one is proposed.
    expect(officer.page.get_by_role("radio", checked=True)).to_have_value(first["uuid"])
    officer.tap("Los demás son repetidos")
    officer.title("Derrame de químico o combustible")
    officer.on_phone(1)
    officer.offline(False)
    officer.everything_received()
    joined = office.until_status(second["folio"], "duplicate")
    assert joined["duplicate_of"] == first["uuid"]
    stays = office.until_that(first["folio"], lambda report: second["uuid"] in report["duplicates"])
    assert stays["status"] == "captured"


def test_an_incident_is_opened_and_closed_without_signal(
    phones: Callable[..., Phone], office: Office, town: Town
) -> None:
    spilt = [urgent(office, town, "Puente del Molino") for _ in range(2)]
    officer = phones("officer").open().enrol_demo(CIVIL).controlled()
    officer.tap("Elegir varios")
    choose(officer, "Puente del Molino", 2)
    officer.offline()
    officer.tap("A un operativo")
    officer.page.get_by_label("Nombre del operativo").fill("Derrame del puente")
    officer.tap("Abrir y sumar")
    officer.title("Tablero")
    officer.on_phone(3)
    officer.offline(False)
    officer.everything_received()
    officer.tap(re.compile("Derrame del puente"), role="link")
    officer.title("Derrame del puente")
    officer.see("2 reportes")
    officer.offline()
    officer.tap("Cerrar operativo")
    officer.title("Tablero")
    officer.on_phone(1)
    officer.offline(False)
    officer.everything_received()
    expect(officer.page.get_by_role("link", name=re.compile("Derrame del puente"))).to_have_count(0)
    with closing(Office(town.url, account_of(town.url, "civil_protection"))) as colleague:
        held = colleague.until_document(
            "incident:", lambda doc: doc["name"] == "Derrame del puente" and bool(doc["closed_at"])
        )
    assert sorted(held["reports"]) == sorted(report["uuid"] for report in spilt)


def test_what_was_finished_too_soon_is_opened_again(
    phones: Callable[..., Phone], office: Office, town: Town
) -> None:
    spilt = urgent(office, town, "Calle del Tinaco")
    officer = phones("officer").open().enrol_demo(CIVIL).controlled()
    officer.everything_received()
    officer.offline()
    officer.go(f"#/report/{spilt['uuid']}")
    officer.tap("Terminar", role="link")
    officer.page.get_by_label("Diga qué se hizo").fill("Se retiró el material")
    officer.tap("Guardar terminado")
    officer.title("Tablero")
    officer.go(f"#/report/{spilt['uuid']}")
    officer.tap("Volver a abrir")
    officer.see("El reporte se reabre")
    # The phone itself knows: what can be done with an open report is offered again.
    officer.see("Cambiar prioridad")
    officer.offline(False)
    officer.everything_received()
    office.until_status(spilt["folio"], "reopened")
