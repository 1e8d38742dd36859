"""The days of a brigade, of Protección Civil, of a sector leader and of the desk, end to end."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browser.office import Office
from tests.e2e.browser.phone import Phone
from tests.e2e.browser.test_capture import lamp

BRIGADE = "Cuadrilla Alumbrado 1"
CIVIL = re.compile("Urgencias y operativo")
SECTOR = re.compile("Su cuartel y el padrón")
DESK = re.compile("Clasifica, asigna")


def test_a_brigade_closes_what_a_leader_reported_and_the_leader_verifies(
    leader: Phone, phones: Callable[..., Phone], office: Office
) -> None:
    folio = lamp(leader)
    report = office.until_any(folio)
    leader.tap("Listo")

    brigade = phones("brigade").open().enrol_demo(re.compile(BRIGADE + " Órdenes")).controlled()
    brigade.title("Órdenes")
    brigade.pick("Distancia")
    brigade.page.locator(f'[data-report="{report["uuid"]}"]').click()
    brigade.title("Lámpara apagada")
    expect(brigade.page.get_by_role("link", name="Cómo llegar")).to_have_attribute(
        "href", re.compile(r"^geo:")
    )
    brigade.offline()
    brigade.tap("Empezar")
    brigade.see("Guardado en este teléfono")

    # "No se pudo" in two taps, with its reason and return date.
    brigade.taps = 0
    brigade.tap("Pausa")
    brigade.tap("Falta material")
    assert brigade.taps == 2
    brigade.title("Lámpara apagada")
    brigade.tap("Seguir trabajando")
    brigade.tap("Terminar")
    brigade.page.locator(".glove input[type=radio]").first.check()
    brigade.tap("Tomar foto")
    brigade.tap("Tomar la foto")
    expect(brigade.page.get_by_role("img", name="Foto 1")).to_be_visible()
    brigade.see(re.compile("Está en el lugar"))
    brigade.page.get_by_label("Material", exact=True).fill("Foco LED 100 W")
    brigade.tap("Guardar terminado")
    brigade.title("Órdenes")
    brigade.kill()
    brigade.open(offline=True)
    brigade.on_phone(4)
    brigade.offline(False)
    brigade.everything_received()

    done = office.until(folio, ["captured", "started", "visited", "started", "finished"])
    assert done["status"] == "finished"
    leader.pick(re.compile(r"^Verificar"))
    leader.page.locator(f'[data-report="{report["uuid"]}"]').click()
    leader.title("¿Quedó bien?")
    # What was there before stands beside what there is now.
    expect(leader.page.locator(".compared section").first).to_contain_text("Antes")
    expect(leader.page.locator(".compared section").last).to_contain_text("Después")
    expect(leader.page.locator(".compared section").last.locator("img")).to_have_count(1)
    leader.tap("No quedó")
    leader.pick("Sigue igual")
    leader.page.get_by_label("Dígalo con sus palabras").fill("No prende de noche")
    leader.tap("Guardar: no quedó")
    office.until_status(folio, "reopened")


def test_leaving_for_risk_needs_one_tap_and_no_proof(
    leader: Phone, phones: Callable[..., Phone], office: Office
) -> None:
    office.until_any(lamp(leader))
    brigade = phones("brigade").open().enrol_demo(re.compile(BRIGADE + " Órdenes")).controlled()
    brigade.offline()
    brigade.page.locator("[data-report]").first.click()
    brigade.taps = 0
    brigade.tap("Salir por riesgo")
    assert brigade.taps == 1
    brigade.see("Salgan ya")
    brigade.on_phone(1)
    brigade.go("#/handover")
    brigade.see("Relevo de turno")
    brigade.see("Faltan por enviar 1 cosa")


def test_proteccion_civil_takes_groups_and_records(phones: Callable[..., Phone]) -> None:
    officer = phones("officer").open().enrol_demo(CIVIL).controlled()
    officer.title("Tablero")
    officer.offline()
    officer.pick(re.compile("^Sin tomar"))
    card = officer.page.locator("[data-report]").first
    group = officer.page.locator("button.card").first
    if not card.is_visible():
        group.click()
    card.click()
    officer.tap("Yo lo atiendo")
    officer.see("Lo atiende")
    officer.tap("Cambiar prioridad", role="link")
    officer.page.locator("main button:enabled").first.click()
    officer.tap("Registrar acciones", role="button")
    officer.page.get_by_role("checkbox", name="Acordonamiento").check()
    officer.page.get_by_role("checkbox", name="Ambulancia").check()
    officer.page.get_by_label("Personas atendidas").fill("4")
    officer.page.get_by_label("Folio del 911").fill("911-2231")
    officer.tap("Guardar", exact=True)
    officer.see("Acciones registradas")
    officer.on_phone(3)
    officer.go("#/select")
    boxes = officer.page.get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(1).check()
    officer.see("2 elegidos")
    officer.tap("A un operativo")
    officer.page.get_by_label("Nombre del operativo").fill("Lluvia de la tarde")
    officer.tap("Abrir y sumar")
    officer.title("Tablero")
    officer.on_phone(6)
    officer.offline(False)
    officer.everything_received()
    officer.tap(re.compile("Lluvia de la tarde"), role="link")
    officer.title("Lluvia de la tarde")
    officer.see("2 reportes")


def test_a_sector_leader_reads_calls_and_proposes(phones: Callable[..., Phone]) -> None:
    chief = phones("chief").open().enrol_demo(SECTOR).controlled()
    chief.title("Mi cuartel")
    chief.offline()
    chief.tap("Padrón", role="link")
    chief.title("Padrón")
    chief.pick(re.compile("^Sin jefe"))
    chief.page.locator("a.item").first.click()
    chief.tap("Proponer a una persona")
    chief.page.get_by_role("checkbox", name="La persona acepta").check()
    chief.page.get_by_label("Nombre de la persona").fill("Irma Solís Téllez")
    chief.page.get_by_label("Teléfono").fill("4420001122")
    chief.tap("Guardar propuesta")
    chief.on_phone(1)
    chief.offline(False)
    chief.everything_received()
    chief.go("#/registry")
    chief.pick(re.compile("^Con jefe"))
    chief.page.locator("a.item").first.click()
    expect(chief.page.get_by_role("link", name="Llamar")).to_have_attribute("href", re.compile(r"^tel:"))
    wa = chief.page.get_by_role("link", name="WhatsApp")
    expect(wa).to_have_attribute("href", re.compile(r"^https://wa\.me/52\d{10}$"))


def test_a_sector_leader_gives_a_code_for_a_new_phone(phones: Callable[..., Phone]) -> None:
    chief = phones("chief").open().enrol_demo(SECTOR).controlled()
    chief.everything_received()
    chief.go("#/registry")
    chief.pick(re.compile("^Con jefe"))
    chief.page.locator("a.item").first.click()
    block = chief.page.get_by_role("heading", level=1).inner_text()
    # Something unsent is on the phone when it is tried without signal.
    chief.offline()
    chief.tap("Proponer un cambio")
    chief.page.get_by_role("checkbox", name="La persona acepta").check()
    chief.page.get_by_label("Nombre de la persona").fill("Irma Solís Téllez")
    chief.tap("Guardar propuesta")
    chief.on_phone(1)
    chief.page.locator("a.item").first.click()
    chief.title(block)
    chief.tap("Dar código de reposición")
    chief.see(re.compile("Para dar un código hace falta señal.*No se perdió nada"))
    expect(chief.page.locator(".code")).to_have_count(0)
    chief.title(block)
    chief.on_phone(1)
    chief.offline(False)
    chief.everything_received()
    chief.tap("Dar código de reposición")
    expect(chief.page.locator(".code")).to_have_text(re.compile(r"^\d{4} \d{4}$"))
    expect(chief.page.get_by_role("img", name="Código QR para inscribir el teléfono")).to_be_visible()
    chief.see(re.compile("^Sirve hasta"))

    # It opens the leader's account on a new phone, once.
    digits = chief.page.locator(".code").inner_text()
    new = phones("new").open()
    new.page.get_by_label("Código de ocho cifras").fill(digits)
    new.tap("Entrar", exact=True)
    new.title("Mi manzana")
    thief = phones("thief").open()
    thief.page.get_by_label("Código de ocho cifras").fill(digits)
    thief.tap("Entrar", exact=True)
    expect(thief.page.get_by_role("alert")).not_to_be_empty()
    expect(thief.page.get_by_role("heading", level=1)).to_have_text("Inscribir este teléfono")


def test_the_desk_classifies_what_nobody_knew(
    leader: Phone, phones: Callable[..., Phone], office: Office
) -> None:
    leader.tap("Nuevo reporte")
    leader.tap(re.compile("No sé qué es"))
    leader.page.get_by_label("Cuéntelo con sus palabras").fill("Hay un tubo raro tirando agua")
    leader.offline()
    leader.tap("Guardar", exact=True)
    leader.title("Guardado")
    folio = leader.folio()
    leader.offline(False)
    report = office.until(folio, ["captured"])

    desk = phones("desk").open().enrol_demo(DESK).controlled()
    desk.title("Tablero")
    # The first pull is over: what nobody knew is on this phone too.
    desk.everything_received()
    desk.offline()
    desk.go(f"#/report/{report['uuid']}")
    desk.tap("Clasificar")
    desk.page.get_by_role("searchbox").fill("fuga de agua")
    desk.page.locator("main button").filter(has_text="Fuga de agua").first.click()
    desk.see("Clasificado")
    # The report leaves the desk with this: the next one is on the board.
    desk.title("Tablero")
    desk.offline(False)
    desk.everything_received()
    assert office.until(folio, ["captured", "amended"])["family"] == "leak"
