"""The office by keyboard in a real Chromium, the pin on the map, and many reports acted on at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.browser.phone import FLAGS, chromium
from tests.e2e.browser.test_office_pages import enter, whole
from tests.e2e.conftest import Town

#: Whether a key alone is taken by the page.
TAKEN = """(key) => !document.body.dispatchEvent(
    new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}))"""


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def desk(browser: Browser, town: Town) -> Iterator[Page]:
    """The desk's supervisor; at the end the page had no script error and no refusal of the policy."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    enter(page, town, "mesa-1")
    yield page
    assert said == []
    context.close()


def focused(page: Page) -> Any:
    return page.evaluate("document.activeElement.getAttribute('href')")


def test_a_list_is_walked_picked_and_opened_by_keys(desk: Page, town: Town) -> None:
    desk.goto(f"{town.url}/gestion/asuntos?solo=abiertos")
    links = desk.eval_on_selector_all("tbody td a", "all => all.map((a) => a.getAttribute('href'))")
    for key, row in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        desk.keyboard.press(key)
        assert focused(desk) == links[row]
    desk.keyboard.press("x")
    button = desk.locator("#lote button")
    expect(button).to_have_text("Actuar sobre los escogidos (1)")
    desk.keyboard.press("x")
    expect(button).to_have_text("Actuar sobre los escogidos")
    desk.keyboard.press("/")
    expect(desk.locator("#q")).to_be_focused()
    desk.keyboard.type("nj?x")
    expect(desk.locator("#q")).to_have_value("nj?x")
    desk.locator("tbody td a").nth(1).focus()
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**{links[1]}")
    desk.keyboard.press("r")
    expect(desk.locator("#responder-medio")).to_be_focused()
    desk.goto(f"{town.url}/gestion/asuntos?solo=abiertos")
    desk.keyboard.press("j")
    desk.keyboard.press("a")
    desk.wait_for_url(f"**{links[0]}#acto-asignar")
    expect(desk.locator("#asignar-a_quien")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.locator("h1").click()
    desk.evaluate("document.activeElement.blur()")
    desk.keyboard.press("n")
    desk.wait_for_url("**/gestion/captura")


def test_keys_are_told_switched_off_and_stay_off(desk: Page, town: Town) -> None:
    desk.goto(f"{town.url}/gestion/asuntos")
    assert desk.evaluate(TAKEN, "j")
    desk.keyboard.press("?")
    expect(desk.locator("dialog.keys")).to_be_visible()
    whole(desk, "teclas")
    assert not desk.evaluate(TAKEN, "j"), "no key while the dialog is open"
    desk.get_by_label("Usar teclas").uncheck()
    desk.get_by_role("button", name="Cerrar").click()
    expect(desk.locator("dialog.keys")).to_be_hidden()
    assert not desk.evaluate(TAKEN, "j")
    desk.reload()
    expect(desk.get_by_role("button", name="Teclas")).to_be_visible()
    assert not desk.evaluate(TAKEN, "?")
    desk.get_by_role("button", name="Teclas").click()
    desk.get_by_label("Usar teclas").check()
    desk.keyboard.press("Escape")
    expect(desk.locator("dialog.keys")).to_be_hidden()
    assert desk.evaluate(TAKEN, "j")


def test_picked_reports_are_acted_on_at_once(desk: Page, town: Town) -> None:
    desk.goto(f"{town.url}/gestion/asuntos?solo=abiertos")
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    desk.keyboard.press("a")
    desk.wait_for_url("**/gestion/lotes/nuevo?folio=*&folio=*")
    desk.select_option("#acto", "anotar")
    desk.click("main button:has-text('Seguir')")
    desk.fill("#texto", "Revisado en junta")
    desk.click("main button:has-text('Ver qué pasaría')")
    expect(desk.locator("[role=status]")).to_contain_text("Se hará en 2")
    desk.click("main button:has-text('Anotar en 2')")
    # The page renews itself until the job has ended.
    expect(desk.locator("main b", has_text="Terminada")).to_be_visible(timeout=60_000)
    expect(desk.locator(".light.green", has_text="Hecho")).to_have_count(2)
    whole(desk, "lote")


def test_a_place_is_pointed_at_on_the_map(desk: Page, town: Town) -> None:
    desk.goto(f"{town.url}/gestion/captura?que=lampara&canal=072")
    desk.select_option("#colonia", index=1)
    desk.locator("details.pin summary").click()
    drawn = desk.locator("details.pin svg")
    expect(drawn).to_be_visible()
    west, south, east, north = (float(part) for part in str(drawn.get_attribute("data-window")).split())
    whole(desk, "captura con mapa")
    drawn.click()
    point = desk.locator("#punto")
    expect(point).to_have_value(re.compile(r"^-?\d+\.\d{6}, -?\d+\.\d{6}$"))
    lat, lon = (float(part) for part in point.input_value().split(","))
    # The middle of the map, to the width of some pixels.
    assert lat == pytest.approx((south + north) / 2, abs=(north - south) / 100)
    assert lon == pytest.approx((west + east) / 2, abs=(east - west) / 100)
    expect(drawn.locator("circle")).to_have_count(1)


@pytest.mark.parametrize("path", ["asuntos", "lotes/nuevo?acto=responder", "colas", "vistas"])
def test_pages_hold_at_320_pixels_and_at_twice_the_size(desk: Page, town: Town, path: str) -> None:
    desk.goto(f"{town.url}/gestion/{path}")
    # A desk's screen at 200 % has half its pixels.
    for width, height in ((320, 640), (683, 384)):
        desk.set_viewport_size({"width": width, "height": height})
        whole(desk, f"{path} {width}")
