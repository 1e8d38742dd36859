"""A day at the office in a real Chromium without scripts: a call is taken, answered, worked on and closed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.e2e.browser.phone import FLAGS, chromium
from tests.e2e.browser.test_office_pages import enter
from tests.e2e.conftest import Town

#: The rows a desk must see at once at this size (the office's own aim).
ROWS = 20


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def plain(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that runs no scripts, at an office's size."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1366, "height": 768})
    yield context
    context.close()


def open_act(page: Page, title: str) -> None:
    page.locator("summary", has_text=title).click()


def test_a_call_is_taken_answered_and_closed_without_scripts(plain: BrowserContext, town: Town) -> None:
    desk = plain.new_page()
    enter(desk, town, "mesa-1")
    desk.goto(f"{town.url}/gestion/captura")
    desk.select_option("#canal", "072")
    desk.fill("#telefono", "4771239876")
    desk.fill("#que", "hay una lámpara apagada")
    desk.keyboard.press("Enter")
    expect(desk.locator("h2", has_text="Lámpara apagada")).to_be_visible()
    desk.fill("#calle", "Calle del Ensayo")
    desk.fill("#numero", "12")
    desk.select_option("#colonia", index=1)
    desk.fill("#nombre", "Rosa Peña")
    desk.check("#aviso")
    desk.keyboard.press("Enter")
    folio = desk.locator(".folio")
    expect(folio).to_have_text(re.compile(r"[A-Z]+-\d{6}"), timeout=30_000)
    said = folio.inner_text()
    # Found again by what a caller says: the folio without its zeros, and the telephone.
    for asked in (said.replace("-", "").lower(), "044 477 123 9876"):
        desk.goto(f"{town.url}/gestion/buscar?q={asked}")
        expect(desk.locator("body")).to_contain_text(said)
    desk.goto(f"{town.url}/gestion/buscar?q={said}")
    open_act(desk, "Responder a la persona")
    desk.select_option("#responder-medio", "phone")
    desk.fill("#responder-texto", "Ya va la cuadrilla")
    desk.click("button:has-text('Responder')")
    expect(desk.locator(".history")).to_contain_text("Ya va la cuadrilla", timeout=30_000)
    agency = plain.browser.new_context(java_script_enabled=False) if plain.browser else plain
    link = agency.new_page()
    enter(link, town, "alumbrado")
    link.goto(f"{town.url}/gestion/buscar?q={said}")
    open_act(link, "Terminar")
    link.locator("form[action$='/terminar'] button").click()
    expect(link.locator("[role=alert]")).to_contain_text(re.compile("qué se hizo|foto"))
    agency.close()


def test_a_desk_sees_twenty_reports_at_once(plain: BrowserContext, browser: Browser, town: Town) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    enter(page, town, "mesa-1")
    page.goto(f"{town.url}/gestion/asuntos")
    inside = page.evaluate(
        "[...document.querySelectorAll('table.dense tbody tr')]"
        ".filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length"
    )
    assert inside >= ROWS
    context.close()
