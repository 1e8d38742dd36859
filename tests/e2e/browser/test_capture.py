"""A block leader's reports: few taps, no signal, killed phones, thirty seconds to undo."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browser.conftest import LEADER, Town
from tests.e2e.browser.office import Office
from tests.e2e.browser.phone import Phone

LAMP = "Lámpara apagada"


def lamp(phone: Phone) -> str:
    """A lamp at one's own corner; gives the provisional folio."""
    phone.tap("Nuevo reporte")
    phone.tap("Alumbrado")
    phone.tap(LAMP, exact=True)
    save(phone)
    return phone.folio()


def save(phone: Phone) -> None:
    phone.tap("Guardar", exact=True)
    phone.title("Guardado")


def test_a_lamp_takes_at_most_five_taps_and_no_typing(leader: Phone, office: Office) -> None:
    leader.offline()
    leader.taps = 0
    folio = lamp(leader)
    assert leader.taps <= 5
    expect(leader.page.get_by_role("img", name=re.compile("Código QR"))).to_be_visible()
    assert re.fullmatch(r"[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}", folio)
    leader.offline(False)
    report = office.until(folio, ["captured"])
    assert report["family"] == "lamp"
    assert report["place"]["source"] in {"gps", "block"}


def test_captured_without_signal_survives_the_phone_and_is_received_once(
    leader: Phone, office: Office, town: Town
) -> None:
    leader.offline()
    folio = lamp(leader)
    leader.see("Guardado en este teléfono")
    leader.on_phone(1)
    leader.kill()
    leader.open(offline=True)
    leader.title("Mi manzana")
    leader.on_phone(1)
    leader.see(LAMP)
    leader.offline(False)
    leader.everything_received()
    report = office.until(folio, ["captured"])
    assert report["folio"]
    leader.page.get_by_role("link", name=re.compile(LAMP)).first.click()
    leader.see("Recibido por el municipio")


def with_a_neighbour(phone: Phone) -> None:
    """A lamp with a photo, words and a neighbour, up to the button that saves it."""
    phone.tap("Nuevo reporte")
    phone.tap("Alumbrado")
    phone.tap(LAMP, exact=True)
    phone.tap("Tomar foto")
    phone.tap("Tomar la foto")
    phone.pick("Un vecino")
    phone.tap("La persona acepta")
    phone.page.get_by_label("Nombre del vecino").fill("Eva Ruiz")
    phone.page.get_by_label("¿Algo más que deban saber?").fill("Parpadea de noche")


def is_whole(phone: Phone) -> None:
    phone.title("Nuevo reporte")
    expect(phone.page.get_by_label("Nombre del vecino")).to_have_value("Eva Ruiz")
    expect(phone.page.get_by_label("¿Algo más que deban saber?")).to_have_value("Parpadea de noche")
    expect(phone.page.get_by_role("img", name="Foto 1")).to_be_visible()


UNDO = re.compile(r"^Deshacer \(\d+ s\)")


def test_what_never_left_is_undone_whole_and_leaves_nothing(leader: Phone, office: Office) -> None:
    leader.everything_received()
    known = set(office.reports())
    leader.offline()
    with_a_neighbour(leader)
    save(leader)
    leader.tap(UNDO)
    is_whole(leader)
    leader.page.get_by_label("¿Algo más que deban saber?").fill("Parpadea siempre")
    save(leader)
    folio = leader.folio()
    leader.offline(False)
    leader.everything_received()
    report = office.until(folio, ["captured"])
    assert report["text"] == "Parpadea siempre"
    # One report, one folio, nothing withdrawn.
    assert set(office.reports()) - known == {report["_id"].removeprefix("report:")}


