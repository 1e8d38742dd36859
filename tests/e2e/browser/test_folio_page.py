"""The folio page in a real browser: at 320 pixels, without scripts, from what the office reads out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Playwright

from tests.e2e.browser.conftest import Town
from tests.e2e.browser.phone import FLAGS, chromium
from tests.e2e.browser.test_office_pages import enter, whole
from tests.server.evidence.pictures import picture


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield browser
    browser.close()


def test_a_neighbour_types_what_the_office_reads_out(browser: Browser, town: Town) -> None:
    desk = browser.new_page()
    enter(desk, town, "mesa-1")
    desk.goto(f"{town.url}/gestion/asuntos")
    links = desk.locator("table a[href^='/gestion/asuntos/']").evaluate_all("all => all.map(one => one.href)")
    for link in links:
        desk.goto(link)
        if desk.locator(".code").count():
            break
    code = desk.locator(".code").inner_text()
    folio = desk.locator("dd:has(.code) a").inner_text().rpartition("/")[2]
    desk.close()

    said: list[str] = []
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{town.url}/folio")
    whole(page, "box")
    page.fill("#folio", folio.lower())
    page.click("main button")
    assert page.locator("h1").inner_text() == f"Folio {folio}"
    assert page.locator("h2", has_text="Historia").count() == 0
    whole(page, "folio")
    page.fill("#clave", code.lower())
    page.click("main button")
    assert page.locator("h2", has_text="Historia").count() == 1
    whole(page, "with code")
    assert said == []
    page.goto(f"{town.url}/folio/{folio}?clave=00000000")
    whole(page, "wrong code")
    page.goto(f"{town.url}/folio/no-hay")
    whole(page, "unknown")
    context.close()

    bare = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = bare.new_page()
    page.goto(f"{town.url}/folio/")
    page.fill("#folio", folio)
    page.fill("#clave", code)
    page.click("main button")
    assert page.locator("ol li").count() >= 1
    bare.close()


def finished(desk: Page, town: Town) -> tuple[str, str]:
    """Folio and code of a finished report that may be rated, as the office reads them out."""
    enter(desk, town, "mesa-1")
    desk.goto(f"{town.url}/gestion/asuntos?estado=finished")
    links = desk.locator("table a[href^='/gestion/asuntos/']").evaluate_all("all => all.map(one => one.href)")
    for link in links:
        desk.goto(link)
        if not desk.locator(".code").count():
            continue
        code = desk.locator(".code").inner_text()
        folio = desk.locator("dd:has(.code) a").inner_text().rpartition("/")[2]
        desk.goto(f"{town.url}/folio/{folio}?clave={code}")
        if desk.locator("#calificar").count() and desk.locator("#no-quedo").count():
            return folio, code
    raise AssertionError("no finished report in the town")


def test_a_neighbour_rates_says_no_quedo_and_adds_a_photo_without_scripts(
    browser: Browser, town: Town
) -> None:
    desk = browser.new_page()
    folio, code = finished(desk, town)
    desk.close()
    bare = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = bare.new_page()
    page.goto(f"{town.url}/folio/{folio}?clave={code}")
    page.check("input[name=estrellas][value='2']")
    page.fill("#c-texto", "Duró un día")
    with page.expect_navigation():
        page.click("button:has-text('Calificar')")
    assert page.locator("[role=status]").count() == 1
    assert page.locator("p", has_text="Se calificó con 2 de 5.").count() == 1
    assert page.locator("#calificar").count() == 0
    photo = FilePayload(name="hoyo.jpg", mimeType="image/jpeg", buffer=picture(seed=21))
    for act, button in (("n", "No quedó"), ("a", "Agregar")):
        page.fill(f"#{act}-texto", "Sigue igual")
        page.set_input_files(f"#{act}-foto", photo)
        with page.expect_navigation():
            page.click(f"button:has-text('{button}')")
        assert page.locator("[role=status]").count() == 1
        assert page.locator("[role=alert]").count() == 0
    bare.close()
    wide = browser.new_page(viewport={"width": 320, "height": 640})
    wide.goto(f"{town.url}/folio/{folio}?clave={code}")
    whole(wide, "said")
    wide.close()
