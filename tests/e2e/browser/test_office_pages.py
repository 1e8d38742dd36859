"""The office's pages in a real browser: readable by assistive technology, whole on a phone, without
scripts.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright

from server.demo.municipality import PASSWORD
from tests.e2e.browser.conftest import Town
from tests.e2e.browser.phone import FLAGS, chromium

PAGES = [
    "",
    "avisos",
    "cuarentena",
    "padron",
    "cuentas",
    "cuentas/nueva",
    "cuentas/mesa-1",
    "correo",
    "auditoria",
]


#: Pages that look otherwise to whom they belong than to the administrator; of a list, one entry is opened.
OTHERS = {
    "mesa-1": (["cuarentena", "padron"], ["cuarentena/", "padron/"]),
    "alumbrado": (["", "dependencia"], ["dependencia/"]),
    "auditoria": (["auditoria"], []),
}


@pytest.fixture
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield browser
    browser.close()


def enter(page: Page, town: Town, account: str = "admin") -> None:
    page.goto(f"{town.url}/gestion/")
    page.fill("#usuario", account)
    page.fill("#clave", PASSWORD)
    page.click("main button")
    page.wait_for_selector("nav")


def whole(page: Page, name: str) -> None:
    """Axe finds nothing, and nothing sticks out of the window."""
    found = Axe().run(page)
    assert found.violations_count == 0, (name, found.generate_report())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize("width", [360, 1100])
def test_every_page_is_accessible_and_whole(browser: Browser, town: Town, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 640})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{town.url}/gestion/entrar")
    assert Axe().run(page).violations_count == 0
    enter(page, town)
    for name in PAGES:
        page.goto(f"{town.url}/gestion/{name}")
        whole(page, name)
    assert said == []


@pytest.mark.parametrize("account", OTHERS)
def test_each_roles_pages_are_accessible_and_whole(browser: Browser, town: Town, account: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 640})
    enter(page, town, account)
    names, lists = OTHERS[account]
    opened = []
    for name in names:
        page.goto(f"{town.url}/gestion/{name}")
        whole(page, name)
        linked = page.eval_on_selector_all("main a[href]", "all => all.map((a) => a.getAttribute('href'))")
        for inside in lists:
            entry = next((link for link in linked if link.startswith(f"/gestion/{inside}")), None)
            if entry and inside not in opened:
                opened.append(inside)
                page.goto(f"{town.url}{entry}")
                whole(page, entry)
                page.set_viewport_size({"width": 1100, "height": 640})
                whole(page, entry)
                page.set_viewport_size({"width": 360, "height": 640})
    assert sorted(opened) == sorted(lists)


def test_the_sheet_is_made_and_sent_without_scripts(browser: Browser, town: Town) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, town)
    page.goto(f"{town.url}/gestion/cuentas?papel=block_leader")
    page.click("tbody a >> nth=0")
    page.click("text=Dar código para un teléfono")
    page.wait_for_selector(".sheet svg")
    assert len(page.inner_text(".sheet .code").replace(" ", "")) == 8
    page.click("text=Salir")
    page.wait_for_selector("#usuario")
    context.close()
