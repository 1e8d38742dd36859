"""Pictograms are drawn from the page once the first screen stands, and look the same without signal."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.browser.phone import PATIENCE, Phone

#: Of every pictogram in sight: what it refers to, whether the page has it, and whether anything is drawn.
DRAWN = """() => [...document.querySelectorAll("main svg.icon use")]
  .filter((use) => use.parentElement.checkVisibility())
  .map((use) => {
    const href = use.getAttribute("href");
    return [href, document.getElementById(href.slice(1))?.tagName ?? "", use.getBBox().width > 0];
  })"""


def moved_in(phone: Phone) -> None:
    expect(phone.page.locator("svg[display=none] > symbol").first).to_be_attached(timeout=PATIENCE)


def test_pictograms_move_into_the_page_and_are_drawn_there(leader: Phone) -> None:
    moved_in(leader)
    # Their ids are none of the page's own.
    assert leader.page.evaluate("document.getElementById('main').tagName") == "MAIN"
    leader.offline()
    leader.tap("Nuevo reporte")
    leader.see(re.compile("^Alumbrado"))
    drawn = leader.page.evaluate(DRAWN)
    assert len(drawn) > 5
    assert {tag for _, tag, _ in drawn} == {"symbol"}
    assert all(seen for _, _, seen in drawn), drawn
    # A start without signal finds them too.
    leader.kill()
    leader.open(offline=True)
    leader.title("Mi manzana")
    moved_in(leader)
