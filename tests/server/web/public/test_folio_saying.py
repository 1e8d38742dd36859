"""Who holds the ticket rates, says "no quedó", adds words and photos: once each, and nobody else does."""

from __future__ import annotations

import asyncio
import html
import re
import time
from typing import Any

import httpx2
import pytest

from server.channels.tickets import code_of
from server.context import Context
from tests.server.evidence.pictures import picture
from tests.server.web.office.office import Outline
from tests.server.web.office.test_reports import Town, as_, reports, town
from tests.server.web.public.test_chat import check_documents, while_intake
from tests.server.web.public.test_folio import close, folio_of, from_address

__all__ = ["town"]

pytestmark = pytest.mark.anyio
Json = dict[str, Any]


class Holder:
    """Who has the ticket: fills in the forms of the page as it is drawn, while intake runs."""

    def __init__(self, town: Town, report: str, folio: str, http: httpx2.AsyncClient) -> None:
        self.town, self.report, self.folio, self.http = town, report, folio, http
        self.code = code_of(town.context.secret, report)

    async def page(self, status: int = 200) -> str:
        answer = await self.http.get(f"/folio/{self.folio}", params={"clave": self.code})
        return self.read(answer, status)

    @staticmethod
    def read(answer: httpx2.Response, status: int) -> str:
        assert answer.status_code == status, (answer.status_code, answer.text[:1500])
        Outline.check(answer.text)
        assert len(answer.content) < 60_000
        assert "<script" not in answer.text
        return html.unescape(answer.text)

    async def form(self, act: str) -> dict[str, str]:
        """The hidden fields of a form of the page."""
        for form in re.findall(r"<form.*?</form>", await self.page(), re.DOTALL):
            fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
            if fields.get("acto") == act:
                return fields
        raise AssertionError(f"{act} is not offered")

    async def send(self, fields: dict[str, str], *photos: bytes, **said: str) -> httpx2.Response:
        parts: list[Any] = [(name, (None, value)) for name, value in {**fields, **said}.items()]
        parts += [("foto", ("a.jpg", data, "image/jpeg")) for data in photos] or [("foto", ("", b""))]
        answer: httpx2.Response = await while_intake(self.town, self.http.post("/folio/", files=parts))
        await self.town.grown()
        return answer

    async def says(self, act: str, *photos: bytes, **said: str) -> str:
        """Send a form and read the page that it leads to."""
        answer = await self.send(await self.form(act), *photos, **said)
        assert answer.status_code == 303, (answer.status_code, answer.text[:1500])
        return self.read(await self.http.get(answer.headers["location"]), 200)

    async def entries(self, kind: str) -> list[Json]:
        stored = await self.town.stored(self.report)
        return [entry for entry in stored["timeline"] if entry["kind"] == kind and entry["role"] == "channel"]

    async def rating(self) -> int | None:
        name = f"rating:{self.report}"
        found = await self.town.databases.office.get_many([name])
        return int(found[name]["stars"]) if found else None


@pytest.fixture
async def made(town: Town) -> dict[str, str]:
    return await reports(town)


async def holder_of(town: Town, report: str, address: str = "203.0.113.9") -> Holder:
    return Holder(town, report, await folio_of(town, report), from_address(town.context, address))


async def test_a_finished_report_is_rated_once_and_the_first_answer_stands(
    town: Town, made: dict[str, str]
) -> None:
    await close(town, made["hole"])
    holder = await holder_of(town, made["hole"])
    late = await holder.form("calificar")
    page = await holder.says("calificar", estrellas="4", texto="Rápido, pero falta barrer")
    assert "Su calificación quedó guardada" in page
    assert "Se calificó con 4 de 5." in page
    assert "Calificó con 4 de 5: Rápido, pero falta barrer" in page
    assert await holder.rating() == 4
    again = await holder.send(late, estrellas="1", texto="Cambié de idea")
    assert "queda la primera respuesta" in holder.read(again, 409)
    assert (await holder.rating(), len(await holder.entries("noted"))) == (4, 1)
    await check_documents(town.databases)
    await town.assert_sound()


