"""Every screen: axe finds nothing, in each theme; everything by keyboard; nothing asked of anybody else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import LEADER, Town
from tests.e2e.browser.office import Office
from tests.e2e.browser.phone import SCREEN, Phone
from tests.e2e.browser.test_capture import LAMP, lamp

ROOT = Path(__file__).resolve().parents[3]
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}

#: What another light, contrast or letter size can change; the rest of a screen is the same document.
LOOKS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size"]}}

#: Screens by who sees them. `{report}` is a report on that phone, `{block}` a block, and so on.
EVERYONE = ["#/", "#/new", "#/new/family/lamp", "#/search", "#/map", "#/outbox", "#/more", "#/settings"]
PEOPLE: dict[str, tuple[re.Pattern[str], list[str]]] = {
    "leader": (
        LEADER,
        [*EVERYONE, "#/new/urgent", "#/accounts", "#/diagnosis", "#/about", "#/enrol",
         "#/report/{report}", "#/amend/{report}", "#/verify/{report}"],
    ),
    "sector": (
        re.compile("Su cuartel y el padrón"),
        ["#/", "#/registry", "#/block/{block}", "#/report/{report}"],
    ),
    "brigade": (
        re.compile("Cuadrilla Alumbrado 1 Órdenes"),
        ["#/", "#/handover", "#/report/{report}", *(f"#/order/{act}/{{report}}" for act in
         ("pause", "finish", "note", "place", "viable", "return"))],
    ),
    "civil": (
        re.compile("Urgencias y operativo"),
        ["#/", "#/select", "#/report/{report}", *(f"#/triage/{act}/{{report}}" for act in
         ("assign", "priority", "action", "join"))],
    ),
    "desk": (
        re.compile("Clasifica, asigna"),
        ["#/", "#/rejections", "#/report/{report}", "#/triage/classify/{report}", "#/triage/answer/{report}"],
    ),
    "agency": (re.compile("Enlace de Alumbrado"), ["#/", "#/select", "#/report/{report}"]),
}  # fmt: skip

#: The content's height once fonts and photos are there and two frames were drawn since.
_SETTLED_HEIGHT = """async () => {
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  return document.documentElement.scrollHeight;
}"""


def violations(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    # As tall as its content: what a bar covers until one scrolls is no fault of the covered.
    # Lists and photos come in late on a busy machine: what counts was measured while the screen grew no more.
    height, found = 0, list[str]()
    try:
        while height < (now := int(page.evaluate(_SETTLED_HEIGHT))):
            height = now
            page.set_viewport_size({"width": SCREEN["width"], "height": max(SCREEN["height"], height)})
            page.evaluate(_SETTLED_HEIGHT)
            found = _axe(page, rules)
        return found
    finally:
        page.set_viewport_size(SCREEN)  # type: ignore[arg-type]


def _axe(page: Page, rules: dict[str, Any]) -> list[str]:
    # Through the debugger's own world: the page's policy allows no foreign script, and must not be loosened.
    session = page.context.new_cdp_session(page)
    # Once per document: it is half a megabyte to read.
    there = session.send("Runtime.evaluate", {"expression": "typeof axe", "returnByValue": True})
    if there["result"]["value"] == "undefined":
        session.send("Runtime.evaluate", {"expression": AXE})
    expression = f"axe.run(document, {json.dumps(rules)}).then(r => JSON.stringify(r.violations))"
    answer: Any = session.send(
        "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
    )
    found = json.loads(answer["result"]["value"])
    session.detach()
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("who", list(PEOPLE))
def test_axe_finds_nothing(who: str, phones: Callable[..., Phone]) -> None:
    name, screens = PEOPLE[who]
    phone = phones(who).open()
    # What the policy refuses is said on the console; a cut network is said there too, and is wanted.
    phone.page.on(
        "console", lambda said: phone.errors.append(said.text) if "Content Security" in said.text else None
    )
    phone.enrol_demo(name).controlled()
    if who == "leader":
        phone.offline()
        lamp(phone)
        assert violations(phone.page) == [], "saved"
    phone.go("#/")
    ids = _ids(phone.page)
    for screen in screens:
        phone.go(screen.format(**ids))
        expect(phone.page.get_by_role("heading", level=1)).to_be_visible()
        assert violations(phone.page) == [], screen
        assert _overflow(phone.page) <= 0, f"{screen} is wider than the phone"


@pytest.mark.parametrize("look", ["night", "contrast", "large"])
def test_axe_finds_nothing_in_other_lights(look: str, phones: Callable[..., Phone]) -> None:
    phone = phones(look).open().enrol_demo(LEADER).controlled()
    phone.go("#/settings")
    if look == "night":
        phone.pick("Noche")
    else:
        phone.page.get_by_role("switch", name="Letra grande" if look == "large" else "Alto contraste").or_(
            phone.page.get_by_label("Letra grande" if look == "large" else "Alto contraste")
        ).first.check()
    for screen in ["#/", "#/new", "#/outbox", "#/settings", "#/report/{report}"]:
        phone.go("#/")
        phone.go(screen.format(**_ids(phone.page)))
        expect(phone.page.get_by_role("heading", level=1)).to_be_visible()
        assert violations(phone.page, LOOKS) == [], screen
        assert _overflow(phone.page) <= 0, f"{screen} is wider than the phone"
    if look == "large":
        # What most is to be said with letters this large still leaves the screen to the reports.
        phone.offline()
        phone.go("#/")
        lamp(phone)
        phone.go("#/")
        phone.on_phone(1)
        for words in ("1 sin enviar", "Sin señal"):
            expect(phone.page.locator(".head").get_by_text(words, exact=True)).to_be_visible()
        box = phone.page.locator(".head").bounding_box()
        assert box
        assert box["height"] <= 96, box


#: Words of the title cut in two, and the folio on more than one line.
CUT = """() => {
  const cut = [];
  const lines = (node, from, to) => {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
  };
  for (const element of document.querySelectorAll("h1, .tab, [data-folio]")) {
    const node = [...element.childNodes].find((child) => child.nodeType === 3);
    const words = element.matches("[data-folio]") ? /.+/g : /\\S+/g;
    for (const found of (node?.data ?? "").matchAll(words))
      if (lines(node, found.index, found.index + found[0].length) > 1) cut.push(found[0]);
  }
  return cut;
}"""


@pytest.mark.parametrize("who", ["leader", "sector", "brigade", "civil"])
def test_letters_twice_as_large_fit_the_phone(
    who: str, phones: Callable[..., Phone], office: Office, town: Town
) -> None:
    name, screens = PEOPLE[who]
    if who == "civil":
        # The catalogue's longest words stand beside a box to tick.
        office.report("material-peligroso", town.lat, town.lon, urgent=True)
    phone = phones(who, flags=["--blink-settings=defaultFontSize=32"]).open().enrol_demo(name).controlled()
    assert phone.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    phone.everything_received()
    if who == "leader":
        phone.offline()
        lamp(phone)
        assert phone.page.evaluate(CUT) == [], "saved"
    phone.go("#/")
    ids = _ids(phone.page)
    for screen in screens:
        phone.go(screen.format(**ids))
        expect(phone.page.get_by_role("heading", level=1)).to_be_visible()
        assert phone.page.evaluate(CUT) == [], screen
        assert _overflow(phone.page) <= 0, f"{screen} is wider than the phone"


def test_filters_with_counts_of_two_digits_stay_on_one_row(
    phones: Callable[..., Phone], office: Office, town: Town
) -> None:
    assert office.pen
    office.push([office.pen.capture("bache", lat=town.lat, lon=town.lon) for _ in range(12)])
    office.settled()
    phone = phones().open().enrol_demo(LEADER)
    expect(phone.page.get_by_role("radio", name=re.compile(r"^Abiertos \d\d$"))).to_be_visible()
    boxes = [label.bounding_box() for label in phone.page.locator(".choices--tight label").all()]
    assert len(boxes) == 4
    assert len({box["y"] for box in boxes if box}) == 1, boxes
    # A word is not cut for it: a count may stand under its word.
    assert all(box and box["height"] <= 64 for box in boxes), boxes
    assert _overflow(phone.page) <= 0


def test_a_lamp_by_keyboard_alone(leader: Phone) -> None:
    leader.offline()
    keys = leader.page.keyboard

    def reach(name: str, role: str = "button") -> None:
        """Tab until the thing is focused, as somebody without a pointer would."""
        target = leader.page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
        expect(target).to_be_visible()
        for _ in range(120):
            if target.evaluate("node => node === document.activeElement"):
                return
            keys.press("Tab")
        raise AssertionError(f"{name} cannot be reached by keyboard")

    for name in ("Nuevo reporte", "Alumbrado", LAMP, "Guardar"):
        reach(name)
        keys.press("Enter")
    leader.title("Guardado")
    expect(leader.page.get_by_role("heading", level=1)).to_be_focused()
    reach("Listo")
    keys.press("Enter")
    leader.on_phone(1)


def _ids(page: Page) -> dict[str, str]:
    card = page.locator("[data-report]").first
    if page.locator("button.card").count() and not card.count():
        page.locator("button.card").first.click()
    report = card.get_attribute("data-report", timeout=3000) if card.count() else None
    return {"report": report or "none", "block": "m-105"}


def _overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_the_words_file_names_no_forbidden_word() -> None:
    """The two seals are all there is: nobody is told that something is "sincronizado"."""
    for file in Path(ROOT / "pwa" / "src" / "app" / "words").glob("*.ts"):
        assert "sincroniz" not in file.read_text().lower(), file.name
