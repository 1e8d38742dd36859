"""The office works: a report is found, read, answered, assigned and finished, and by whom it may be."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from server.channels.acts import ACTS
from server.context import Context
from server.documents.words import texts
from server.intake.running.intake import Intake
from server.web.app import make_app
from tests.device import citizen_document
from tests.server.conftest import SetClock
from tests.server.evidence.pictures import picture
from tests.server.intake.municipality import Municipality, found, inside
from tests.server.web.office.office import PASSWORD, Outline, office

Json = dict[str, Any]

pytestmark = pytest.mark.anyio

PEOPLE = {
    "mesa2": ("desk", {}),
    "mar": ("agency", {"agency": "alumbrado"}),
    "sol": ("agency", {"agency": "obras"}),
    "eva": ("agency", {"agency": "seguridad"}),
    "irma": ("auditor", {}),
    "jefa": ("admin", {}),
}


class Town(Municipality):
    """The test municipality over the databases that the application serves, its intake running."""

    def __init__(self, context: Context, clock: SetClock) -> None:
        super().__init__(context.engine, context.settings.data_dir)
        self.databases, self.directory, self.context = context.databases, context.directory, context
        self.clock = clock  # type: ignore[assignment]

    async def grown(self) -> None:
        await self.intake.run_until_idle()
        await self.context.register.catch_up()

    async def stored(self, report: str) -> Json:
        return await self.databases.cases.get(f"report:{report}")


@pytest.fixture
async def town(context: Context, clock: SetClock) -> AsyncIterator[Town]:
    await found(context.databases)
    for agency in ("alumbrado", "obras", "seguridad"):
        brigades = [{"id": f"{agency}-1", "name": f"Cuadrilla {agency}"}]
        doc = {
            "_id": f"agency:{agency}",
            "name": f"Dirección de {agency}",
            "short": agency,
            "brigades": brigades,
        }
        await context.databases.reference.put(doc)
    await context.directory.refresh()
    for account, (role, members) in PEOPLE.items():
        await office(context, account, role, **members)
    made = Town(context, clock)
    made.intake = Intake(context.databases, context.directory, clock, context.settings.data_dir)
    await made.intake.open()
    yield made
    await made.intake.close()


class Person:
    """Somebody of an office with a browser: follows forms as they are drawn."""

    def __init__(self, http: httpx2.AsyncClient, town: Town) -> None:
        self.http = http
        self.town = town

    async def get(self, path: str) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:400])
        Outline.check(answer.text)
        return html.unescape(answer.text)

    async def act(
        self, report: str, name: str, page: str | None = None, files: Any = None, **fields: str
    ) -> httpx2.Response:
        """Send the form ``name`` of a page (the present one where none is given); intake runs meanwhile."""
        page = page or await self.get(f"/gestion/asuntos/{report}")
        form = re.search(rf'action="(/gestion/asuntos/{report}/{name})">(.*?)</form>', page, re.DOTALL)
        assert form, f"{name} is not offered"
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[2]))
        parts = {key: (None, value) for key, value in {**hidden, **fields}.items()}
        sent = asyncio.create_task(self.http.post(form[1], files={**parts, **(files or {})}))
        inbox = self.town.databases.inbox
        while not sent.done():
            since = (await inbox.info()).update_seq
            await self.town.grown()
            waiting = asyncio.create_task(inbox.wait_for_change(since, 30))
            await asyncio.wait({sent, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        answer = await sent
        await self.town.grown()
        return answer


@asynccontextmanager
async def as_(town: Town, account: str) -> AsyncIterator[Person]:
    transport = httpx2.ASGITransport(app=make_app(town.context), client=("127.0.0.1", 50_000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        answer = await client.post("/gestion/entrar", data={"usuario": account, "clave": PASSWORD})
        assert answer.status_code == 303
        yield Person(client, town)


async def reports(town: Town) -> dict[str, str]:
    citizen = citizen_document(town.clock.now(), name="Amatista Cuarzo", phone="477 999 8877")
    await town.databases.citizens.put(citizen)
    made = {
        "lamp": await town.capture("lucia", "lampara", text="zafiro", citizen=citizen["_id"], **inside(1)),
        "hole": await town.capture(
            "marta", "bache", text="jade", place={"street": "Calle Ñandú"}, **inside(2)
        ),
        "crime": await town.capture("lucia", "denuncia", text="rubi", **inside(1)),
        "unknown": await town.capture("lucia", "unknown", text="ónix negro", **inside(3)),
    }
    await town.grown()
    return made


def links(page: str) -> set[str]:
    return set(re.findall(r'href="/gestion/asuntos/([0-9a-f-]{36})"', page))


async def test_everybody_lists_what_they_may_read_and_nothing_else(town: Town) -> None:
    made = await reports(town)
    may = {
        "mesa2": {"lamp", "hole", "unknown"},
        "mar": {"lamp"},
        "sol": {"hole"},
        "eva": {"crime"},
        "irma": {"lamp", "hole", "crime", "unknown"},
    }
    for account, names in may.items():
        async with as_(town, account) as person:
            page = await person.get("/gestion/asuntos")
            assert links(page) == {made[name] for name in names}, account
            assert f"{len(names)} reporte" in page
            for name, report in made.items():
                answer = await person.http.get(f"/gestion/asuntos/{report}")
                assert answer.status_code == (200 if name in names else 404), (account, name)
                found = await person.http.get("/gestion/buscar", params={"q": made_folio(made, name)})
                assert (found.status_code == 303) == (name in names), (account, name)
    async with as_(town, "jefa") as person:
        assert (await person.http.get("/gestion/asuntos")).status_code == 403


def made_folio(made: dict[str, str], name: str) -> str:
    return f"VP-{list(made).index(name) + 1:06d}"


async def test_a_folio_leads_to_its_report_however_it_is_typed(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        for typed in ("VP-000002", "vp2", "2", " VP 000002 ", "000002"):
            answer = await person.http.get("/gestion/buscar", params={"q": typed})
            assert answer.headers["location"] == f"/gestion/asuntos/{made['hole']}", typed
        for typed, name in (
            ("4779998877", "lamp"),
            ("045 477 999 8877", "lamp"),
            ("amatista", "lamp"),
            ("nandu", "hole"),
            ("onix", "unknown"),
        ):
            assert made[name] in links(await person.get(f"/gestion/buscar?q={typed}")), typed
        assert "No se encontró nada" in await person.get("/gestion/buscar?q=diamante")
    async with as_(town, "mar") as person:
        page = await person.get("/gestion/buscar?q=4779998877")
        assert not links(page), "who may not look persons up does not find by them"


async def test_filters_of_the_url_are_kept_shown_and_taken_off(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        page = await person.get("/gestion/asuntos?tipo=bache&estado=captured&capturado_desde=2026-11-01")
        assert links(page) == {made["hole"]}
        for said in ("Tipo: bache", "Estado: Capturado", "Capturado: desde 1 de noviembre de 2026"):
            assert said in page
        wrong = await person.http.get("/gestion/asuntos?capturado_desde=31/02/2026")
        assert wrong.status_code == 400
        assert "capturado_desde" in wrong.text
        assert 'value="31/02/2026"' in wrong.text, "what was typed is kept"
        assert (await person.http.get("/gestion/asuntos?tipe=bache")).status_code == 400
        assert (await person.http.get("/gestion/asuntos?despues=nada")).status_code == 303


async def test_the_desk_classifies_answers_assigns_and_notes(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        report = made["unknown"]
        assert (await person.act(report, "clasificar", tipo="bache")).status_code == 303
        assert (
            await person.act(report, "responder", medio="phone", texto="Ya va la cuadrilla")
        ).status_code == 303
        assert (
            await person.act(report, "asignar", a_quien="alumbrado/alumbrado-1", texto="Con escalera")
        ).status_code == 303
        assert (await person.act(report, "prioridad", prioridad="2")).status_code == 303
        assert (await person.act(report, "anotar", texto="Volver a llamar")).status_code == 303
        stored = await town.stored(report)
        assert (stored["type"], stored["priority"], stored["agency"]) == ("bache", 2, "alumbrado")
        assert stored["answered_at"]
        assert [entry["brigade"] for entry in stored["assignments"]] == ["alumbrado-1"]
        page = await person.get(f"/gestion/asuntos/{report}")
        for said in (
            "Ya va la cuadrilla",
            "a Dirección de alumbrado, Cuadrilla alumbrado",
            "Mesa2",
            "a Alta",
            "por teléfono",
        ):
            assert said in page, said
    chain = await town.databases.cases.get(f"chain:mesa2~{(await town.context.pen._open()).installation}")
    assert (chain["through"], chain["gaps"]) == (5, [])


async def test_a_closing_that_documents_nothing_does_not_close(town: Town) -> None:
    """León's two stated weaknesses: closings without intervention, and one agency for each report."""
    made = await reports(town)
    report = made["hole"]
    async with as_(town, "sol") as person:
        bare = await person.act(report, "terminar")
        assert bare.status_code == 422
        assert "Diga qué se hizo" in html.unescape(bare.text)
        unproved = await person.act(report, "terminar", texto="Se tapó con mezcla")
        assert unproved.status_code == 422
        assert "Falta la foto" in html.unescape(unproved.text)
        assert "Se tapó con mezcla" in html.unescape(unproved.text), "what was typed is kept"
        assert (await town.stored(report))["status"] == "captured"
        assert (
            await person.act(report, "asignar", a_quien="alumbrado", texto="Hay un poste")
        ).status_code == 303
    async with as_(town, "mar") as other:
        assert report in links(await other.get("/gestion/asuntos"))
        assert (
            await other.act(
                report,
                "terminar",
                texto="Se movió el poste",
                files={"foto": ("a.jpg", picture(), "image/jpeg")},
            )
        ).status_code == 303
    assert (await town.stored(report))["status"] == "in_progress", "it is finished when all are"
    async with as_(town, "sol") as person:
        files = {"foto": ("b.jpg", picture(seed=2), "image/jpeg")}
        done = await person.act(report, "terminar", texto="Se tapó con mezcla", files=files)
        assert done.status_code == 303, done.text
    stored = await town.stored(report)
    assert stored["status"] == "finished"
    assert "closed_without_photo" not in stored["flags"]
    assert len(stored["evidence"]) == 2