async def test_a_conversations_rating_is_the_same_one(town: Town, made: dict[str, str]) -> None:
    await close(town, made["hole"])
    holder = await holder_of(town, made["hole"])
    form = await holder.form("calificar")
    rated = {"_id": f"rating:{holder.report}", "schema": "rating.v1", "report": holder.report, "talk": None}
    await town.databases.office.put({**rated, "stars": 2, "at": "2026-11-23T16:00:00.000Z"})
    assert "Se calificó con 2 de 5." in await holder.page()
    holder.read(await holder.send(form, estrellas="5"), 409)
    assert await holder.rating() == 2


async def test_no_quedo_with_a_photo_asks_the_desk(town: Town, made: dict[str, str]) -> None:
    await close(town, made["hole"])
    holder = await holder_of(town, made["hole"])
    stale = await holder.form("no-quedo")
    page = await holder.says("no-quedo", picture(seed=7), texto="Se volvió a hundir")
    assert "la mesa de atención lo revisa" in page
    assert "Usted dijo que no quedó" in page
    assert "Se volvió a hundir" in page
    (entry,) = await holder.entries("verified")
    assert (entry["payload"]["solved"], len(entry["photos"])) == (False, 1)
    stored = await town.stored(holder.report)
    assert stored["status"] == "finished", "opening it again is the desk's"
    assert "not_solved" in stored["flags"]
    assert len(stored["evidence"]) == 2
    holder.read(await holder.send(stale, texto="Otra vez"), 409)
    async with as_(town, "mesa2") as person:
        assert made["hole"] in await person.get("/gestion/avisos")
        assert (await person.act(made["hole"], "reabrir", texto="El vecino tiene razón")).status_code == 303
    form = await holder.form("agregar")
    kept = await holder.send({**form, "acto": "no-quedo", "own": ""}, texto="Sigue el hoyo")
    told = holder.read(kept, 409)
    assert "no está terminado" in told
    assert "¿No quedó?" not in told
    await town.assert_sound()


async def test_words_and_photos_are_added_to_any_report_that_is_told_of(
    town: Town, made: dict[str, str]
) -> None:
    holder = await holder_of(town, made["lamp"])
    assert "calificar" not in await holder.page(), "it is not finished"
    page = await holder.says("agregar", texto="Ya son tres noches")
    assert "Usted agregó un comentario" in page
    assert "Ya son tres noches" in page
    page = await holder.says("agregar", picture(seed=8), picture(seed=9), texto="De día y de noche")
    assert "Usted agregó una foto" in page
    (entry,) = await holder.entries("evidence_added")
    assert len(entry["photos"]) == 2
    bare = html.unescape((await holder.http.get(f"/folio/{holder.folio}")).text)
    assert "tres noches" not in bare
    assert "Agregar" not in bare
    await check_documents(town.databases)
    await town.assert_sound()


@pytest.mark.parametrize("act", ["calificar", "no-quedo", "agregar"])
async def test_a_double_click_is_one_act(town: Town, made: dict[str, str], act: str) -> None:
    await close(town, made["hole"])
    holder = await holder_of(town, made["hole"])
    photos = [picture(seed=7)] if act != "calificar" else []
    form = await holder.form(act)

    async def click() -> httpx2.Response:
        parts: list[Any] = [(name, (None, value)) for name, value in form.items()]
        parts += [("estrellas", (None, "3")), ("texto", (None, "Una vez"))]
        parts += [("foto", ("a.jpg", data, "image/jpeg")) for data in photos]
        return await holder.http.post("/folio/", files=parts)

    both = await while_intake(town, asyncio.gather(click(), click()))
    after = await while_intake(town, click())
    assert [answer.status_code for answer in (*both, after)] == [303, 303, 303], both[0].text + both[1].text
    await town.grown()
    kinds = ("noted", "verified", "evidence_added")
    entries = [entry for kind in kinds for entry in await holder.entries(kind)]
    assert len(entries) == 1
    assert await holder.rating() == (3 if act == "calificar" else None)
    await town.assert_sound()


async def test_a_rating_cut_short_after_its_words_is_kept_by_the_same_form(
    town: Town, made: dict[str, str]
) -> None:
    await close(town, made["hole"])
    holder = await holder_of(town, made["hole"])
    form = await holder.form("calificar")
    assert (await holder.send(form, estrellas="5")).status_code == 303
    office = town.databases.office
    await office.delete(f"rating:{holder.report}", (await office.get(f"rating:{holder.report}"))["_rev"])
    assert (await holder.send(form, estrellas="5")).status_code == 303
    assert (await holder.rating(), len(await holder.entries("noted"))) == (5, 1)


