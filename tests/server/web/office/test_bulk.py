"""A supervisor acts on many reports at once: said before, done each by itself, told after, never twice."""

from __future__ import annotations

import asyncio
import html
import re
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import pytest

from server.bulk.job import PART
from server.bulk.running import OUT_OF_POWER, Bulk
from server.channels.pen import Pen
from server.context import zone_of
from tests.server.intake.municipality import inside
from tests.server.web.office.office import Outline
from tests.server.web.office.test_reports import Person, Town, as_, reports, town

__all__ = ["town"]

pytestmark = pytest.mark.anyio

NEW = "/gestion/lotes/nuevo"


async def supervisor(town: Town, *accounts: str) -> None:
    for account in accounts:
        await town.directory.update(f"account:{account}", lambda doc: {**doc, "supervisor": True})


async def lamps(town: Town, count: int) -> list[str]:
    made = [
        await town.capture("lucia", "lampara", text=f"Lámpara {number}", **inside(1))
        for number in range(count)
    ]
    await town.grown()
    return made


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.split('class="card"')[1]))


async def sent(person: Person, page: str, **fields: str) -> httpx2.Response:
    answer = await person.http.post(NEW, data={**hidden(page), **fields})
    Outline.check(answer.text) if answer.text else None
    return answer


async def worked(town: Town, bulk: Bulk | None = None) -> bool:
    """The jobs' worker and intake, until the worker has nothing left or waits; True where it waits."""
    task = asyncio.create_task((bulk or town.context.bulk).run(30))
    inbox = town.databases.inbox
    while not task.done():
        since = (await inbox.info()).update_seq
        await town.grown()
        waiting = asyncio.create_task(inbox.wait_for_change(since, 30))
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    await town.grown()
    return await task