def test_what_has_left_is_withdrawn_and_its_form_comes_back(leader: Phone, office: Office) -> None:
    with_a_neighbour(leader)
    save(leader)
    folio = leader.folio()
    leader.everything_received()
    leader.tap(UNDO)
    leader.see("El que se envió quedó retirado")
    is_whole(leader)
    assert office.until(folio, ["captured", "withdrawn"])["status"] == "withdrawn"
    save(leader)
    again = leader.folio()
    assert again != folio
    leader.everything_received()
    stays = office.until(again, ["captured"])
    assert (stays["status"], stays["text"]) == ("captured", "Parpadea de noche")


def test_a_draft_outlives_the_app(leader: Phone) -> None:
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.page.get_by_label("Número de poste").fill("P-4471")
    expect(leader.page.get_by_label("Número de poste")).to_have_value("P-4471")
    leader.kill()
    leader.open(offline=True)
    leader.see(re.compile(f"{LAMP}, sin terminar, hoy"))
    leader.tap(re.compile("^Seguir: "))
    expect(leader.page.get_by_label("Número de poste")).to_have_value("P-4471")


def test_nothing_of_one_report_stands_in_the_next(leader: Phone) -> None:
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.page.get_by_label("Número de poste").fill("P-4471")
    titles: list[str | re.Pattern[str]] = [re.compile("Alumbrado"), "¿Qué pasa?", "Mi manzana"]
    for title in titles:
        leader.tap("Regresar")
        leader.title(title)
    leader.tap("Nuevo reporte")
    leader.see(re.compile(f"{LAMP}, sin terminar, hoy"))
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    expect(leader.page.get_by_label("Número de poste")).to_have_value("")
    # Nobody touched this one: it leaves nothing, and the first is thrown away only once asked.
    for _ in range(3):
        leader.tap("Regresar")
    leader.title("Mi manzana")
    expect(leader.page.locator("[data-unfinished]")).to_have_count(1)
    leader.tap(re.compile("^Tirar: "))
    leader.tap("No", exact=True)
    leader.tap(re.compile("^Tirar: "))
    leader.tap("Sí, tirar")
    expect(leader.page.locator("[data-unfinished]")).to_have_count(0)


def test_what_it_is_can_be_corrected_without_losing_what_was_written(leader: Phone) -> None:
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.page.get_by_label("Referencia").fill("portón azul")
    leader.tap(f"Cambiar: {LAMP}")
    leader.tap(re.compile("^No sé qué es"))
    expect(leader.page.get_by_label("Referencia")).to_have_value("portón azul")
    leader.tap("Regresar")
    leader.title(re.compile("Alumbrado"))


def test_two_windows_make_one_report_of_a_draft(leader: Phone, office: Office) -> None:
    leader.offline()
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.page.get_by_label("Número de poste").fill("P-4471")
    leader.see("Nuevo reporte")
    first = leader.page
    second = leader.page.context.new_page()
    second.goto(first.url.split("#")[0])
    second.get_by_role("button", name=re.compile("^Seguir: ")).click()
    expect(second.get_by_label("Número de poste")).to_have_value("P-4471")
    save(leader)
    folio = leader.folio()
    second.get_by_role("button", name="Guardar", exact=True).click()
    expect(second.get_by_text("ya se guardó en otra ventana")).to_be_visible()
    expect(second.get_by_text(folio).first).to_be_visible()
    leader.on_phone(1)


def test_the_same_again_here_makes_two_reports(leader: Phone) -> None:
    leader.offline()
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    offered = leader.page.locator("[data-near]")
    expect(leader.page.get_by_role("button", name="Guardar", exact=True)).to_be_visible()
    before = [card.get_attribute("data-near") for card in offered.all()]
    leader.tap("Guardar y otro igual aquí")
    leader.on_phone(1)
    # Whoever says "another one" is not asked whether it is the one just saved, nearer than all others.
    expect(offered).to_have_count(len(before))
    assert [card.get_attribute("data-near") for card in offered.all()] == before
    save(leader)
    leader.on_phone(2)
    leader.offline(False)
    leader.everything_received()


