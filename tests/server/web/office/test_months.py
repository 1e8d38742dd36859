"""A month is closed once and stays as it was; its draw is anybody's to repeat; its survey bothers nobody."""

from __future__ import annotations

import asyncio
import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest
from python_calamine import CalamineWorkbook

from server.clock import new_uuid7
from server.documents.contracts import contract
from server.months.closes import Closes, find
from server.months.figures import hash_of
from server.months.sample import drawn
from server.problems import Problem
from server.register.register import Register
from server.web.app import make_app
from tests.device import citizen_document
from tests.server.intake.municipality import inside
from tests.server.register.town import ZONE
from tests.server.web.office.office import office
from tests.server.web.office.test_reports import Town, as_, town

pytestmark = pytest.mark.anyio
__all__ = ["town"]

Json = dict[str, Any]
NAMES: Any = {
    "municipality": "Villa de Prueba",
    "timezone": ZONE.key,
    "agency": "Alumbrado",
    "by": "Alguien",
    "types": {},
    "colonias": {},
}
AGENCY = "/gestion/meses/2026-11/alumbrado"


def november(day: int, hour: int = 18) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


async def lamps(town: Town, count: int) -> list[str]:
    """Lamps of one person, all finished in November."""
    citizen = citizen_document(town.clock.now(), name="Amatista Cuarzo", phone="477 999 8877")
    await town.databases.citizens.put(citizen)
    made = [
        await town.capture("lucia", "lampara", text="zafiro", citizen=citizen["_id"], **inside(1))
        for _ in range(count)
    ]
    crew = await town.pen("luz1")
    await town.push(*[crew.event("finished", report, {"done": "Foco"}) for report in made])
    await town.grown()
    return made


def until(town: Town, moment: datetime) -> None:
    town.clock.advance(seconds=(moment - town.clock.now()).total_seconds())


async def close(town: Town, path: str = AGENCY) -> httpx2.Response:
    async with as_(town, "jefa") as person:
        page = await person.get(path)
        token = re.search(r'name="token" value="(\w+)"', page)
        assert token
        return await person.http.post(f"{path}/cerrar", data={"token": token[1]})


async def papers(town: Town, folder: Path) -> tuple[bytes, bytes, list[Any]]:
    async with as_(town, "mar") as person:
        pdf = (await person.http.get(f"{AGENCY}/cierre.pdf")).content
        letter = (await person.http.get(f"{AGENCY}/oficio.pdf")).content
        (folder / "a.xlsx").write_bytes((await person.http.get(f"{AGENCY}/cierre.xlsx")).content)
    assert pdf.startswith(b"%PDF")
    assert letter.startswith(b"%PDF")
    return pdf, letter, CalamineWorkbook.from_path(str(folder / "a.xlsx")).get_sheet_by_index(0).to_python()


