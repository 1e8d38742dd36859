"""Lists kept under a name, grouped, with persons or a map; queues; and nothing widens what one may read."""

from __future__ import annotations

import html
import re
from dataclasses import fields
from typing import Any

import pytest

from server.cases.validation import reasons
from server.instants import say
from server.register.filters import NAMES, Days, Filter
from server.register.views import document, filter_of
from tests.server.intake.municipality import inside
from tests.server.web.office.test_bulk import supervisor
from tests.server.web.office.test_reports import Person, Town, as_, links, reports, town

__all__ = ["town"]

pytestmark = pytest.mark.anyio

VIEWS = "/gestion/vistas"
#: Members of the filter that take certain values only.
OWN: dict[str, Any] = {
    "citizen": ("7", "12"),
    "colour": ("red", "amber"),
    "priority": ("1",),
    "status": ("captured",),
    "only": ("abiertos",),
    "phone": "4771234567",
}


def member(name: str, default: Any) -> Any:
    if isinstance(default, Days):
        return Days("2026-11-01", "2026-11-30")
    return OWN.get(name, ("uno", "dos") if isinstance(default, tuple) else "algo")


#: A filter of every member there is.
WHOLE = Filter(**{field.name: member(field.name, field.default) for field in fields(Filter)})


async def kept(person: Person, name: str, query: str, **more: str) -> Any:
    fields = {"token": await form_token_of(person), "nombre": name, "filtro": query, "orden": "due", **more}
    return await person.http.post(VIEWS, data=fields)


async def form_token_of(person: Person) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', await person.get("/gestion/asuntos"))
    assert found
    return found[1]


async def hrefs(person: Person) -> dict[str, str]:
    page = await person.get(VIEWS)
    return {
        name: html.unescape(href) for href, name in re.findall(r'<td><a href="([^"]+)">([^<]+)</a>', page)
    }


def test_a_view_keeps_every_member_of_the_filter() -> None:
    doc = document(
        "018f6d2a-7b1c-7c3e-9a52-0123456789ab", "Todo", WHOLE, by="mesa",
        at="2026-11-23T16:05:09.123Z", order="due", group="dependencia", audience=None,
    )  # fmt: skip
    assert reasons("view.v1", doc) == []
    assert filter_of(doc) == WHOLE
    assert {name.removesuffix("_desde").removesuffix("_hasta") for name, _ in doc["query"]} == set(
        NAMES.values()
    )
    assert filter_of({**doc, "query": [["gone", "x"]]}) is None