async def confirmed(person: Person, path: str, **fields: str) -> str:
    """The job that this preview and confirmation begin; its path."""
    page = await person.get(path)
    preview = html.unescape((await sent(person, page, paso="ver", **fields)).text)
    answer = await sent(person, preview, paso="hacer", **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def kinds(town: Town, report: str) -> list[str]:
    return [entry["kind"] for entry in (await town.stored(report))["timeline"] if entry.get("event")]


async def test_many_are_assigned_at_once_and_each_is_told(town: Town) -> None:
    await supervisor(town, "mesa2")
    made = await lamps(town, 7)
    await reports(town)
    await town.act("mesa", "not_viable", made[3], {"reason": "other", "text": "No es del municipio"})
    await town.grown()
    async with as_(town, "mesa2") as person:
        listed = await person.get("/gestion/asuntos?tipo=lampara")
        assert "Actuar sobre los 8 encontrados" in listed
        page = await person.get(f"{NEW}?tipo=lampara&acto=asignar")
        assert "8 reportes" in page
        answer = await sent(person, page, paso="ver", a_quien="alumbrado/alumbrado-1", texto="Hoy")
        preview = html.unescape(answer.text)
        assert re.search(r"Se hará en <b>7</b>", preview)
        assert "Está cerrado" in preview
        assert (await town.stored(made[0]))["status"] == "captured", "a preview does nothing"
        answer = await sent(person, preview, paso="hacer", a_quien="alumbrado/alumbrado-1", texto="Hoy")
        job = answer.headers["location"]
        waiting = await person.get(job)
        assert 'http-equiv="refresh"' in waiting
        assert not await worked(town)
        page = await person.get(job)
        assert 'http-equiv="refresh"' not in page
        assert page.count(">Hecho<") == 7
        assert page.count("No se hizo: Está cerrado") == 1
        for report in made[:3] + made[4:]:
            entry = (await town.stored(report))["assignments"][-1]
            assert (entry["agency"], entry["brigade"]) == ("alumbrado", "alumbrado-1")
        # The same act again is said to be so already, and a double click is one job.
        page = await person.get(f"{NEW}?tipo=lampara&acto=asignar")
        again = await sent(person, page, paso="ver", a_quien="alumbrado/alumbrado-1")
        assert "Ya estaba así" in again.text
        assert "No se haría en ninguno" in again.text
    newest = [line["what"] for line in await town.context.audit.newest(5)]
    assert newest.count("bulk_started") == 1
    head = await town.context.bulk.head(job.rpartition("/")[2])
    assert head is not None
    assert head["state"] == "done"
    assert "texto" not in head["form"], "words stand in the events, where an erasure finds them"


async def test_two_hundred_and_more_are_reassigned(town: Town) -> None:
    """More than one part of a job: each report told, none twice."""
    await supervisor(town, "mesa2")
    pen = await town.pen("lucia")
    events = [pen.capture("lampara", **inside(1)) for _ in range(PART + 3)]
    await town.push(*events)
    await town.grown()
    made = [event["_id"].split(":")[1] for event in events]
    async with as_(town, "mesa2") as person:
        job = await confirmed(person, f"{NEW}?tipo=lampara&acto=asignar", a_quien="obras/obras-1")
        assert not await worked(town)
        first, second = await person.get(job), await person.get(f"{job}?parte=2")
        assert (first.count(">Hecho<"), second.count(">Hecho<")) == (PART, 3)
        assert f"<b>{PART + 3}</b>hechos" in first
    stored = await town.databases.cases.get_many([f"report:{report}" for report in made])
    for report in stored.values():
        assert [entry["brigade"] for entry in report["assignments"]].count("obras-1") == 1


async def test_picked_reports_are_the_list_and_a_double_click_is_one_job(town: Town) -> None:
    await supervisor(town, "mesa2")
    made = await lamps(town, 4)
    async with as_(town, "mesa2") as person:
        listed = await person.get("/gestion/asuntos")
        folios = re.findall(r'form="lote" name="folio" value="([^"]+)"', listed)
        assert len(folios) == 4
        page = await person.get(f"{NEW}?folio={folios[0]}&folio={folios[2]}&acto=anotar")
        preview = html.unescape((await sent(person, page, paso="ver", texto="Revisados")).text)
        answers = await asyncio.gather(
            *(sent(person, preview, paso="hacer", texto="Revisados") for _ in range(2))
        )
        assert len({answer.headers["location"] for answer in answers}) == 1
        await worked(town)
    noted = [report for report in made if "noted" in await kinds(town, report)]
    assert len(noted) == 2
    for report in noted:
        assert (await kinds(town, report)).count("noted") == 1


async def test_a_list_that_changed_is_shown_again_and_nothing_is_done(town: Town) -> None:
    await supervisor(town, "mesa2")
    await lamps(town, 2)
    async with as_(town, "mesa2") as person:
        page = await person.get(f"{NEW}?tipo=lampara&acto=anotar")
        preview = html.unescape((await sent(person, page, paso="ver", texto="x")).text)
        await lamps(town, 1)
        answer = await sent(person, preview, paso="hacer", texto="x")
        assert answer.status_code == 409
        assert "La lista cambió mientras tanto" in html.unescape(answer.text)
        assert await town.context.bulk.newest() == []
        missing = await sent(person, page, paso="ver", texto="")
        assert missing.status_code == 422
        assert "Escriba la nota" in missing.text


@pytest.mark.parametrize("role", ["mesa2", "mar", "sol", "irma", "jefa"])
async def test_a_bulk_act_reaches_nothing_its_maker_may_not_read(town: Town, role: str) -> None:
    """Every role × list, count, facet and bulk: what may not be read is in none of them."""
    made = await reports(town)
    may = {"mesa2": {"lamp", "hole", "unknown"}, "mar": {"lamp"}, "sol": {"hole"}}.get(role)
    if may is None:
        async with as_(town, role) as person:
            assert (await person.http.get(NEW)).status_code == 403
            assert (await person.http.post(NEW, data={"acto": "anotar"})).status_code == 403
        return
    async with as_(town, role) as person:
        assert (await person.http.get(NEW)).status_code == 403, "without the right"
        assert "escogidos" not in await person.get("/gestion/asuntos")
    await supervisor(town, role)
    folios = "&".join(f"folio=VP-{number:06d}" for number in range(1, 5))
    async with as_(town, role) as person:
        for asked in ("", folios, "solo=confidenciales", "tipo=denuncia"):
            page = await person.get(f"{NEW}?{asked}")
            wanted = len(may) if asked in ("", folios) else 0
            said = f"{wanted} reporte" if wanted else "Ningún reporte es así"
            assert said in page, asked
        job = await confirmed(person, f"{NEW}?{folios}&acto=anotar", texto="granate")
        await worked(town)
        assert (await person.get(job)).count(">Hecho<") == len(may)
    for name, report in made.items():
        assert ("noted" in await kinds(town, report)) == (name in may), name
    async with as_(town, "irma") as person:
        assert "Nota interna" in await person.get(job), "the auditor reads every job"
    other = "sol" if role != "sol" else "mar"
    await supervisor(town, other)
    async with as_(town, other) as person:
        assert (await person.http.get(job)).status_code == 404
        answer = await person.http.post(job, data={"token": await form_token(person), "que": "detener"})
        assert answer.status_code == 404


async def form_token(person: Person) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', await person.get("/gestion/lotes"))
    assert found
    return found[1]


async def test_who_lost_the_right_does_nothing_more(town: Town) -> None:
    await supervisor(town, "mesa2")
    made = await lamps(town, 2)
    async with as_(town, "mesa2") as person:
        job = await confirmed(person, f"{NEW}?tipo=lampara&acto=anotar", texto="x")
    await town.directory.update("account:mesa2", lambda doc: {**doc, "supervisor": False})
    await worked(town)
    assert "noted" not in await kinds(town, made[0])
    async with as_(town, "irma") as person:
        assert (await person.get(job)).count(OUT_OF_POWER) == 2


async def test_what_waits_for_intake_is_said_and_stopped_where_asked(town: Town) -> None:
    await supervisor(town, "mesa2")
    await lamps(town, 60)
    async with as_(town, "mesa2") as person:
        job = await confirmed(person, f"{NEW}?tipo=lampara&acto=anotar", texto="x")
        assert await town.context.bulk.run(0), "intake is away"
        page = await person.get(job)
        assert "<b>50</b>recibidos" in page
        assert "<b>10</b>por hacer" in page
        await person.http.post(job, data={"token": await form_token(person), "que": "detener"})
        assert not await worked(town)
        page = await person.get(job)
        assert "<b>10</b>sin hacer" in page
        assert "Detenida" in page


async def test_a_job_of_an_installation_that_is_gone_goes_on_here_and_does_nothing_twice(town: Town) -> None:
    await supervisor(town, "mesa2")
    made = await lamps(town, 60)
    async with as_(town, "mesa2") as person:
        job = await confirmed(person, f"{NEW}?tipo=lampara&acto=anotar", texto="x")
        assert await town.context.bulk.run(0)
        await town.grown()
        # Fifty are done and not told; and now the pen is another, as after a restore elsewhere.
        await town.context.pen.stop()
        folder = town.context.settings.data_dir / "elsewhere"
        pen = Pen(folder, town.databases, town.directory, town.context.inbox, town.context.clock)
        here = Bulk(town.databases, town.directory, pen, town.context.clock, lambda: zone_of(town.databases))
        assert not await worked(town, here)
        head = await town.context.bulk.head(job.rpartition("/")[2])
        assert head
        assert head["state"] == "running"
        await here.adopt(job.rpartition("/")[2])
        assert not await worked(town, here)
        assert (await person.get(job)).count(">Hecho<") == 60
        await pen.stop()
    for report in made:
        assert (await kinds(town, report)).count("noted") == 1


async def test_the_jobs_filter_leads_to_its_list_and_names_nobody(town: Town) -> None:
    await supervisor(town, "mesa2")
    await reports(town)
    async with as_(town, "mesa2") as person:
        job = await confirmed(person, f"{NEW}?persona=amatista&tipo=lampara&acto=anotar", texto="x")
    head: Any = await town.context.bulk.head(job.rpartition("/")[2])
    assert head["chosen"] == [["tipo", "lampara"]]
    assert dict(parse_qsl("tipo=lampara")) == dict(head["chosen"])
