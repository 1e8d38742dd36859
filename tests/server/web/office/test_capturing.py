"""A call is taken: words to type, place, person, folio; nothing typed is lost, and 911 comes first."""

from __future__ import annotations

import asyncio
import html
import re
from typing import Any

import httpx2
import pytest

from sync.interface import AllDocsQuery
from tests.server.web.office.test_reports import Person, Town, as_, town

pytestmark = pytest.mark.anyio
__all__ = ["town"]


async def ready(town: Town) -> None:
    reference = town.databases.reference
    for key, name in (
        ("072", "Línea 072"),
        ("ventanilla", "Ventanilla"),
        ("jefe-de-manzana", "Jefa de Manzana"),
    ):
        await reference.put({"_id": f"channel:{key}", "name": name, "active": True})
    await reference.put({"_id": "area:colonia:centro", "kind": "colonia", "name": "Centro"})
    lamp = await reference.get("type:lampara")
    question = {"id": "poste", "text": "¿Qué número tiene el poste?", "kind": "number"}
    await reference.put(
        {
            **lamp,
            "name": "Lámpara apagada",
            "words": ["foco fundido", "no prende la luz"],
            "questions": [question],
        }
    )
    await town.intake.run_until_idle()


async def save(person: Person, page: str, **fields: str) -> httpx2.Response:
    form = page.split('method="post" action="/gestion/captura"')[1].split("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    sent = asyncio.create_task(person.http.post("/gestion/captura", data={**hidden, **fields}))
    inbox = person.town.databases.inbox
    while not sent.done():
        since = (await inbox.info()).update_seq
        await person.town.grown()
        waiting = asyncio.create_task(inbox.wait_for_change(since, 30))
        await asyncio.wait({sent, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    answer = await sent
    await person.town.grown()
    return answer


async def test_a_lamp_by_telephone(town: Town) -> None:
    await ready(town)
    async with as_(town, "mesa2") as person:
        page = await person.get("/gestion/captura?canal=072&telefono=4771230000&que=se+fundio+el+foco")
        assert "Lámpara apagada" in page
        answer = await save(
            person, page, calle="Calle Ñandú", numero="12", colonia="centro", **{"p-poste": "417"},
            canal="072", nombre="Rosa Peña", telefono="477 123 0000", aviso="si",
        )  # fmt: skip
        assert answer.status_code == 303, html.unescape(answer.text)
        told = await person.get(answer.headers["location"])
        assert "VP-000001" in told
        assert "Debe quedar a más tardar el 30 de noviembre" in told
        report = answer.headers["location"].rpartition("/")[2]
        stored = await town.stored(report)
        assert (stored["channel"], stored["type"], stored["agency"]) == ("072", "lampara", "alumbrado")
        assert stored["answers"] == {"poste": 417}
        assert (stored["place"]["street"], stored["place"]["colonia"]) == ("Calle Ñandú 12", "centro")
        assert (stored["for_whom"], stored["captured_by"]) == ("neighbour", "mesa2")
        content = (await town.databases.citizens.get(stored["citizen"]))["content"]
        assert content == {"name": "Rosa Peña", "phone": "477 123 0000"}
        # She calls again: her reports come up by her telephone, and what is open in her street by the type.
        page = await person.get("/gestion/captura?canal=072&telefono=044+477+1230000&que=foco&calle=Ñandú")
        assert page.count("VP-000001") == 2
        assert 'value="072" selected' in await person.get("/gestion/captura"), (
            "the shift's channel is remembered"
        )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"calle": ""}, "Falta el lugar"),
        ({"canal": "jefe-de-manzana"}, "Elija por dónde llegó"),
        ({"telefono": "123", "aviso": "si"}, "diez dígitos"),
        ({"nombre": "Rosa Peña"}, "aviso de privacidad"),
        ({"colonia": "nowhere"}, "colonia de la lista"),
        ({"manzana": "999"}, "No hay una manzana"),
        ({"p-poste": "muchos"}, "Debe ser un número"),
    ],
)
async def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    town: Town, fields: dict[str, str], said: str
) -> None:
    await ready(town)
    async with as_(town, "mesa2") as person:
        page = await person.get("/gestion/captura?canal=072&que=foco")
        given = {
            "calle": "Ñandú",
            "canal": "072",
            "texto": "Desde el lunes",
            "referencia": "Junto a la tienda",
            **fields,
        }
        answer = await save(person, page, **given)
        assert answer.status_code == 422
        text = html.unescape(answer.text)
        assert said in text
        for kept in ("Desde el lunes", "Junto a la tienda"):
            assert kept in text
    assert (await town.databases.inbox.info()).doc_count == 0


async def test_urgent_words_say_911_first(town: Town) -> None:
    await ready(town)
    async with as_(town, "mesa2") as person:
        page = await person.get("/gestion/captura?canal=072&que=foco+con+chispas")
        assert page.index("llame al 911") < page.index("Guardar y decir el folio")
        assert "llame al 911" not in await person.get("/gestion/captura?canal=072&que=foco")


async def test_a_robbery_says_911_first_whatever_type_it_is_taken_as(town: Town) -> None:
    await ready(town)
    async with as_(town, "mesa2") as person:
        assert "llame al 911" in await person.get("/gestion/captura?canal=072&que=me+robaron")


async def test_what_is_anothers_matter_says_whose(town: Town) -> None:
    await ready(town)
    async with as_(town, "mesa2") as person:
        assert "CFE" in await person.get("/gestion/captura?canal=072&que=se+fue+la+luz+en+mi+casa")
        assert "CFE" not in await person.get("/gestion/captura?canal=072&que=foco+fundido")


async def test_what_nobody_understands_is_taken_unclassified(town: Town) -> None:
    await ready(town)
    async with as_(town, "mesa2") as person:
        page = await person.get("/gestion/captura?canal=072&que=asdfgh")
        assert "No se encontró de qué se trata" in page
        page = await person.get("/gestion/captura?tipo=unknown&canal=072&texto=asdfgh")
        answer = await save(person, page, calle="Ñandú", canal="072", texto="Algo raro que zumba")
        assert answer.status_code == 303
        stored = await town.stored(answer.headers["location"].rpartition("/")[2])
        assert (stored["type"], stored["text"]) == ("unknown", "Algo raro que zumba")


async def test_saved_twice_it_is_one_report(town: Town) -> None:
    await ready(town)
    fields: dict[str, Any] = {"calle": "Ñandú", "canal": "072"}
    async with as_(town, "mesa2") as person:
        page = await person.get("/gestion/captura?canal=072&que=foco")
        first, second = await save(person, page, **fields), await save(person, page, **fields)
        assert first.headers["location"] == second.headers["location"]
    query = AllDocsQuery(startkey="report:", endkey="report:z")
    assert len((await town.databases.cases.all_docs(query)).rows) == 1
    assert (await town.stored(first.headers["location"].rpartition("/")[2]))["folio"] == "VP-000001"
