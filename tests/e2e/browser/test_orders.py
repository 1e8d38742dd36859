"""What a brigade does besides finishing: refuse, give back, put the pin right, hand the shift over."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Town
from tests.e2e.browser.office import Json, Office
from tests.e2e.browser.phone import PATIENCE, Phone

BRIGADE = re.compile("Cuadrilla Alumbrado 1 Órdenes")
LAMP = "Lámpara apagada"


def order(office: Office, town: Town, street: str) -> Json:
    """A lamp the brigade is sent to by the routing rules."""
    return office.report("luminaria-apagada", town.lat, town.lon, place={"street": street})


def at(brigade: Phone, report: Json) -> None:
    """On the order's page."""
    brigade.go(f"#/report/{report['uuid']}")
    brigade.title(LAMP)


def uncovered(phone: Phone, name: str) -> None:
    """Four corners of a choice, a finger's breadth inside, belong to it and to nothing that lies over it."""
    choice = phone.page.locator("label").filter(has_text=name)
    choice.scroll_into_view_if_needed()
    assert choice.evaluate(
        """(label) => {
          const { left, right, top, bottom } = label.getBoundingClientRect();
          const at = (x, y) => label.contains(document.elementFromPoint(x, y));
          return [left + 8, right - 8].every((x) => at(x, top + 4) && at(x, bottom - 4));
        }"""
    )


def test_refused_returned_and_moved_orders_reach_the_office_with_their_reasons(
    phones: Callable[..., Phone], office: Office, town: Town
) -> None:
    private, foreign, moved = (
        order(office, town, street) for street in ("Privada Fresno 3", "Camino Real 40", "Retorno Sauce 8")
    )
    brigade = phones("brigade").open().enrol_demo(BRIGADE).controlled()
    for report in (private, foreign, moved):
        at(brigade, report)
    brigade.offline()

    at(brigade, private)
    brigade.tap("No procede", role="link")
    brigade.title("¿Por qué no procede?")
    brigade.pick("Es propiedad privada")
    brigade.page.get_by_label("Explique en pocas palabras").fill("El poste es del fraccionamiento")
    brigade.tap("Guardar", exact=True)
    brigade.title("Órdenes")
    # It is no longer to do, before anybody else knows.
    expect(brigade.page.locator(f'[data-report="{private["uuid"]}"]')).to_have_count(0)

    at(brigade, foreign)
    brigade.tap("Devolver la orden", role="link")
    brigade.title("¿Por qué la devuelve?")
    # Without a reason nothing is saved.
    brigade.tap("Guardar", exact=True)
    said_so = brigade.page.get_by_role("alert")
    expect(said_so).to_contain_text("Falta elegir la razón.")
    # What is said covers nothing: the first answer is touched where it stands.
    uncovered(brigade, "No nos corresponde")
    brigade.pick("No nos corresponde")
    brigade.tap("Guardar", exact=True)
    brigade.title("Órdenes")
    expect(brigade.page.locator(f'[data-report="{foreign["uuid"]}"]')).to_have_count(0)

    at(brigade, moved)
    brigade.tap("Corregir el lugar", role="link")
    chart = brigade.page.get_by_role("application")
    chart.focus()
    chart.press("ArrowRight")
    brigade.tap("Guardar", exact=True)
    brigade.title(LAMP)
    brigade.on_phone(3)

    brigade.offline(False)
    brigade.everything_received()
    refused = office.until_status(private["folio"], "not_viable")
    said = next(one for one in refused["timeline"] if one["kind"] == "not_viable")
    assert said["payload"]["reason"] == "private_property"
    back = office.until_that(
        foreign["folio"], lambda report: any(one["kind"] == "returned" for one in report["timeline"])
    )
    assert back["status"] == "captured"
    assert [one["status"] for one in back["assignments"]][:1] == ["returned"]
    right = office.until_that(moved["folio"], lambda report: report["place"]["source"] == "pin")
    assert right["place"]["lon"] > moved["place"]["lon"]


