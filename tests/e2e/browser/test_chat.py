"""A neighbour reports in the web chat with a photo and gets a folio: with scripts at 360 pixels, and bare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.browser.conftest import Town
from tests.e2e.browser.phone import FLAGS, chromium
from tests.e2e.browser.test_office_pages import enter, whole
from tests.server.evidence.pictures import picture

#: The folio, or while intake is busy the provisional one: either leads to the report.
FOLIO = re.compile(r"(?:Folio|folio provisional es) ([A-Z0-9]+(?:-[A-Z0-9]+)+)")


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield browser
    browser.close()


def says(page: Page, text: str | re.Pattern[str]) -> None:
    """The assistant's last words are these: the page has the answer to what was sent."""
    expect(page.locator("#charla li").last).to_contain_text(text)


def write(page: Page, text: str) -> None:
    page.fill("#texto", text)
    page.get_by_role("button", name="Enviar", exact=True).click()


def choose(page: Page, title: str) -> None:
    page.get_by_role("button", name=title, exact=True).click()


def report(page: Page, photo: Path) -> str:
    """A hole in the street, told to its end; the folio."""
    says(page, "¿En qué le ayudo?")
    write(page, "ay un bache")
    says(page, "¿De qué tamaño?")
    choose(page, "Como una llanta")
    says(page, re.compile("profund|hondo", re.IGNORECASE))
    choose(page, "No sé")
    says(page, "¿Dónde es?")
    write(page, "calle Hidalgo 12, frente a la tienda")
    says(page, "¿En qué colonia")
    choose(page, "No sé")
    says(page, "mande una foto")
    page.set_input_files("#foto", photo)
    page.get_by_role("button", name="Enviar", exact=True).click()
    says(page, "¿Quiere que le avisemos")
    choose(page, "No, anónimo")
    says(page, "¿Lo registro?")
    expect(page.locator("#charla li").last).to_contain_text("Fotos: 1")
    choose(page, "Registrar")
    says(page, FOLIO)
    found = FOLIO.search(page.locator("#charla li").last.inner_text())
    assert found
    return found[1]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_neighbour_reports_with_a_photo_and_looks_the_folio_up(
    browser: Browser, town: Town, tmp_path: Path, scripts: bool
) -> None:
    photo = tmp_path / "bache.jpg"
    photo.write_bytes(picture(seed=11 + scripts))
    said: list[str] = []
    context = browser.new_context(java_script_enabled=scripts, viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{town.url}/chat")
    if scripts:
        whole(page, "first words")
    folio = report(page, photo)
    if scripts:
        whole(page, "with a folio")
    page.goto(f"{town.url}/chat")
    says(page, folio)
    # The register shows it when it has followed: asked until it does, each time a whole page.
    for _ in range(100):
        page.goto(f"{town.url}/folio/{folio}")
        if page.locator(".status").count():
            break
    expect(page.locator(".status")).to_have_text("Capturado")
    assert said == []
    context.close()


def test_the_desk_answers_in_the_talk_and_the_answer_comes_by_itself(browser: Browser, town: Town) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.goto(f"{town.url}/chat")
    write(page, "quiero hablar con una persona")
    expect(page.locator("#charla li.bot").last).to_contain_text(re.compile("mesa de atención|en la mesa"))
    desk = browser.new_page()
    enter(desk, town, "mesa-1")
    desk.goto(f"{town.url}/gestion/conversaciones")
    desk.locator("table a[href^='/gestion/conversaciones/web/']").first.click()
    whole(desk, "a talk")
    desk.fill("#texto", "Buenas tardes, ¿en qué le ayudo? zafiro")
    desk.get_by_role("button", name="Responder", exact=True).click()
    expect(desk.locator("td.said").last).to_contain_text("zafiro")
    expect(page.locator("#charla li.desk")).to_contain_text("zafiro")
    desk.get_by_role("button", name="Terminar la conversación", exact=True).click()
    expect(desk.locator("h1")).to_have_text("Conversaciones")
    whole(desk, "the list")
    desk.goto(f"{town.url}/gestion/conversaciones/cifras")
    whole(desk, "figures")
    desk.close()
    context.close()


def test_the_form_is_whole_at_320_pixels(browser: Browser, town: Town) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{town.url}/reportar")
    whole(page, "what")
    page.fill("#que", "hay un incendio")
    page.get_by_role("button", name="Seguir").click()
    expect(page.locator(".alert.urgent")).to_contain_text("911")
    whole(page, "urgent")
    page.goto(f"{town.url}/reportar?que=bache&tipo=bache")
    whole(page, "form")
    context.close()