async def test_close_1_a_month_closed_then_a_late_phone_nothing_moved(town: Town, tmp_path: Path) -> None:
    done = await lamps(town, 2)
    opened = await town.capture("lucia", "lampara", **inside(2))
    await town.grown()
    crew, lucia = await town.pen("luz1"), await town.pen("lucia")
    # In November, on phones without signal: a new report, and the closing of the open one.
    late = lucia.capture("lampara", at=november(25), text="ópalo", **inside(3))
    late_closing = crew.event("finished", opened, {"done": "Foco"}, at=november(28))
    until(town, datetime(2026, 12, 2, 16, tzinfo=UTC))
    assert (await close(town)).status_code == 303
    stored = await find(town.databases.office, "2026-11", "alumbrado")
    assert stored is not None
    assert sorted(row["report"] for row in stored["received"]) == sorted([*done, opened])
    assert sorted(row["report"] for row in stored["finished"]) == sorted(done)
    assert (stored["figures"]["open"], stored["figures"]["received_late"]) == (1, 0)
    before = await papers(town, tmp_path)
    assert {row[1] for row in before[2][1:]} == {"VP-000001", "VP-000002", "VP-000003"}

    # The municipality goes on: names change, the month before is closed after all.
    reference = town.databases.reference
    for name, said in (("type:lampara", "Luminaria"), ("agency:alumbrado", "Servicios")):
        await reference.put({**await reference.get(name), "name": said})
    assert (await close(town, "/gestion/meses/2026-10/alumbrado")).status_code == 303
    await town.push(late, late_closing)
    await town.grown()
    await town.assert_sound()
    assert (await town.stored(opened))["status"] == "finished"
    assert await find(town.databases.office, "2026-11", "alumbrado") == stored
    assert await papers(town, tmp_path) == before
    async with as_(town, "mar") as person:
        assert "llegó un reporte capturado" in await person.get(AGENCY)

    until(town, datetime(2027, 1, 4, 16, tzinfo=UTC))
    await town.grown()
    assert (await close(town, "/gestion/meses/2026-12/alumbrado")).status_code == 303
    december = await find(town.databases.office, "2026-12", "alumbrado")
    assert december is not None
    (row,) = december["received"]
    assert (row["report"], row["came_late"]) == (late["_id"].split(":")[1], True)
    (row,) = december["finished"]
    assert (row["report"], row["closed_late"]) == (opened, True)
    figures = december["figures"]
    assert (figures["received_late"], figures["closed_late"]) == (1, 1)
    both = {row["report"] for row in stored["finished"]} & {row["report"] for row in december["finished"]}
    assert not both, "nothing counts twice"


async def test_two_clicks_at_two_servers_are_one_close(town: Town, tmp_path: Path) -> None:
    await lamps(town, 2)
    until(town, datetime(2026, 12, 2, 16, tzinfo=UTC))
    other = Register(tmp_path / "register", town.databases)
    await other.catch_up()
    try:
        gateways = [Closes(town.databases, register, ZONE) for register in (town.context.register, other)]
        tasks = [
            gateway.close("2026-11", "alumbrado", town.clock.now(), f"user{n}", NAMES)
            for n, gateway in enumerate([*gateways, *gateways])
        ]
        found = await asyncio.gather(*tasks)
    finally:
        await other.stop()
    assert sum(made for _, made in found) == 1
    stored = await town.databases.office.get("close:2026-11:alumbrado")
    assert {doc["hash"] for doc, _ in found} == {stored["hash"]}
    assert str(stored["_rev"]).startswith("1-")
    schema = json.loads(contract("close.v1.json"))
    assert jsonschema_rs.validator_for(schema).is_valid(stored)


async def test_a_month_is_closed_when_it_is_over_by_whom_it_may_be(town: Town) -> None:
    await lamps(town, 1)
    assert (await close_as(town, "jefa")) == 409
    until(town, datetime(2026, 12, 1, 5, 59, tzinfo=UTC))
    assert (await close_as(town, "jefa")) == 409, "still November in Mexico City"
    until(town, datetime(2026, 12, 1, 6, 1, tzinfo=UTC))
    assert (await close_as(town, "mar")) == 403
    assert (await close_as(town, "irma")) == 403
    assert (await close_as(town, "mesa2")) == 403
    await office(town.context, "super", "desk", supervisor=True)
    assert (await close_as(town, "super")) == 303
    async with as_(town, "sol") as person:
        assert (await person.http.get(AGENCY)).status_code == 404, "another agency's month"
    lines = [line for line in await town.context.audit.newest() if line["what"] == "month_closed"]
    assert [(line["account"], line["subject"]) for line in lines] == [("super", "close:2026-11:alumbrado")]


async def close_as(town: Town, account: str) -> int:
    async with as_(town, account) as person:
        token = re.search(r'name="token" value="(\w+)"', (await person.http.get("/gestion/")).text)
        assert token
        return (await person.http.post(f"{AGENCY}/cerrar", data={"token": token[1]})).status_code


