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
    # With emergencies open inside it asks first.
    officer.see("Dentro siguen abiertas 2 emergencias, de 2 reportes abiertos.")
    officer.tap("Cancelar")
    officer.title("Derrame del puente")
    officer.tap("Cerrar operativo")
    officer.tap("Cerrar de todos modos")
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


#: The app's badge and its voice, noted by the page where the browser has none or would not be heard.
LISTENING = """
  globalThis.heard = { badge: null, tones: 0 };
  navigator.setAppBadge = async (count) => { heard.badge = count; };
  navigator.clearAppBadge = async () => { heard.badge = 0; };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) { heard.tones += 1; return start.apply(this, at); };
"""


def test_an_emergency_that_comes_while_the_board_is_open(
    phones: Callable[..., Phone], office: Office, town: Town
) -> None:
    officer = phones("officer", script=LISTENING).open().enrol_demo(CIVIL).controlled()
    officer.everything_received()
    cards = officer.page.locator("ul.cards > li")
    expect(cards.first).to_be_visible()
    before = officer.page.evaluate("heard.tones")
    assert not officer.page.evaluate("heard.badge")
    came = office.report(
        # Wherever it falls, it is seen by its own street, beside an old one of its kind too.
        "fuga-gas",
        town.lat + 0.004,
        town.lon,
        urgent=True,
        danger=True,
        place={"street": "Calle del Silencio"},
    )
    # Without a touch: in black, marked as new, heard, and above everything that somebody attends.
    first = cards.filter(has_text="Calle del Silencio")
    for words in ("Hay alguien en peligro", "Nuevo", re.compile("Nadie lo ha tomado|Sin tomar 1"), "ahora"):
        expect(first).to_contain_text(words)
    above = cards.all_inner_texts()
    above = above[: next(at for at, card in enumerate(above) if "Calle del Silencio" in card)]
    assert all("peligro" in card and "Lo atiende" not in card for card in above), above
    expect(officer.page.locator(".card:has(.alarm) .light--ok")).to_have_count(0)
    officer.page.wait_for_function(f"heard.tones > {before} && heard.badge === 1")
    if (group := first.locator("button.card")).count():
        group.click()
    first.locator(f'[data-report="{came["uuid"]}"]').click()
    officer.title("Fuga u olor a gas")
    officer.see("Hay alguien en peligro")
    officer.page.wait_for_function("heard.badge === 0")
    # Taken and let go: it waits for somebody again.
    officer.tap("Yo lo atiendo")
    officer.tap("Ya no lo atiendo")
    officer.see("Nadie lo ha tomado")
    officer.everything_received()
    held = office.until_that(
        came["folio"], lambda report: "released" in [one["kind"] for one in report["timeline"]]
    )
    assert (held["status"], held["taken_by"]) == ("captured", [])


def test_a_slip_of_the_thumb_is_taken_back(phones: Callable[..., Phone], office: Office, town: Town) -> None:
    spilt = urgent(office, town, "Calle del Desliz")
    officer = phones("officer").open().enrol_demo(CIVIL).controlled()
    officer.go(f"#/report/{spilt['uuid']}")
    # With signal, too: the act waits for a second thought.
    officer.tap("Yo lo atiendo")
    officer.tap("Deshacer")
    officer.see("Deshecho. No salió de este teléfono.")
    officer.see("Nadie lo ha tomado")
    officer.everything_received()
    # What was typed is there again.
    officer.tap("Terminar", role="link")
    officer.page.get_by_label("Diga qué se hizo").fill("Se retiró el material")
    officer.tap("Guardar terminado")
    officer.title("Tablero")
    officer.tap("Deshacer")
    officer.title("Terminar")
    expect(officer.page.get_by_label("Diga qué se hizo")).to_have_value("Se retiró el material")
    officer.everything_received()
    officer.tap("Guardar terminado")
    officer.title("Tablero")
    office.until_status(spilt["folio"], "finished")
    done = office.reports()[spilt["uuid"]]
    assert [one["kind"] for one in done["timeline"] if not one.get("fact")] == ["captured", "finished"]


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
