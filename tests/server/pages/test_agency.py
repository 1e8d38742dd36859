"""An agency's pages: its own reports and nobody else's, without a citizen's data, page by page."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from server.cases.transitions import KINDS
from server.context import Context
from server.intake.intake import Intake
from server.pages import agency as pages
from server.pages.agency import KIND_NAMES
from tests.device import citizen_document, subject_of
from tests.server.conftest import SetClock
from tests.server.intake.municipality import Municipality, found, inside
from tests.server.pages.office import Outline, enter, office

pytestmark = pytest.mark.anyio

#: Office accounts by the agency they belong to.
AGENCIES = {"mar": "alumbrado", "sol": "obras", "eva": "seguridad", "ana": None}


class Town(Municipality):
    """The test municipality over the databases that the application serves."""

    def __init__(self, context: Context, clock: SetClock) -> None:
        super().__init__(context.engine, context.settings.data_dir)
        self.databases, self.directory, self.context = context.databases, context.directory, context
        self.clock = clock  # type: ignore[assignment]


@pytest.fixture
async def town(context: Context, clock: SetClock) -> AsyncIterator[Town]:
    await found(context.databases)
    await context.directory.refresh()
    for account, agency in AGENCIES.items():
        await office(context, account, "agency", agency=agency)
    made = Town(context, clock)
    made.intake = Intake(context.databases, context.directory, clock, context.settings.data_dir)
    await made.intake.open()
    yield made
    await made.intake.close()


async def reports(town: Town) -> dict[str, str]:
    """A lamp with a citizen, a pothole, a denuncia, a flood assigned to ``obras``; by name."""
    citizen = citizen_document(town.clock.now(), name="Amatista Cuarzo", phone="4779998877")
    await town.databases.citizens.put(citizen)
    made = {
        "lamp": await town.capture("lucia", "lampara", text="zafiro", citizen=citizen["_id"], **inside(1)),
        "hole": await town.capture("marta", "bache", text="jade <b>", **inside(2)),
        "crime": await town.capture("lucia", "denuncia", text="rubi", **inside(1)),
        "flood": await town.capture("lucia", "inundacion", text="topacio", **inside(2)),
    }
    await town.act("pc", "assigned", made["flood"], {"agency": "obras", "brigade": "bache-1"})
    return made


OWN = {
    "mar": {"lamp"},
    "sol": {"hole", "flood"},
    "eva": {"crime"},
    "ana": set[str](),
}
WORDS = {"lamp": "zafiro", "hole": "jade", "crime": "rubi", "flood": "topacio"}


@pytest.mark.parametrize("account", AGENCIES)
async def test_each_agency_sees_its_own_reports_and_no_other(
    town: Town, http: httpx2.AsyncClient, account: str
) -> None:
    made = await reports(town)
    await enter(http, account)
    listed = await http.get("/gestion/dependencia")
    assert listed.status_code == (200 if AGENCIES[account] else 404)
    Outline.check(listed.text)
    for name, report in made.items():
        mine = name in OWN[account]
        assert (f"/gestion/dependencia/{report}" in listed.text) == mine, name
        answer = await http.get(f"/gestion/dependencia/{report}")
        assert answer.status_code == (200 if mine else 404), name
        assert (WORDS[name] in answer.text) == mine, name
        Outline.check(answer.text)
        for secret in ("Amatista", "4779998877", "<b>"):
            assert secret not in answer.text
    for wrong in ("nada", "0192f3a0-0001-7000-8000-000000000001", "%2e%2e", made["lamp"].upper()):
        answer = await http.get(f"/gestion/dependencia/{wrong}")
        assert answer.status_code == 404, wrong


@pytest.mark.parametrize("role", ["desk", "admin", "auditor"])
async def test_other_offices_have_their_own_pages(
    town: Town, context: Context, http: httpx2.AsyncClient, role: str
) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    await office(context, "otra", role)
    await enter(http, "otra")
    for path in ("/gestion/dependencia", f"/gestion/dependencia/{report}"):
        assert (await http.get(path)).status_code == 403


async def test_without_a_session_or_out_of_office_there_is_nothing(
    town: Town, context: Context, http: httpx2.AsyncClient
) -> None:
    report = await town.capture("lucia", "lampara", text="zafiro", **inside(1))
    for path in ("/gestion/dependencia", f"/gestion/dependencia/{report}"):
        answer = await http.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/gestion/entrar")
    await enter(http, "mar")
    assert "zafiro" in (await http.get(f"/gestion/dependencia/{report}")).text
    term = {"from": "2026-01-01", "until": "2026-11-22"}  # it ended yesterday; the session is alive
    await context.directory.update("account:mar", lambda doc: {**doc, "term": term})
    for path in ("/gestion/dependencia", f"/gestion/dependencia/{report}"):
        answer = await http.get(path)
        assert answer.status_code == 303, path
        assert "zafiro" not in answer.text
        assert report not in answer.text


async def test_a_confidential_report_names_nobody(town: Town, http: httpx2.AsyncClient) -> None:
    made = await reports(town)
    await enter(http, "eva")
    text = (await http.get(f"/gestion/dependencia/{made['crime']}")).text
    assert "Confidencial" in text
    assert "lucia" not in text.lower()
    assert "lucía" not in text.lower()


async def test_status_and_semaforo_filter(town: Town, http: httpx2.AsyncClient, clock: SetClock) -> None:
    made = await reports(town)
    done = await town.capture("lucia", "lampara", **inside(1))
    await town.act("luz1", "finished", done, {"done": "foco nuevo"})
    await enter(http, "mar")

    async def shown(query: str) -> set[str]:
        text = html.unescape((await http.get(f"/gestion/dependencia?{query}")).text)
        return set(re.findall(r"/gestion/dependencia/([0-9a-f-]{36})", text))

    assert await shown("") == {made["lamp"], done}
    assert await shown("estado=abiertos") == {made["lamp"]}
    assert await shown("estado=finished") == {done}
    assert await shown("semaforo=green") == {made["lamp"]}
    assert await shown("semaforo=red") == set()
    clock.advance(days=30)
    await enter(http, "mar")
    assert await shown("semaforo=red&estado=abiertos") == {made["lamp"]}
    for wrong in ("estado=x", "semaforo=blue", "antes=x", "antes=" + "a" * 36):
        assert (await http.get(f"/gestion/dependencia?{wrong}")).status_code == 422, wrong


async def test_a_long_list_is_walked_page_by_page(
    town: Town, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few are shown or looked at for a page, each report is met once and none is passed over."""
    pen = await town.pen("lucia")
    lamps = [pen.capture("lampara", **inside(1)) for _ in range(7)]
    others = [pen.capture("inundacion", **inside(2)) for _ in range(7)]
    await town.push(*(event for pair in zip(lamps, others, strict=True) for event in pair))
    await enter(http, "mar")
    for shown, looked, step in ((3, 5_000, 500), (50, 4, 2), (2, 3, 1)):
        monkeypatch.setattr(pages, "SHOWN", shown)
        monkeypatch.setattr(pages, "LOOKED_AT", looked)
        monkeypatch.setattr(pages, "_STEP", step)
        path, met, turns = "/gestion/dependencia", list[str](), 0
        while path:
            text = html.unescape((await http.get(path)).text)
            met += re.findall(r'href="/gestion/dependencia/([0-9a-f-]{36})"', text)
            onward = re.search(r'href="(/gestion/dependencia\?[^"]*antes=[^"]+)"', text)
            path, turns = onward[1] if onward else "", turns + 1
            assert turns < 30
        assert met == sorted((subject_of(event) for event in lamps), reverse=True)


def test_every_kind_about_reports_has_its_words() -> None:
    assert set(KINDS) - {"incident_opened", "incident_closed", "leader_proposed"} <= KIND_NAMES.keys()