def test_a_neighbour_is_asked_only_after_the_notice(leader: Phone, office: Office) -> None:
    leader.offline()
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.pick("Un vecino")
    leader.see("Aviso de privacidad")
    expect(leader.page.get_by_label("Nombre del vecino")).to_have_count(0)
    leader.tap("La persona acepta")
    leader.page.get_by_label("Nombre del vecino").fill("Don Beto")
    leader.page.get_by_label("Teléfono", exact=True).fill("4421234567")
    save(leader)
    folio = leader.folio()
    leader.offline(False)
    leader.everything_received()
    report = office.until(folio, ["captured"])
    assert report["for_whom"] == "neighbour"
    assert report["contact"] == {"name": "Don Beto", "phone": "4421234567"}


def test_a_refusal_gives_an_anonymous_report(leader: Phone, office: Office) -> None:
    leader.offline()
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.pick("Un vecino")
    leader.tap("No acepta: anónimo")
    leader.see("Se hará anónimo. El reporte vale igual.")
    save(leader)
    folio = leader.folio()
    leader.offline(False)
    leader.everything_received()
    assert office.until(folio, ["captured"])["for_whom"] == "anonymous"


def test_urgent_asks_for_people_first_and_says_when_nobody_has_it(
    phones: Callable[..., Phone], office: Office
) -> None:
    phone = phones()
    phone.open().enrol_demo(LEADER).controlled()
    phone.page.clock.install()
    phone.offline()
    phone.tap("Nuevo reporte")
    phone.tap("Es urgente")
    phone.page.locator(".tiles button").first.click()
    phone.see("Aléjese.")
    phone.see("¿Hay alguien en peligro?")
    phone.tap("Sí", exact=True)
    expect(phone.page.get_by_role("link", name="Llamar al 911")).to_have_attribute("href", "tel:911")
    phone.tap("Seguir con el reporte")
    phone.tap("Guardar urgente")
    phone.title("Guardado")
    folio = phone.folio()
    # At once: there is no signal, so nobody has it, and nothing says that all is done.
    notice = phone.page.get_by_role("heading", name="Nadie lo ha recibido aún")
    expect(notice).to_be_visible()
    expect(phone.page.get_by_text("Ya puede cerrar la aplicación")).to_have_count(0)
    expect(phone.page.locator(".saved__check use")).to_have_attribute("href", re.compile("siren$"))
    expect(phone.page.get_by_role("link", name="Llamar al 911")).to_have_attribute("href", "tel:911")
    message = phone.page.get_by_role("link", name="Mandar mensaje a la guardia")
    said = re.compile(r"^sms:.*body=URGENTE.*HAY%20ALGUIEN%20EN%20PELIGRO")
    expect(message).to_have_attribute("href", said)
    # It stays, on the first screen too, until somebody has it.
    phone.page.clock.run_for(600_000)
    expect(notice).to_be_visible()
    phone.tap("Listo")
    phone.title("Mi manzana")
    expect(notice).to_be_visible()
    phone.page.clock.resume()
    phone.offline(False)
    report = office.until(folio, ["captured"])
    expect(notice).to_have_count(0)
    phone.everything_received()
    assert report["priority"] == 1
    assert report["danger"] is True


def test_the_urgent_list_has_911_a_search_and_whatever_it_does_not_name(
    leader: Phone, office: Office
) -> None:
    leader.offline()
    leader.go("#/new/urgent")
    expect(leader.page.get_by_role("link", name="Llamar al 911")).to_have_attribute("href", "tel:911")
    drawn = leader.page.locator(".tiles use").evaluate_all("all => all.map((one) => one.href.baseVal)")
    assert len(drawn) > 10
    assert len(set(drawn)) == len(drawn)
    leader.page.get_by_role("searchbox").fill("gas")
    expect(leader.page.get_by_role("button", name="Fuga u olor a gas")).to_be_visible()
    leader.page.get_by_role("searchbox").fill("")
    leader.tap(re.compile("Otra cosa urgente"))
    leader.see("Aléjese.")
    leader.tap("No", exact=True)
    leader.page.get_by_label("Cuéntelo con sus palabras").fill("Se atoró un camión en la vía")
    leader.tap("Guardar urgente")
    leader.title("Guardado")
    folio = leader.folio()
    leader.offline(False)
    leader.everything_received()
    report = office.until(folio, ["captured"])
    assert (report["type"], report["urgent"], report["priority"]) == ("unknown", True, 2)