async def test_a_view_is_the_list_that_was_saved(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        answer = await kept(person, "Lámparas  de Lucía", "tipo=lampara&usuario=lucia&telefono=4779998877")
        assert answer.status_code == 303
        found = await hrefs(person)
        assert found == {"Lámparas de Lucía": answer.headers["location"]}
        page = await person.get(found["Lámparas de Lucía"])
        assert links(page) == {made["lamp"]}
        assert 'aria-current="true">Lámparas de Lucía' in page
        for wrong in ("tipe=x", "capturado_desde=ayer"):
            assert (await kept(person, "x", wrong)).status_code == 422
        assert (await kept(person, " ", "")).status_code == 422
    async with as_(town, "irma") as person:
        assert await hrefs(person) == {}, "another's own view"


async def test_a_shared_view_widens_nobodys_scope_and_names_nobody(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mesa2") as person:
        assert (await kept(person, "x", "", compartir="si")).status_code == 422, "without the right"
    await supervisor(town, "mesa2", "mar")
    async with as_(town, "mesa2") as person:
        named = await kept(person, "x", "persona=amatista", compartir="si")
        assert named.status_code == 422
        assert "no lleva el nombre" in named.text
        await kept(person, "Todo", "", compartir="si")
    async with as_(town, "mar") as person:
        await kept(person, "De alumbrado", "solo=abiertos", compartir="si")
    may = {"mesa2": {"lamp", "hole", "unknown"}, "mar": {"lamp"}, "sol": {"hole"}, "irma": set(made)}
    for account, names in may.items():
        async with as_(town, account) as person:
            found = await hrefs(person)
            assert found.keys() == {"Todo"} | ({"De alumbrado"} if account == "mar" else set())
            page = await person.get(found["Todo"])
            assert links(page) == {made[name] for name in names}, account
            key = re.search(rf'action="{VIEWS}/([0-9a-f-]+)"', await person.get(VIEWS))
            assert bool(key) == (account in ("mesa2", "mar")), "only who made it takes it away"
    stored = [row.id async for row in _rows(town, "view:")]
    async with as_(town, "sol") as person:
        for view in stored:
            path = f"{VIEWS}/{view.removeprefix('view:')}"
            assert (
                await person.http.post(path, data={"token": await form_token_of(person)})
            ).status_code == 404
    async with as_(town, "mar") as person:
        key = re.search(rf'action="({VIEWS}/[0-9a-f-]+)"', await person.get(VIEWS))
        assert key
        await person.http.post(key[1], data={"token": await form_token_of(person)})
        assert (await hrefs(person)).keys() == {"Todo"}


async def _rows(town: Town, prefix: str) -> Any:
    from sync.interface import AllDocsQuery

    page = await town.databases.office.all_docs(AllDocsQuery(startkey=prefix, endkey=prefix + "\uffff"))
    for row in page.rows:
        yield row


@pytest.mark.parametrize("account", ["mesa2", "mar", "sol", "irma"])
@pytest.mark.parametrize("group", ["dependencia", "tipo", "colonia", "delegacion", "general"])
async def test_every_number_of_a_grouped_list_is_its_lists(town: Town, account: str, group: str) -> None:
    await reports(town)
    async with as_(town, account) as person:
        page = await person.get(f"/gestion/asuntos?agrupar={group}")
        assert not links(page)
        await numbers_are_their_lists(person, page)


async def numbers_are_their_lists(person: Person, page: str) -> None:
    found = re.findall(r'<td class="n"><a href="([^"]+)">([\d,]+)</a>', page)
    assert found
    for href, count in found:
        listed = await person.get(href)
        shown = re.search(r"<caption>([\d,]+) reporte", listed)
        assert shown, href
        assert shown[1] == count, href


async def test_queues_say_what_waits_with_whom(town: Town) -> None:
    made = await reports(town)
    await supervisor(town, "mesa2", "mar")
    async with as_(town, "mar") as person:
        assert (await person.act(made["lamp"], "atender")).status_code == 303
        page = await person.get(f"/gestion/asuntos/{made['lamp']}")
        assert "Ya no lo atiendo" in page
        assert "Yo lo atiendo<" not in page
        await person.act(made["lamp"], "asignar", a_quien="alumbrado/alumbrado-1")
        queues = await person.get("/gestion/colas")
        assert re.search(r'<th scope="row">Mar</th><td class="n"><a href="[^"]+">1</a>', queues)
        assert "Cuadrilla alumbrado" in queues
        assert "Dirección de obras" not in queues, "another agency's queue"
        await numbers_are_their_lists(person, queues)
    async with as_(town, "mesa2") as person:
        queues = await person.get("/gestion/colas")
        assert re.search(r'<th scope="row">Nadie todavía</th><td class="n"><a href="[^"]+">2</a>', queues)
        await numbers_are_their_lists(person, queues)
    async with as_(town, "mar") as person:
        await person.act(made["lamp"], "soltar")
        assert "Mar</th>" not in await person.get("/gestion/colas")
    async with as_(town, "sol") as person:
        assert (await person.http.get("/gestion/colas")).status_code == 403


async def test_persons_are_in_a_list_only_where_asked_for_and_on_record(town: Town) -> None:
    await reports(town)
    async with as_(town, "mesa2") as person:
        assert "Amatista" not in await person.get("/gestion/asuntos")
        page = await person.get("/gestion/asuntos?ver=persona")
        assert "Amatista Cuarzo · 477 999 8877" in page
    (line,) = [line for line in await town.context.audit.newest(3) if line["what"] == "persons_listed"]
    assert (line["account"], line["subject"]) == ("mesa2", "reports:1")
    async with as_(town, "mar") as person:
        assert "Amatista" not in await person.get("/gestion/asuntos?ver=persona")


async def test_a_list_is_drawn_as_a_map_of_what_may_be_read(town: Town) -> None:
    made = await reports(town)
    async with as_(town, "mar") as person:
        page = await person.get("/gestion/asuntos?ver=mapa")
        drawn = re.search(r'<svg[^>]+class="map".*?</svg>', page, re.DOTALL)
        assert drawn
        assert drawn[0].count("<circle") == 1
        assert links(drawn[0]) == {made["lamp"]}


async def test_a_delegations_desk_begins_with_its_own_and_reads_no_less(town: Town) -> None:
    made = await reports(town)
    sectors = {(await town.stored(report))["place"].get("sector") for report in made.values()}
    sector = next(iter(sectors - {None}))
    async with as_(town, "mesa2") as person:
        everything = links(await person.get("/gestion/asuntos"))
    registry = town.databases.registry
    stored = await registry.get(f"sector:{sector}")
    await registry.put({**stored, "delegation": "Cerro Gordo"})
    await town.directory.update("account:mesa2", lambda doc: {**doc, "delegation": "Cerro Gordo"})
    await town.capture("lucia", "lampara", **inside(1))
    await town.grown()
    async with as_(town, "mesa2") as person:
        page = await person.get("/gestion/asuntos")
        assert "delegacion=Cerro+Gordo&solo=abiertos" in page
        assert everything < links(page)
        mine = await person.get("/gestion/asuntos?delegacion=Cerro+Gordo")
        assert links(mine)
        assert '<option value="Cerro Gordo" selected>' in mine
    assert say(town.clock.now())