def test_the_next_shift_reads_what_is_open_and_why(
    phones: Callable[..., Phone], office: Office, town: Town
) -> None:
    begun, waiting, untouched = (
        order(office, town, street) for street in ("Privada Olmo 5", "Calle Encino 14", "Andador Pirul 2")
    )
    brigade = phones("brigade").open().enrol_demo(BRIGADE).controlled()
    for report in (begun, waiting, untouched):
        at(brigade, report)
    brigade.offline()
    at(brigade, begun)
    brigade.tap("Empezar")
    expect(brigade.page.get_by_role("button", name="Terminar")).to_be_visible()
    at(brigade, waiting)
    brigade.tap("No se pudo")
    brigade.pick("En una semana")
    brigade.tap("Falta material")
    brigade.title(LAMP)

    brigade.go("#/")
    brigade.tap("Más", role="link")
    brigade.tap(re.compile("^Relevo"), role="link")
    brigade.title("Relevo de turno")
    for band, report in (("En proceso", begun), ("En pausa", waiting), ("Sin empezar", untouched)):
        group = brigade.page.locator("section").filter(has=brigade.page.get_by_role("heading", name=band))
        expect(group.locator(f'[data-report="{report["uuid"]}"]')).to_be_visible()
    brigade.see("Faltan por enviar 2 cosas")
    # No share sheet here: the list is copied, to be pasted where it is wanted.
    brigade.context.grant_permissions(["clipboard-read", "clipboard-write"])
    brigade.tap("Compartir la lista")
    brigade.page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('Relevo')")
    told = str(brigade.page.evaluate("navigator.clipboard.readText()"))
    line = next(one for one in told.splitlines() if "Calle Encino 14" in one)
    assert "Falta material" in line
    assert "Regresar" in line
    brigade.offline(False)
    brigade.everything_received()
    paused = office.until_that(
        waiting["folio"], lambda report: any(one["kind"] == "visited" for one in report["timeline"])
    )
    assert paused["assignments"][0]["return_on"]


def to_its_end(page: Page, *reports: Json) -> None:
    """The whole list, which draws a screen of itself first, once all of these have come."""
    more = page.get_by_role("button", name=re.compile(r"^Ver \d+ más$"))
    cards = [page.locator(f'[data-report="{report["uuid"]}"]') for report in reports]
    patience = time.monotonic() + PATIENCE / 1000
    while more.count() or not all(card.count() for card in cards):
        assert time.monotonic() < patience, "the list never came to its end"
        # At once or not at all: what comes meanwhile may draw the list, and this button, anew.
        more.evaluate_all("(found) => found[0]?.click()")
        page.wait_for_timeout(50)


def test_orders_stand_by_deadline_where_one_asks_for_it(
    phones: Callable[..., Phone], office: Office, brigade_office: Office, town: Town
) -> None:
    # What was said makes it an emergency; its kind still has days to spare.
    graver = office.report("luminaria-prendida", town.lat, town.lon, text="Además huele a gas")
    soon = office.report("luminaria-danada", town.lat, town.lon)
    between = office.report("luminaria-intermitente", town.lat, town.lon)
    assert graver["priority"] < soon["priority"]
    assert soon["due_at"] < between["due_at"] < graver["due_at"]
    brigade = phones("brigade").open().enrol_demo(BRIGADE).controlled()
    brigade.everything_received()
    cards = brigade.page.locator("[data-report]")
    to_its_end(brigade.page, graver, soon, between)
    brigade.offline()
    brigade_office.pull()
    held = brigade_office.reports()

    def shown() -> list[str]:
        return [str(card.get_attribute("data-report")) for card in cards.all()]

    by_priority = shown()
    assert by_priority.index(graver["uuid"]) < by_priority.index(soon["uuid"])
    brigade.taps = 0
    brigade.pick("Plazo")
    assert brigade.taps == 1
    expect(cards.first).not_to_have_attribute("data-report", by_priority[0])
    by_deadline = shown()
    assert by_deadline.index(soon["uuid"]) < by_deadline.index(graver["uuid"])
    dues = [held[report]["due_at"] or "9" for report in by_deadline]
    assert dues == sorted(dues)
    assert len(set(dues)) > 2


def test_a_glove_finds_every_button_and_the_way_out_without_scrolling(
    phones: Callable[..., Phone], office: Office, town: Town
) -> None:
    report = office.report("luminaria-apagada", town.lat, town.lon)
    brigade = phones("brigade").open().enrol_demo(BRIGADE).controlled()
    at(brigade, report)
    # The block by the name that goes with the report (a brigade holds none): no id stands in for one.
    expect(brigade.page.get_by_text(re.compile(r"Manzana \d+")).first).to_be_visible()
    expect(brigade.page.get_by_text(re.compile(r"\bm-\d+"))).to_have_count(0)
    brigade.page.evaluate("window.scrollTo(0, 0)")
    for name in ("Salir por riesgo", "Cómo llegar", "Empezar", "No se pudo"):
        expect(brigade.page.get_by_text(name, exact=True)).to_be_in_viewport(ratio=1)
    acts = ("pause", "finish", "note", "viable", "return")
    for screen in ("#/", f"#/report/{report['uuid']}", *(f"#/order/{act}/{report['uuid']}" for act in acts)):
        brigade.go(screen)
        expect(brigade.page.get_by_role("heading", level=1)).to_be_visible()
        brigade.page.locator("main").get_by_text(re.compile(r"\w")).first.wait_for()
        assert brigade.page.evaluate(TOO_SMALL) == [], screen


#: What a glove must touch, lower than 64 px. Header and tabs have their own measure (visual direction).
TOO_SMALL = """() => [...document.querySelectorAll(
    "main button, main a[href], main .input, main .choice, .foot__act > *")]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 63.5)
  .map((node) => `${node.className}: ${node.innerText}`)"""