async def test_a_confidential_complaint_is_closed_by_its_agency_alone(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "eva") as person:
        page = await person.get(f"/gestion/asuntos/{made['crime']}")
        assert "Lucía" not in page, "who complained is nobody's to read"
        assert (await person.act(made["crime"], "terminar", texto="Se investigó")).status_code == 303
    assert (await town.stored(made["crime"]))["status"] == "finished"


async def test_a_stale_page_overwrites_nothing(town: Town) -> None:
    made = await reports(town)
    report = made["lamp"]
    async with as_(town, "mar") as one, as_(town, "mar") as two:
        stale = await two.get(f"/gestion/asuntos/{report}")
        assert (await one.act(report, "terminar", texto="Foco nuevo")).status_code == 303
        late = await two.act(report, "no-procede", page=stale, razon="other", texto="No se ve")
        assert late.status_code == 409
        assert "cambió mientras tanto" in html.unescape(late.text)
        assert (await town.stored(report))["status"] == "finished"


async def test_a_double_click_is_one_act(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        page = await person.get(f"/gestion/asuntos/{made['lamp']}")
        for _ in range(2):
            assert (await person.act(made["lamp"], "anotar", page=page, texto="Una vez")).status_code == 303
    kinds = [entry["kind"] for entry in (await town.stored(made["lamp"]))["timeline"]]
    assert kinds.count("noted") == 1


async def test_without_intake_the_page_says_that_it_waits(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        page = await person.get(f"/gestion/asuntos/{made['lamp']}")
        hidden = dict(
            re.findall(r'name="(\w+)" value="([^"]*)"', page.split("/anotar")[1].split("</form>")[0])
        )
        parts = {key: (None, value) for key, value in {**hidden, "texto": "Llamó otra vez"}.items()}
        answer = await person.http.post(f"/gestion/asuntos/{made['lamp']}/anotar", files=parts)
        assert answer.status_code == 202
        assert "se está registrando" in html.unescape(answer.text)
        await town.grown()
        assert "Llamó otra vez" in await person.get(f"/gestion/asuntos/{made['lamp']}")


async def test_a_persons_data_are_seen_on_record_only(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        page = await person.get(f"/gestion/asuntos/{made['lamp']}")
        assert "Amatista" not in page
        seen = await person.get(f"/gestion/asuntos/{made['lamp']}?persona=ver")
        assert "Amatista Cuarzo" in seen
        assert "477 999 8877" in seen
    newest = (await town.context.audit.newest(1))[0]
    assert (newest["account"], newest["what"], newest["subject"]) == (
        "mesa2",
        "citizen",
        f"report:{made['lamp']}",
    )


async def test_a_repeated_report_is_joined_and_separated_by_folio(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        assert "No hay un solo reporte" in html.unescape(
            (await person.act(made["lamp"], "unir", folio="999")).text
        )
        assert "este mismo" in html.unescape((await person.act(made["lamp"], "unir", folio="1")).text)
        assert (await person.act(made["lamp"], "unir", folio="VP-000002")).status_code == 303
        assert (await town.stored(made["lamp"]))["duplicate_of"] == made["hole"]
        assert (await person.act(made["lamp"], "separar")).status_code == 303
        assert (await town.stored(made["lamp"]))["status"] == "captured"


async def test_no_page_shows_a_code(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mar") as person:
        await person.act(made["lamp"], "iniciar")
        await person.act(made["lamp"], "devolver", razon="not_ours", texto="Es de la Comisión")
    async with as_(town, "mesa2") as person:
        page = await person.get(f"/gestion/asuntos/{made['lamp']}")
        shown = re.sub(
            r"<[^>]+>", " ", re.sub(r"<(select|script|option).*?</\1>", " ", page, flags=re.DOTALL)
        )
        for chapter in ("kind", "status", "returned", "assignment"):
            for code in texts(chapter):
                assert not re.search(rf"\b{code}\b", shown), code
        assert "No nos corresponde" in shown


def test_every_act_is_a_kind_of_the_book() -> None:
    assert {act.kind for act in ACTS} <= texts("kind").keys()


async def test_every_number_leads_to_its_list(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        page = await person.get("/gestion/cifras")
        for href, count in re.findall(r'<a href="(/gestion/asuntos\?[^"]+)">[^<]*<b>([\d,]+)</b>', page):
            listed = await person.get(href)
            shown = re.search(r"<caption>([\d,]+) reporte", listed)
            assert (shown[1] if shown else "0") == count, href
        assert made["crime"] not in page


async def test_a_list_is_exported_with_its_filter_and_on_record(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        answer = await person.http.get("/gestion/exportar?formato=csv&tipo=lampara")
        assert answer.headers["content-disposition"].endswith('.csv"')
        text = answer.content.decode("utf-8-sig")
        assert "VP-000001" in text
        assert "VP-000002" not in text
        assert "Amatista" not in text
        newest = (await town.context.audit.newest(1))[0]
        assert (newest["what"], newest["subject"]) == ("exported", "reports:1")
        persons = await person.http.get("/gestion/exportar?formato=csv&persona_columnas=si")
        assert "Amatista Cuarzo" in persons.text
        assert "rubi" not in persons.text, "another agency's complaint is in no file"
        assert {line["what"] for line in await town.context.audit.newest(2)} == {
            "exported",
            "exported_persons",
        }
        for form in ("xlsx", "geojson"):
            assert (await person.http.get(f"/gestion/exportar?formato={form}")).status_code == 200
    async with as_(town, "mar") as person:
        assert (await person.http.get("/gestion/exportar?formato=csv&persona_columnas=si")).status_code == 403
        assert "VP-000002" not in (await person.http.get("/gestion/exportar?formato=csv")).text
    assert made
