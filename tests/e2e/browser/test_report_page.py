"""What a block leader does on the page of a report: withdraws it, adds to it, says that the work is well."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.device import instant
from tests.e2e.browser.conftest import Town
from tests.e2e.browser.office import Json, Office
from tests.e2e.browser.phone import Phone

UNKNOWN = "No sé qué es"


def unassigned(leader: Phone, office: Office, words: str) -> Json:
    """What nobody knows how to call, as the desk's: no brigade has it."""
    leader.tap("Nuevo reporte")
    leader.tap(re.compile(UNKNOWN))
    leader.page.get_by_label("Cuéntelo con sus palabras").fill(words)
    leader.tap("Guardar", exact=True)
    leader.title("Guardado")
    report = office.until(leader.folio(), ["captured"])
    assert report["assignments"] == []
    leader.everything_received()
    leader.go(f"#/report/{report['uuid']}")
    leader.see("Recibido por el municipio")
    return report


def test_an_unassigned_report_is_withdrawn_from_its_page(leader: Phone, office: Office) -> None:
    report = unassigned(leader, office, "Hay un bulto raro en la esquina")
    leader.offline()
    leader.tap("Retirar este reporte")
    leader.see("¿Por qué lo retira?")
    leader.tap("Cancelar")
    leader.everything_received()
    leader.tap("Retirar este reporte")
    leader.pick("Ya se resolvió")
    leader.page.get_by_role("dialog").get_by_role("button", name="Retirar este reporte").click()
    leader.see("El reporte quedó retirado.")
    leader.on_phone(1)
    # It is no longer open, before anybody else knows, and cannot be withdrawn again.
    expect(leader.page.get_by_role("button", name="Retirar este reporte")).to_have_count(0)
    leader.kill()
    leader.open(offline=True)
    leader.title("Mi manzana")
    expect(leader.page.locator(f'[data-report="{report["uuid"]}"]')).to_have_count(0)
    leader.offline(False)
    leader.everything_received()
    gone = office.until_status(report["folio"], "withdrawn")
    said = next(one for one in gone["timeline"] if one["kind"] == "withdrawn")
    assert said["payload"] == {"reason": "solved_itself"}


def test_an_assigned_report_cannot_be_withdrawn(leader: Phone, office: Office, town: Town) -> None:
    report = office.report("luminaria-apagada", town.lat, town.lon)
    assert report["assignments"]
    leader.go(f"#/report/{report['uuid']}")
    leader.title("Lámpara apagada")
    expect(leader.page.get_by_role("link", name="Corregir o agregar")).to_be_visible()
    expect(leader.page.get_by_role("button", name="Retirar este reporte")).to_have_count(0)


def test_a_report_is_amended_from_its_page(leader: Phone, office: Office) -> None:
    report = unassigned(leader, office, "Hay una zanja abierta")
    leader.offline()
    leader.tap("Corregir o agregar", role="link")
    leader.title("Corregir reporte")
    # Without a change nothing is saved.
    leader.tap("Guardar", exact=True)
    expect(leader.page.get_by_role("alert")).to_contain_text("No ha cambiado nada todavía.")
    leader.page.get_by_label("Agregue o corrija lo que dijo").fill("La zanja mide dos metros")
    # A killed phone gives back what was typed.
    leader.kill()
    leader.open(f"/#/amend/{report['uuid']}", offline=True)
    words = leader.page.get_by_label("Agregue o corrija lo que dijo")
    expect(words).to_have_value("La zanja mide dos metros")
    leader.page.get_by_label("Referencia").fill("Frente a la tortillería")
    leader.tap("Guardar", exact=True)
    leader.see("La zanja mide dos metros")
    leader.see("Frente a la tortillería")
    leader.on_phone(1)
    leader.offline(False)
    leader.everything_received()
    amended = office.until(report["folio"], ["captured", "amended"])
    assert amended["text"] == "La zanja mide dos metros"
    assert amended["place"]["reference"] == "Frente a la tortillería"
    # What was said first stays in the history.
    first = next(one for one in amended["timeline"] if one["kind"] == "captured")
    assert first["payload"]["text"] == "Hay una zanja abierta"


def test_the_leader_says_that_it_is_done_well(
    leader: Phone, office: Office, brigade_office: Office, town: Town
) -> None:
    report = office.report("luminaria-apagada", town.lat, town.lon, place={"street": "Callejón del Encanto"})
    fix = {"accuracy": 6.0, "taken_at": instant(datetime.now(UTC))}
    far = {"source": "gps", "lat": town.lat + 0.02, "lon": town.lon, **fix}
    brigade_office.act("finished", report["uuid"], {"done": "foco"}, position=far)
    office.until_status(report["folio"], "finished")
    leader.pick(re.compile(r"^Verificar"))
    leader.page.locator(f'[data-report="{report["uuid"]}"]').click()
    leader.title("¿Quedó bien?")
    # What was done, by whom and from where is seen before a word is given.
    closing = leader.page.locator("[data-closing]")
    expect(closing).to_contain_text("Se cambió la lámpara o el foco")
    expect(closing).to_contain_text("Cuadrilla Alumbrado 1")
    expect(closing).to_contain_text("Se cerró lejos del lugar.")
    leader.offline()
    leader.tap("No quedó")
    leader.tap("Guardar: no quedó")
    expect(leader.page.get_by_role("alert")).to_contain_text("Falta decir qué falta")
    leader.tap("Regresar a ver")
    leader.tap("Sí, quedó")
    leader.title("Mi manzana")
    leader.on_phone(1)
    # It waits for nobody's word any longer.
    expect(leader.page.locator(f'[data-report="{report["uuid"]}"]')).to_have_count(0)
    leader.offline(False)
    leader.everything_received()
    done = office.until(report["folio"], ["captured", "finished", "verified"])
    assert done["status"] == "finished"
    assert done["verified"]["solved"] is True
