"""Persons at the desk: found, joined by a human, taken apart, put right, erased; each look on record."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from server.cases.validation import reasons
from server.context import Context
from server.intake.chores import requests
from server.intake.running.intake import Intake
from server.web.app import make_app
from tests.device import citizen_document
from tests.server.conftest import SetClock
from tests.server.intake.municipality import Municipality, found, inside
from tests.server.web.office.office import PASSWORD, Outline, office

Json = dict[str, Any]

pytestmark = pytest.mark.anyio

PATH = "/gestion/personas"
PEOPLE = {
    "mesa2": ("desk", {}),
    "irma": ("auditor", {}),
    "jefa": ("admin", {}),
    "sol": ("agency", {"agency": "obras"}),
}


class Town(Municipality):
    """The test municipality over the databases that the application serves."""

    def __init__(self, context: Context, clock: SetClock) -> None:
        super().__init__(context.engine, context.settings.data_dir)
        self.databases, self.directory, self.context = context.databases, context.directory, context
        self.clock = clock  # type: ignore[assignment]

    async def grown(self) -> None:
        await self.intake.run_until_idle()
        await self.context.register.catch_up()

    async def asks(self, type_id: str, **content: str) -> tuple[str, str]:
        """A report by somebody of these data; gives it and the citizen document's id."""
        citizen = citizen_document(self.clock.now(), **content)
        await self.databases.citizens.put(citizen)
        report = await self.capture(
            "lucia", type_id, citizen=citizen["_id"], for_whom="neighbour", **inside(1)
        )
        return report, citizen["_id"]


@pytest.fixture
async def town(context: Context, clock: SetClock) -> AsyncIterator[Town]:
    await found(context.databases)
    await context.directory.refresh()
    for account, (role, members) in PEOPLE.items():
        await office(context, account, role, **members)
    made = Town(context, clock)
    made.intake = Intake(context.databases, context.directory, clock, context.settings.data_dir)
    await made.intake.open()
    yield made
    await made.intake.close()


class Reader:
    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.http.get(path, follow_redirects=True)
        assert answer.status_code == status, (path, answer.status_code)
        Outline.check(answer.text)
        return html.unescape(answer.text)

    async def post(self, path: str, **fields: str) -> httpx2.Response:
        page = (await self.http.get("/gestion/")).text
        token = re.search(r'name="token" value="([0-9a-f]+)"', page)
        assert token
        return await self.http.post(path, data={"token": token[1], **fields})