async def test_a_wrong_code_takes_nothing_and_is_a_guess(town: Town, made: dict[str, str]) -> None:
    await close(town, made["hole"])
    holder = await holder_of(town, made["hole"])
    form = await holder.form("no-quedo")
    other = code_of(town.context.secret, made["lamp"])
    for said in ("", "00000000", other, "ñandú"):
        page = holder.read(await holder.send(form, texto="mentira", clave=said), 403)
        assert "mezcla" not in page
    before = await town.stored(holder.report)
    for _ in range(7):
        assert (await holder.http.post("/folio/", data={**form, "clave": other})).status_code == 403
    answer = await holder.http.post("/folio/", data={**form, "texto": "yo"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert (await town.stored(holder.report))["_rev"] == before["_rev"]
    elsewhere = await holder.http.post("/folio/", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403


async def test_a_reserved_report_offers_nothing_and_takes_nothing(town: Town, made: dict[str, str]) -> None:
    async with as_(town, "eva") as person:
        assert (await person.act(made["crime"], "terminar", texto="Se investigó")).status_code == 303
    for name in ("crime", "unknown"):
        holder = await holder_of(town, made[name])
        page = await holder.page()
        assert "<textarea" not in page
        assert "Escríbanos" not in page
        form = {"folio": holder.folio, "clave": holder.code}
        for act in ("calificar", "no-quedo", "agregar"):
            told = holder.read(await holder.send(form, acto=act, estrellas="5", texto="hola"), 403)
            assert "solo se dice cómo va" in told
            assert "<textarea" not in told
        assert await holder.rating() is None
        stored = await town.stored(made[name])
        assert {entry["role"] for entry in stored["timeline"] if "role" in entry}.isdisjoint({"channel"})


async def test_what_is_missing_is_said_and_what_was_typed_stays(town: Town, made: dict[str, str]) -> None:
    await close(town, made["hole"])
    holder = await holder_of(town, made["hole"])
    for act, said, words, photos in (
        ("calificar", {"texto": "<b>Ámbar</b>"}, "de 1 a 5", ()),
        ("calificar", {"texto": "<b>Ámbar</b>", "estrellas": "6"}, "de 1 a 5", ()),
        ("no-quedo", {"texto": " "}, "con sus palabras", ()),
        ("agregar", {}, "con sus palabras", ()),
        ("agregar", {"texto": "<b>Ámbar</b>"}, "foto", (b"no picture",)),
        ("agregar", {"texto": "x" * 2_001}, "", ()),
        ("borrar", {}, "", ()),
    ):
        form = await holder.form(act if act != "borrar" else "agregar")
        answer = await holder.send({**form, "acto": act}, *photos, **said)
        assert answer.status_code in (415, 422), (act, answer.status_code)
        page = holder.read(answer, answer.status_code)
        assert words in page
        if "Ámbar" in said.get("texto", ""):
            assert answer.text.count("&lt;b&gt;Ámbar&lt;/b&gt;") == 1
    assert not any([await holder.entries(kind) for kind in ("noted", "verified", "evidence_added")])


async def test_saying_is_slowed_by_network_and_in_all(
    town: Town, made: dict[str, str], context: Context
) -> None:
    holder = await holder_of(town, made["lamp"])
    form = {**await holder.form("agregar"), "own": ""}
    for _ in range(20):
        assert (await holder.http.post("/folio/", data=form)).status_code == 422
    refused = await holder.http.post("/folio/", data={**form, "texto": "Ópalo"})
    assert (refused.status_code, "Ópalo" in refused.text) == (429, True)
    assert int(refused.headers["retry-after"]) > 0
    other = await holder_of(town, made["lamp"], "198.51.100.7")
    assert (await other.http.post("/folio/", data=form)).status_code == 422
    context.limits.said_overall.take("", time.monotonic() + 600, cost=600)
    assert (await other.http.post("/folio/", data=form)).status_code == 429
