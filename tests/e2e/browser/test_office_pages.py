"""The office's pages in a real browser: readable by assistive technology, whole on a phone, without
scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright

from server.demo.municipality import PASSWORD
from tests.e2e.browser.conftest import Town
from tests.e2e.browser.office import Office
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
    "mesa-1": (
        [
            "", "cuarentena", "padron", "asuntos", "buscar?q=a", "captura?que=lampara", "cifras", "colas",
            "lotes", "lotes/nuevo", "lotes/nuevo?acto=asignar", "vistas", "asuntos?agrupar=dependencia",
            "asuntos?ver=mapa",
        ],
        ["cuarentena/", "padron/", "asuntos/"],
    ),
    "alumbrado": (["", "asuntos", "colas"], ["asuntos/"]),
    "auditoria": (["auditoria", "lotes"], []),
}  # fmt: skip


@pytest.fixture(scope="module")
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


def at_both_widths(page: Page, name: str) -> None:
    """On a phone and on a desk: the page is the same, and no script of its own could tell."""
    for width in (1100, 360):
        page.set_viewport_size({"width": width, "height": 640})
        whole(page, name)


def test_every_page_is_accessible_and_whole(browser: Browser, town: Town) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{town.url}/gestion/entrar")
    at_both_widths(page, "entrar")
    enter(page, town)
    for name in PAGES:
        page.goto(f"{town.url}/gestion/{name}")
        at_both_widths(page, name)
    assert said == []
    page.close()


@pytest.fixture(scope="module")
def held(town: Town) -> None:
    """Something in quarantine: an event under another one's signature."""
    with closing(Office(town.url, town.leader)) as phone:
        assert phone.pen
        event, other = (phone.pen.capture("bache", lat=town.lat, lon=town.lon) for _ in range(2))
        phone.push([{**event, "sig": other["sig"]}])
        phone.until_document(
            f"ack:{phone.pen.id}", lambda ack: event["_id"] in [one["event"] for one in ack["quarantined"]]
        )


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("account", OTHERS)
def test_each_roles_pages_are_accessible_and_whole(browser: Browser, town: Town, account: str) -> None:
    page = browser.new_page()
    enter(page, town, account)
    names, lists = OTHERS[account]
    opened = []
    for name in names:
        page.goto(f"{town.url}/gestion/{name}")
        page.set_viewport_size({"width": 360, "height": 640})
        whole(page, name)
        linked = page.eval_on_selector_all("main a[href]", "all => all.map((a) => a.getAttribute('href'))")
        for inside in lists:
            entry = next((link for link in linked if link.startswith(f"/gestion/{inside}")), None)
            if entry and inside not in opened:
                opened.append(inside)
                page.goto(f"{town.url}{entry}")
                at_both_widths(page, entry)
    assert sorted(opened) == sorted(lists)
    page.close()


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