@asynccontextmanager
async def as_(town: Town, account: str) -> AsyncIterator[Reader]:
    transport = httpx2.ASGITransport(app=make_app(town.context), client=("127.0.0.1", 50_000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        answer = await client.post("/gestion/entrar", data={"usuario": account, "clave": PASSWORD})
        assert answer.status_code == 303
        yield Reader(client)


def uuid(citizen: str) -> str:
    return citizen.split(":")[1]


async def test_a_persons_history_is_joined_by_a_human_and_taken_apart_again(town: Town) -> None:
    lamp, first = await town.asks("lampara", name="Guadalupe Ortiz", phone="044 477 123 0987")
    hole, second = await town.asks("bache", name="Ortiz Guadalupe", phone="+52 1 477 123 0987")
    flood, third = await town.asks("lampara", name="Guadalupe Ortíz", phone="477 999 1111")
    await town.asks("bache", name="Ramón Peña", phone="477 555 5555")
    await town.grown()
    async with as_(town, "mesa2") as desk:
        # A telephone leads to both, however it was written; a name to all three.
        assert (await desk.get(f"{PATH}?q=045 477 123 0987")).count("Sin número") == 2
        assert (await desk.get(f"{PATH}?q=guadalupe")).count("Sin número") == 3
        page = await desk.get(f"{PATH}/documento/{uuid(first)}")
        assert "477 123 0987" in page
        assert "mismo teléfono" in page
        assert "Ramón Peña" not in page
        made = await desk.post(f"{PATH}/documento/{uuid(first)}/numero")
        assert made.headers["location"] == f"{PATH}/1"
        # Asking again gives no second number.
        again = await desk.post(f"{PATH}/documento/{uuid(first)}/numero")
        assert again.headers["location"] == f"{PATH}/1"
        page = await desk.get(f"{PATH}/1")
        assert [lamp in page, hole in page, flood in page] == [True, False, False]
        likely = re.findall(r'name="con" value="([0-9a-f-]{36})"', page)
        assert likely[0] == uuid(second), "the same telephone comes first"
        assert (await desk.post(f"{PATH}/1/unir", con=uuid(second))).status_code == 303
        page = await desk.get(f"{PATH}/1")
        assert [lamp in page, hole in page, flood in page] == [True, True, False]
        assert reasons("person.v1", await town.databases.office.get("person:00000001")) == []
        # Of two numbers one stands, and the other leads to it.
        await desk.post(f"{PATH}/documento/{uuid(third)}/numero")
        assert (await desk.post(f"{PATH}/1/unir", con="C-2")).status_code == 303
        page = await desk.get(f"{PATH}/2")
        assert "Ciudadano 1" in page
        assert all(report in page for report in (lamp, hole, flood))
        listed = await desk.get("/gestion/asuntos?ciudadano=1")
        assert listed == await desk.get("/gestion/asuntos?ciudadano=1")
        assert all(report in listed for report in (lamp, hole, flood))
        assert "3 reportes" in listed
        # All of it is undone.
        assert (await desk.post(f"{PATH}/1/separar", de="2")).status_code == 303
        assert flood not in await desk.get(f"{PATH}/1")
        assert flood in await desk.get(f"{PATH}/2")
        assert (await desk.post(f"{PATH}/1/separar", de=uuid(second))).status_code == 303
        assert hole not in await desk.get(f"{PATH}/1")
        assert hole in await desk.get(f"{PATH}/documento/{uuid(second)}")
        for wrong in ("9", "no", "0", uuid(first)[:-1] + "0"):
            assert (await desk.post(f"{PATH}/1/unir", con=wrong)).status_code in (404, 422)


async def test_other_telephones_of_a_person_find_their_reports(town: Town) -> None:
    lamp, first = await town.asks("lampara", name="Guadalupe Ortiz", phone="477 123 0987")
    await town.grown()
    async with as_(town, "mesa2") as desk:
        await desk.post(f"{PATH}/documento/{uuid(first)}/numero")
        wrong = await desk.post(f"{PATH}/1/datos", telefonos="123, 477 222 3333", sexo="f", nacimiento="1958")
        assert wrong.status_code == 422
        assert 'value="123, 477 222 3333"' in wrong.text
        assert re.search(r'id="telefonos"[^>]*aria-invalid', wrong.text)
        assert (await desk.post(f"{PATH}/1/datos", nacimiento="3000")).status_code == 422
        done = await desk.post(f"{PATH}/1/datos", telefonos="044 477 222 3333", sexo="f", nacimiento="1958")
        assert done.status_code == 303
        doc = await town.databases.office.get("person:00000001")
        assert (doc["phones"], doc["sex"], doc["birth_year"]) == (["+524772223333"], "f", 1958)
        page = await desk.get(f"{PATH}/1")
        assert "477 222 3333" in page
        assert lamp in await desk.get("/gestion/asuntos?telefono=4772223333")
        assert "Guadalupe Ortiz" in await desk.get(f"{PATH}?q=477 222 3333")


async def test_what_was_put_right_shows_everywhere_and_the_original_stays(town: Town) -> None:
    lamp, first = await town.asks("lampara", name="Guadalupe Ortis", phone="477 123 0987")
    await town.grown()
    async with as_(town, "mesa2") as desk:
        path = f"{PATH}/documento/{uuid(first)}"
        stands = {"nombre": "Guadalupe Ortiz", "telefono": "477 111 2222", "motivo": "Llamó y lo aclaró"}
        for field, value in (("telefono", "12"), ("correo", "sin arroba"), ("motivo", "")):
            refused = await desk.post(f"{path}/corregir", **{**stands, "seen": "", field: value})
            assert refused.status_code == 422
            assert re.search(rf'id="{field}"[^>]*aria-invalid', refused.text), field
            assert 'value="Guadalupe Ortiz"' in refused.text
        empty = await desk.post(f"{path}/corregir", motivo="x", seen="")
        assert empty.status_code == 422
        assert (await desk.post(f"{path}/corregir", **stands, seen="", aviso="si")).status_code == 303
        page = await desk.get(path)
        assert "Guadalupe Ortiz" in page
        assert "Guadalupe Ortis" in page, "what it said before is kept"
        # A second one over a page that had not seen the first overwrites nothing.
        stale = await desk.post(f"{path}/corregir", **{**stands, "nombre": "Otra"}, seen="")
        assert stale.status_code == 409
        assert 'value="Otra"' in stale.text
        rectified = await town.databases.citizens.get(first.replace("citizen:", "rectified:"))
        assert reasons("rectified.v1", rectified) == []
        original = await town.databases.citizens.get(first)
        assert original["content"]["name"] == "Guadalupe Ortis"
        assert "Guadalupe Ortiz" in await desk.get(f"/gestion/asuntos/{lamp}?persona=ver")
        assert lamp in await desk.get("/gestion/asuntos?telefono=4771112222")
        assert lamp not in await desk.get("/gestion/asuntos?telefono=4771230987")
        # The phone that shows the caller gets it, too.
        await town.grown()
        copy = (await town.mailbox("lucia"))[f"report:{lamp}"]
        assert copy["contact"] == {"name": "Guadalupe Ortiz", "phone": "477 111 2222"}
        again = {**stands, "nombre": "Guadalupe Ortiz Luna", "seen": rectified["_rev"]}
        assert (await desk.post(f"{path}/corregir", **again)).status_code == 303
        twice = await town.databases.citizens.get(rectified["_id"])
        assert [was["content"]["name"] for was in twice["earlier"]] == ["Guadalupe Ortiz"]
        assert twice["notice"] == rectified["notice"]
        # Killed before the phones' copies were asked for: sent again it is refused, and they are made anew.
        await town.databases.citizens.put({**twice, "content": {"name": "Lupe", "phone": "477 111 2222"}})
        assert (await desk.post(f"{path}/corregir", **again)).status_code == 409
        await town.grown()
        assert (await town.mailbox("lucia"))[f"report:{lamp}"]["contact"]["name"] == "Lupe"
    await town.assert_sound()


async def test_whose_reports_one_may_not_read_is_nobody(town: Town) -> None:
    """A confidential matter's person is the auditor's: no search, suggestion or number tells of them."""
    _, secret = await town.asks("denuncia", name="Amatista Cuarzo", phone="477 123 0987")
    _, open_ = await town.asks("lampara", name="Guadalupe Ortiz", phone="477 123 0987")
    await town.grown()
    async with as_(town, "mesa2") as desk:
        assert "Amatista" not in await desk.get(f"{PATH}?q=477 123 0987")
        assert "No se encontró" in await desk.get(f"{PATH}?q=amatista")
        await desk.get(f"{PATH}/documento/{uuid(secret)}", 404)
        assert (await desk.post(f"{PATH}/documento/{uuid(secret)}/numero")).status_code == 404
        assert "Amatista" not in await desk.get(f"{PATH}/documento/{uuid(open_)}")
        await desk.post(f"{PATH}/documento/{uuid(open_)}/numero")
        assert (await desk.post(f"{PATH}/1/unir", con=uuid(secret))).status_code == 404
        assert "Amatista" not in await desk.get(f"{PATH}/1")
        await desk.get(f"{PATH}/2", 404)
    async with as_(town, "irma") as auditor:
        assert "Amatista" in await auditor.get(f"{PATH}?q=amatista")
        assert "Amatista" in await auditor.get(f"{PATH}/1"), "suggested to who reads everything"
        assert (await auditor.post(f"{PATH}/1/unir", con=uuid(secret))).status_code == 403
    for account in ("jefa", "sol"):
        async with as_(town, account) as other:
            for path in (PATH, f"{PATH}/1", f"{PATH}/documento/{uuid(open_)}"):
                await other.get(path, 403)


async def test_every_look_is_on_record(town: Town) -> None:
    _, first = await town.asks("lampara", name="Guadalupe Ortiz", phone="477 123 0987")
    await town.grown()
    async with as_(town, "mesa2") as desk:
        await desk.get(f"{PATH}?q=guadalupe")
        await desk.get(f"{PATH}/documento/{uuid(first)}")
        await desk.post(f"{PATH}/documento/{uuid(first)}/numero")
        await desk.get(f"{PATH}/1")
    lines = {(line["what"], line["subject"]) for line in await town.context.audit.newest()}
    assert lines == {
        ("person_searched", "register"),
        ("citizen", f"citizen:{uuid(first)}"),
        ("person_numbered", "person:1"),
        ("person_seen", "person:1"),
    }
    async with as_(town, "irma") as auditor:
        text = await auditor.get("/gestion/auditoria")
        assert "Vio a una persona y sus reportes" in text
        assert f'href="{PATH}/1"' in text


async def test_an_erasure_leaves_the_number_and_nothing_of_the_person(town: Town) -> None:
    lamp, first = await town.asks("lampara", name="Guadalupe Ortiz", phone="477 123 0987")
    await town.grown()
    async with as_(town, "mesa2") as desk:
        await desk.post(f"{PATH}/documento/{uuid(first)}/numero")
        await desk.post(f"{PATH}/1/datos", telefonos="477 222 3333", sexo="f", nacimiento="1958")
        fixed = {"nombre": "Guadalupe Luna", "telefono": "477 111 2222", "motivo": "Lo pidió", "seen": ""}
        await desk.post(f"{PATH}/documento/{uuid(first)}/corregir", **fixed)
        await requests.redact_citizen(town.databases, town.clock, "mesa", first, "ARCO 1")
        await town.grown()
        doc = await town.databases.office.get("person:00000001")
        assert (doc["citizens"], doc["phones"], doc.get("sex"), doc.get("birth_year")) == ([], [], None, None)
        assert doc["redacted_at"]
        assert reasons("person.v1", doc) == []
        rectified = await town.databases.citizens.get(first.replace("citizen:", "rectified:"))
        assert (rectified["content"], rectified["earlier"], rectified["reason"]) == ({}, [], "")
        await desk.get(f"{PATH}/1", 404)
        for text in ("guadalupe", "477 123 0987", "477 111 2222", "477 222 3333"):
            assert "No se encontró" in await desk.get(f"{PATH}?q={text}"), text
        assert "retiraron por ley" in await desk.get(f"/gestion/asuntos/{lamp}?persona=ver")
        # Who comes next gets another number.
        _, second = await town.asks("lampara", name="Ramón Peña", phone="477 555 5555")
        await town.grown()
        made = await desk.post(f"{PATH}/documento/{uuid(second)}/numero")
        assert made.headers["location"] == f"{PATH}/2"
    await town.assert_sound()