def test_a_photo_is_taken_in_the_page_and_verified_by_the_municipality(leader: Phone) -> None:
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.tap("Tomar foto")
    leader.tap("Tomar la foto")
    expect(leader.page.get_by_role("img", name="Foto 1")).to_be_visible()
    save(leader)
    leader.go("#/outbox")
    expect(leader.page.get_by_text("Foto 1: verificada").first).to_be_visible()


def test_joining_a_report_nearby_adds_a_voice_not_a_report(leader: Phone, office: Office) -> None:
    first = lamp(leader)
    leader.everything_received()
    leader.tap("Listo")
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.tap("Sumarse a este")
    leader.title(LAMP)
    leader.everything_received()
    assert first
    leader.see("1 persona más lo pidió")


def test_search_forgives_accents_and_typos(leader: Phone) -> None:
    leader.tap("Nuevo reporte")
    leader.page.get_by_role("searchbox").fill("lampra apagda")
    expect(leader.page.get_by_role("button", name=LAMP, exact=True)).to_be_visible()


def test_the_place_by_block_by_pin_and_by_streets(leader: Phone, office: Office) -> None:
    leader.offline()
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.tap("Cambiar: ¿Dónde es?")
    leader.tap("En mi manzana")
    if len(office.documents["profile"]["blocks"]) > 1:
        leader.title("¿En cuál manzana?")
        leader.tap(re.compile("^Manzana"))
    leader.see(re.compile("En su manzana"))
    leader.tap("Cambiar: ¿Dónde es?")
    leader.tap("Señalar en el mapa")
    leader.tap("Es aquí")
    leader.see("Donde puso el pin")
    leader.tap("Cambiar: ¿Dónde es?")
    leader.tap("Decir las calles")
    leader.page.get_by_label("Calle", exact=True).fill("Morelos")
    leader.tap("Listo")
    leader.see("Morelos")
    save(leader)


def test_the_streets_cost_no_more_taps_than_a_pin(leader: Phone, office: Office) -> None:
    leader.offline()
    leader.tap("Nuevo reporte")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    several = len(office.documents["profile"]["blocks"]) > 1

    def pin() -> None:
        leader.tap("Señalar en el mapa")
        leader.tap("Es aquí")
        leader.see("Donde puso el pin")

    def block() -> None:
        leader.tap("En mi manzana")
        if several:
            leader.tap(re.compile("^Manzana"))
        leader.see(re.compile("En su manzana"))

    def streets() -> None:
        leader.tap("Decir las calles")
        leader.title("Decir las calles")
        # The keyboard is open already: nobody touches a field first. Its own key leads to the next one.
        expect(leader.page.get_by_label("Calle", exact=True)).to_be_focused()
        leader.page.keyboard.type("Morelos")
        leader.page.keyboard.press("Tab")
        leader.page.keyboard.type("Juárez y Allende")
        leader.tap("Listo")
        leader.see("Morelos · Juárez y Allende")

    taps = {}
    for way in (pin, block, streets):
        leader.taps = 0
        leader.tap("Cambiar: ¿Dónde es?")
        way()
        taps[way.__name__] = leader.taps
    assert taps["streets"] == taps["pin"] == 3
    assert taps["block"] == (3 if several else 2)
    save(leader)
    folio = leader.folio()
    leader.offline(False)
    place = office.until(folio, ["captured"])["place"]
    assert (place["street"], place["between"]) == ("Morelos", "Juárez y Allende")