async def test_a_close_that_somebody_wrote_into_is_not_shown_as_one(town: Town) -> None:
    await lamps(town, 1)
    until(town, datetime(2026, 12, 2, 16, tzinfo=UTC))
    assert await close_as(town, "jefa") == 303
    stored = await town.databases.office.get("close:2026-11:alumbrado")
    assert hash_of(stored) == stored["hash"]
    await town.databases.office.put({**stored, "figures": {**stored["figures"], "received": 99}})
    with pytest.raises(Problem) as found:
        await find(town.databases.office, "2026-11", "alumbrado")
    assert found.value.code == "close_damaged"


async def test_confidential_reports_are_in_no_close(town: Town) -> None:
    crime = await town.capture("lucia", "denuncia", text="rubi", **inside(1))
    await town.grown()
    until(town, datetime(2026, 12, 2, 16, tzinfo=UTC))
    assert (await close(town, "/gestion/meses/2026-11/seguridad")).status_code == 303
    stored = await town.databases.office.get("close:2026-11:seguridad")
    assert stored["figures"]["received"] == stored["figures"]["open"] == 0
    assert crime not in json.dumps(stored)


async def test_a_draw_is_repeated_from_what_is_published(town: Town) -> None:
    await lamps(town, 15)
    async with as_(town, "jefa") as person:
        page = await person.get("/gestion/meses")
        token = re.search(r'name="token" value="(\w+)"', page)
        assert token
        for _ in range(2):
            sent = await person.http.post("/gestion/meses/2026-11/semilla", data={"token": token[1]})
            assert sent.status_code == 303
    draw = await town.databases.office.get("draw:2026-11")
    assert (draw["early"], str(draw["_rev"])[:2]) == (True, "1-"), "the first seed stands"
    until(town, datetime(2026, 12, 2, 16, tzinfo=UTC))
    assert await close_as(town, "jefa") == 303
    transport = httpx2.ASGITransport(app=make_app(town.context), client=("127.0.0.1", 50_000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as anybody:
        public = html.unescape((await anybody.get("/sorteos/")).text)
        listed = (await anybody.get("/sorteos/2026-11/alumbrado.csv")).text
    assert draw["seed"] in public
    folios = [line.split(",")[0] for line in listed.splitlines()[1:]]
    assert len(folios) == 15
    wanted = drawn(draw["seed"], folios)
    assert len(wanted) == 2
    async with as_(town, "mar") as person:
        page = await person.get("/gestion/encuesta/2026-11/alumbrado")
        assert re.findall(r'href="/gestion/asuntos/[^"]+">(VP-\d+)</a>', page) == wanted
        assert "Llamar" not in page, "an agency does not ask about itself"
    # A seed after the list is known would be a choice.
    async with as_(town, "jefa") as person:
        await close(town, "/gestion/meses/2026-10/alumbrado")
        token = re.search(r'name="token" value="(\w+)"', await person.get("/gestion/meses"))
        assert token
        sent = await person.http.post("/gestion/meses/2026-10/semilla", data={"token": token[1]})
        assert sent.status_code == 409


async def test_a_survey_asks_whom_it_drew_and_nobody_who_has_said_so(town: Town) -> None:
    done = await lamps(town, 12)
    async with as_(town, "jefa") as person:
        token = re.search(r'name="token" value="(\w+)"', await person.get("/gestion/meses"))
        assert token
        await person.http.post("/gestion/meses/2026-11/semilla", data={"token": token[1]})
    until(town, datetime(2026, 12, 2, 16, tzinfo=UTC))
    assert await close_as(town, "jefa") == 303
    draw = await town.databases.office.get("draw:2026-11")
    stored = await town.databases.office.get("close:2026-11:alumbrado")
    by_folio = {row["folio"]: row["report"] for row in stored["finished"]}
    first, second = (by_folio[folio] for folio in drawn(draw["seed"], by_folio))
    other = next(report for report in done if report not in (first, second))
    here = "/gestion/encuesta/2026-11/alumbrado"
    await town.push((await town.pen("lucia")).event("verified", second, {"solved": False}))
    await town.grown()
    async with as_(town, "mesa2") as person:
        assert "por su cuenta" in await person.get(here)
        rated = {"_id": f"rating:{first}", "schema": "rating.v1", "report": first, "talk": None, "stars": 5}
        rev = await town.databases.office.put({**rated, "at": "2026-12-01T16:00:00.000Z"})
        page = await person.get(here)
        assert page.count("Ya lo dijo por su cuenta") == 2, "who rated needs no call"
        assert "<b>5.0</b>" in page
        assert "No hay que llamar" in await person.get(f"{here}/{first}")
        await town.databases.office.delete(f"rating:{first}", rev)
        assert "No hay que llamar" in await person.get(f"{here}/{second}")
        assert (await person.http.get(f"{here}/{other}")).status_code == 404, "it was not drawn"
        page = await person.get(f"{here}/{first}")
        assert "477 999 8877" in page
        lines = [line for line in await town.context.audit.newest() if line["what"] == "citizen"]
        assert [line["subject"] for line in lines] == [f"report:{first}"]
        token = re.search(r'name="token" value="(\w+)"', page)
        assert token
        form = {"token": token[1], "van": "0", "resultado": "no_answer"}
        for _ in range(2):  # The same form twice is one attempt.
            assert (await person.http.post(f"{here}/{first}", data=form)).status_code == 303
        doc = await town.databases.office.get(f"survey:2026-11:alumbrado:{first}")
        assert len(doc["attempts"]) == 1
        missing = await person.http.post(
            f"{here}/{first}", data={**form, "van": "1", "resultado": "answered"}
        )
        assert missing.status_code == 422
        answer = {"quedo": "si", "aviso": "no", "calificacion": "4", "texto": "Bien"}
        form = {**form, "van": "1", "resultado": "answered", **answer}
        assert (await person.http.post(f"{here}/{first}", data=form)).status_code == 303
        page = await person.get(here)
        assert "Han contestado 2" in page
        assert "50 %" in page
        again = await person.http.post(f"{here}/{first}", data={**form, "van": "2"})
        assert again.status_code == 409
    doc = await town.databases.office.get(f"survey:2026-11:alumbrado:{first}")
    assert jsonschema_rs.validator_for(json.loads(contract("survey.v1.json"))).is_valid(doc)
    assert "477 999" not in json.dumps(doc)
    assert "Amatista" not in json.dumps(doc)
    async with as_(town, "irma") as person:
        assert (await person.http.get(f"{here}/{first}")).status_code == 403


async def test_the_survey_too_speaks_to_nobody_a_third_time(town: Town) -> None:
    done = await lamps(town, 12)
    async with as_(town, "jefa") as person:
        token = re.search(r'name="token" value="(\w+)"', await person.get("/gestion/meses"))
        assert token
        await person.http.post("/gestion/meses/2026-11/semilla", data={"token": token[1]})
    until(town, datetime(2026, 12, 2, 16, tzinfo=UTC))
    assert await close_as(town, "jefa") == 303
    here, office_db = "/gestion/encuesta/2026-11/alumbrado", town.databases.office
    for number, outcome in enumerate(("reached", "reached")):
        doc = {
            "_id": f"contact:{new_uuid7(town.clock)}",
            "schema": "contact.v1",
            "report": done[number],
            "why": "closed",
            "at": f"2026-12-0{number + 1}T15:00:00.000Z",
            "by": "mesa2",
            "channel": "phone",
            "outcome": outcome,
            "text": "Hola",
        }
        await office_db.put(doc)
        async with as_(town, "mesa2") as person:
            page = await person.get(here)
            # All twelve lamps are of one telephone.
            assert page.count("Por llamar") == (2 if number == 0 else 0)
    async with as_(town, "mesa2") as person:
        link = re.search(r'href="/gestion/asuntos/([0-9a-f-]{36})">VP', page)
        assert link
        page = await person.get(f"{here}/{link[1]}")
        assert "477 999 8877" not in page
        token = re.search(r'name="token" value="(\w+)"', page)
        assert token
        form = {"token": token[1], "van": "0", "resultado": "no_answer"}
        assert (await person.http.post(f"{here}/{link[1]}", data=form)).status_code == 409
