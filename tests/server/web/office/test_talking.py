"""A person of the desk takes over a conversation, answers in it, and gives it back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from server.context import Context
from sync.interface import AllDocsQuery
from tests.server.web.office.test_reports import Town, as_, town
from tests.server.web.public.test_chat import Neighbour, check_documents

__all__ = ["town"]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def neighbour(town: Town) -> AsyncIterator[Neighbour]:
    async with Neighbour(town) as neighbour:
        yield neighbour
    await check_documents(town.databases)


async def test_who_asks_for_a_person_is_seen_answered_and_given_back(
    neighbour: Neighbour, town: Town, context: Context
) -> None:
    await neighbour.say("hay un bache")
    await neighbour.say("quiero hablar con una persona")
    assert "Le paso con una persona" in neighbour.last()
    await neighbour.say("es por un permiso turquesa")
    assert neighbour.last() == "", "the assistant keeps still"
    async with as_(town, "mesa2") as desk:
        page = await desk.get("/gestion/conversaciones")
        assert "1 espera a una persona" in page
        assert "turquesa" not in page
        link = re.search(r'href="(/gestion/conversaciones/web/[0-9a-f]+)"', page)
        assert link
        page = await desk.get(link[1])
        assert "turquesa" in page
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        for _ in range(2):
            answer = await desk.http.post(
                f"{link[1]}/responder", data={**hidden, "texto": "Buenas tardes, jade"}
            )
            assert answer.status_code == 303
        empty = await desk.http.post(f"{link[1]}/responder", data={**hidden, "own": "", "texto": "  "})
        assert empty.status_code == 422
        assert "de 1 a 4,096 letras" in empty.text
        assert (await neighbour.look()).count("Buenas tardes, jade") == 1
        await neighbour.say("gracias, ¿y se puede?")
        assert neighbour.last() == ""
        assert ">1</td>" in await desk.get("/gestion/conversaciones"), "one not read"
        assert "Con la mesa" in await desk.get(link[1])
        assert ">1</td>" not in await desk.get("/gestion/conversaciones")
        await neighbour.say("se esta quemando mi casa")
        assert "llame al 911" in neighbour.last()
        assert "Urgente" in await desk.get("/gestion/conversaciones")
        done = await desk.http.post(f"{link[1]}/devolver", data=hidden)
        assert done.status_code == 303
    await neighbour.look()
    assert "Seguimos con su reporte" in neighbour.page
    query = AllDocsQuery(startkey="access:", endkey="access:\uffff", include_docs=True)
    looks = [row.doc or b"" for row in (await context.databases.accounts.all_docs(query)).rows]
    assert sum(b"conversation_seen" in look for look in looks) >= 2


async def test_a_closed_talk_is_the_assistants_again(neighbour: Neighbour, town: Town) -> None:
    await neighbour.say("asesor")
    async with as_(town, "mesa2") as desk:
        page = await desk.get("/gestion/conversaciones")
        link = re.search(r'href="(/gestion/conversaciones/web/[0-9a-f]+)"', page)
        assert link
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', await desk.get(link[1])))
        for _ in range(2):
            assert (await desk.http.post(f"{link[1]}/cerrar", data=hidden)).status_code == 303
        page = await desk.get("/gestion/conversaciones/cifras")
        assert re.search(r"Pasaron a una persona</td><td[^>]*>1<", page)
        assert re.search(r"Cerradas por la mesa</td><td[^>]*>1<", page)
        assert "nadie escribió" in await desk.get(
            "/gestion/conversaciones/cifras?desde=2020-01-01&hasta=2020-02-01"
        )
    page = await neighbour.look()
    assert page.count("terminó esta conversación") == 1
    await neighbour.say("hola")
    assert "¿En qué le ayudo?" in neighbour.last()
    async with as_(town, "irma") as auditor:
        assert "<textarea" not in await auditor.get(link[1])
