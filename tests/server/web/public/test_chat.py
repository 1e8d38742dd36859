"""A neighbour writes in the web chat, without scripts, and a report comes of it."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson
import pytest

from server.cases.validation import reasons
from server.channels.tickets import code_of
from server.context import Context, Limits
from server.limits import Limit
from server.problems import Problem
from server.store.databases import Databases
from server.web.app import make_app
from server.web.public.frame import FOLDER
from sync.interface import AllDocsQuery
from tests.server.conftest import SetClock
from tests.server.evidence.pictures import picture
from tests.server.web.office.office import Outline
from tests.server.web.office.test_reports import Town, town

__all__ = ["town"]

pytestmark = pytest.mark.anyio
Json = dict[str, Any]


class Neighbour:
    """A browser with its cookies, that sends the form the page holds; intake runs meanwhile."""

    def __init__(self, town: Town, address: str = "203.0.113.9") -> None:
        transport = httpx2.ASGITransport(app=make_app(town.context), client=(address, 50_000))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
        self.town = town
        self.page = ""

    async def __aenter__(self) -> Neighbour:
        await self.http.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.http.__aexit__(*error)

    async def look(self, path: str = "/chat") -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text[:300]
        Outline.check(answer.text.replace('<script type="module" src="/chat/chat.js"></script>', ""))
        assert answer.headers["cache-control"] == "no-store"
        self.page = html.unescape(answer.text)
        return self.page

    async def post(self, path: str, fields: dict[str, str], *photos: bytes) -> httpx2.Response:
        parts: list[Any] = [(name, (None, value)) for name, value in fields.items()]
        parts += [("foto", ("a.jpg", data, "image/jpeg")) for data in photos] or [("foto", ("", b""))]
        answer: httpx2.Response = await while_intake(self.town, self.http.post(path, files=parts))
        return answer

    async def say(self, text: str = "", *photos: bytes, status: int = 303, **fields: str) -> str:
        """Write, and read what is said last."""
        page = self.page or await self.look()
        own = re.search(r'name="own" value="([^"]+)"', page)
        assert own
        answer = await self.post("/chat", {"own": own[1], "texto": text, **fields}, *photos)
        assert answer.status_code == status, answer.text[:500]
        if status != 303:
            self.page = html.unescape(answer.text)
            return self.page
        return await self.look()

    def last(self) -> str:
        """What was said since this neighbour's last message."""
        items = re.findall(r'<li class="(\w+)">.*?</span>(.*?)</li>', self.page, re.DOTALL)
        said: list[str] = []
        for by, text in reversed(items):
            if by == "me":
                break
            said.insert(0, text.strip())
        return "\n".join(said)


async def while_intake(town: Town, work: Any) -> Any:
    """Await ``work`` while intake takes in whatever comes."""
    sent = asyncio.ensure_future(work)
    inbox = town.databases.inbox
    while not sent.done():
        since = (await inbox.info()).update_seq
        await town.grown()
        waiting = asyncio.ensure_future(inbox.wait_for_change(since, 30))
        await asyncio.wait({sent, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    return await sent


async def check_documents(databases: Databases) -> None:
    """Every document of ``office`` has its schema's form."""
    rows = (await databases.office.all_docs(AllDocsQuery(include_docs=True))).rows
    docs = [orjson.loads(row.doc) for row in rows if row.doc]
    for doc in docs:
        if not doc["_id"].startswith("due:"):
            assert reasons(doc["schema"], doc) == [], doc


@pytest.fixture
async def neighbour(town: Town) -> AsyncIterator[Neighbour]:
    notice = {
        "_id": "notice:1",
        "schema": "notice.v1",
        "version": "1",
        "short": "Sólo para avisarle.",
        "full": "x",
    }
    await town.databases.reference.put(notice)
    settings = await town.databases.reference.get("settings")
    await town.databases.reference.put({**settings, "notice": "1"})
    area = {"_id": "area:colonia:centro", "kind": "colonia", "name": "Centro", "geometry": None}
    await town.databases.reference.put(area)
    async with Neighbour(town) as neighbour:
        yield neighbour
    await check_documents(town.databases)


async def reports(databases: Databases) -> list[Json]:
    query = AllDocsQuery(startkey="report:", endkey="report:\uffff", include_docs=True)
    return [orjson.loads(row.doc) for row in (await databases.cases.all_docs(query)).rows if row.doc]


async def test_a_hole_in_the_street_with_a_photo_becomes_a_report(neighbour: Neighbour, town: Town) -> None:
    await neighbour.look()
    assert "asistente automático" in neighbour.page
    await neighbour.say("hay un bache")
    for _ in range(12):
        if "¿Dónde es?" in neighbour.last():
            break
        await neighbour.say("1" if "¿De qué se trata?" in neighbour.last() else "", opcion="omitir")
    await neighbour.say("calle Juárez 45 colonia centro")
    assert "mande una foto" in neighbour.last()
    await neighbour.say("", picture(seed=7))
    assert "Sólo para avisarle." in neighbour.last()
    await neighbour.say("", opcion="si")
    await neighbour.say("662 555 0142")
    await neighbour.say("María Pérez")
    assert "Voy a registrar: " in neighbour.last()
    await neighbour.say("", opcion="si")
    (report,) = await reports(town.databases)
    assert report["folio"] in neighbour.last()
    assert code_of(town.context.secret, report["_id"].removeprefix("report:")) in neighbour.last()
    assert (report["channel"], report["captured_by"], report["type"]) == ("web", "canal-web", "bache")
    assert report["place"]["colonia"] == "centro"
    assert len(report["evidence"]) == 1
    person = await town.databases.citizens.get(report["citizen"])
    assert person["content"] == {"name": "María Pérez", "phone": "6625550142"}
    assert (person["notice"], person["consented_at"][:10]) == ("1", "2026-11-23")
    await town.context.examination.settled()
    await town.grown()
    (report,) = await reports(town.databases)
    assert report["evidence"][0]["verdict"] == "ok"
    again = await neighbour.say(f"cómo va {report['folio']}")
    assert "Capturado" in again
    follow = await town.databases.office.get(f"follow:{report['_id'].removeprefix('report:')}")
    assert follow["told"].keys() == {"folio"}


async def test_the_form_sent_twice_is_one_message_and_two_at_once_are_two(
    neighbour: Neighbour, town: Town
) -> None:
    await neighbour.say("hola")
    own = re.search(r'name="own" value="([^"]+)"', neighbour.page)
    assert own
    fields = {"own": own[1], "texto": "hay un bache"}
    await asyncio.gather(*(neighbour.post("/chat", fields) for _ in range(3)))
    page = await neighbour.look()
    assert page.count("hay un bache</li>") == 1
    await asyncio.gather(
        neighbour.post("/chat", {"own": "0192f3a0-0001-7000-8000-000000000001", "texto": "es enorme"}),
        neighbour.post("/chat", {"own": "0192f3a0-0001-7000-8000-000000000002", "texto": "muy hondo"}),
    )
    page = await neighbour.look()
    assert "es enorme" in page
    assert "muy hondo" in page
    (talk,) = await town.context.talks.listed()
    _, said = await town.context.talks.read(talk["_id"])
    assert [one["number"] for one in said] == list(range(1, len(said) + 1)), "each has its place"
    assert await town.context.talks.due() == []


async def test_65536_letters_are_kept_whole_and_one_more_is_refused_with_what_was_typed(
    neighbour: Neighbour, town: Town
) -> None:
    text = "hay un bache " + "ñ" * (65_536 - 13)
    await neighbour.say(text)
    assert "4,000 letras" in neighbour.last()
    (talk,) = await town.context.talks.listed()
    _, said = await town.context.talks.read(talk["_id"])
    assert said[0]["message"]["text"] == text
    page = await neighbour.say(text + "x", status=422)
    assert text[:200] in page


@pytest.mark.parametrize("data", [b"GIF89a....", b"", b"\xff\xd8\xff" + b"\0" * 500, picture(seed=1)[:900]])
async def test_a_photo_of_any_kind_has_its_answer(neighbour: Neighbour, town: Town, data: bytes) -> None:
    await neighbour.say("hay un bache", data)
    await town.context.examination.settled()
    assert neighbour.last()
    if data.startswith(b"GIF"):
        assert "El archivo no es una foto" in neighbour.last()
    await neighbour.say("sigo aquí")


async def test_what_was_kept_and_cannot_be_done_now_is_done_later_and_nobody_repeats_it(
    neighbour: Neighbour, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise Problem("storage_full")

    knowing = town.context.talks.knowing
    with monkeypatch.context() as patched:
        patched.setattr(knowing, "now", full)
        answer = await neighbour.post(
            "/chat", {"own": "0192f3a0-0001-7000-8000-000000000001", "texto": "hola topacio"}
        )
        assert answer.status_code == 303
    assert "topacio" in await neighbour.look()
    await town.context.keeping.round()
    await neighbour.look()
    assert "asistente automático" in neighbour.last()


def test_the_chats_script_is_small() -> None:
    assert len((FOLDER / "chat.js").read_bytes()) < 10_000


async def test_whoever_floods_is_slowed_and_words_of_alarm_are_still_taken(
    neighbour: Neighbour, town: Town
) -> None:
    town.context.limits = Limits(chat=Limit("chat", 3, 1), chat_urgent=Limit("chat_urgent", 2, 1))
    for _ in range(3):
        await neighbour.say("hola")
    page = await neighbour.say("y otra cosa", status=429)
    assert "llame al 911" in page
    assert "y otra cosa</textarea>" in page
    await neighbour.say("hay un incendio")
    assert "llame al 911" in neighbour.last()
    await neighbour.say("se quema la casa")
    assert "llame al 911" in await neighbour.say("se quema todo", status=429)
    async with Neighbour(town, "198.51.100.7") as other:
        await other.say("hola")
        assert "¿En qué le ayudo?" in other.last()


async def test_talks_are_apart_and_no_other_site_writes_in_one(neighbour: Neighbour, town: Town) -> None:
    await neighbour.say("lámpara apagada zafiro")
    async with Neighbour(town) as other:
        assert "zafiro" not in await other.look()
        other.http.cookies.set("manzana-charla", "A" * 43)
        assert "zafiro" not in await other.look()
        other.http.cookies.set("manzana-charla", "../../x")
        assert "zafiro" not in await other.look()
    headers = {"sec-fetch-site": "cross-site"}
    answer = await neighbour.http.post("/chat", files=[("texto", (None, "ópalo"))], headers=headers)
    assert answer.status_code == 403
    assert "ópalo" not in await neighbour.look()
    cookie = next(iter(neighbour.http.cookies.jar))
    assert len(cookie.value or "") == 43
    stored = str(await town.context.talks.listed())
    assert (cookie.value or "") in stored, "the sender is the talk's own"


async def test_a_draft_left_alone_is_registered_and_the_desk_sees_an_urgent_one_first(
    neighbour: Neighbour, town: Town, clock: SetClock
) -> None:
    await neighbour.say("hay un incendio en la colonia centro")
    assert "llame al 911" in neighbour.last()
    clock.advance(minutes=11)
    await while_intake(town, town.context.keeping.register_abandoned())
    (report,) = await reports(town.databases)
    assert report["priority"] <= 2
    assert report["folio"] in await neighbour.look()
    await while_intake(town, town.context.keeping.register_abandoned())
    assert len(await reports(town.databases)) == 1


async def test_the_form_makes_the_same_report_in_two_pages(neighbour: Neighbour, town: Town) -> None:
    assert "¿Qué pasa?" in await neighbour.look("/reportar")
    page = await neighbour.look("/reportar?que=hay+un+bache")
    assert 'name="tipo"' in page
    page = await neighbour.look("/reportar?que=hay+un+bache&tipo=bache")
    own = re.search(r'name="own" value="([^"]+)"', page)
    assert own
    fields = {"own": own[1], "tipo": "bache", "que": "hay un bache", "texto": "hay un bache zafiro"}
    answer = await neighbour.post("/reportar", fields)
    assert answer.status_code == 422
    assert "Falta el lugar" in answer.text
    assert "zafiro" in answer.text
    fields |= {"calle": "Juárez 45", "colonia": "centro", "nombre": "Eva"}
    answer = await neighbour.post("/reportar", fields, picture(seed=3))
    assert answer.status_code == 422
    assert "aviso de privacidad" in answer.text
    assert await reports(town.databases) == []
    fields |= {"aviso": "si", "telefono": "6625550142"}
    for _ in range(2):
        answer = await neighbour.post("/reportar", fields, picture(seed=3), picture(seed=4))
        assert answer.status_code == 303
    (report,) = await reports(town.databases)
    assert report["folio"] in await neighbour.look("/reportar/listo")
    assert (report["channel"], len(report["evidence"])) == ("web", 2)
    assert (await town.databases.citizens.get(report["citizen"]))["content"]["name"] == "Eva"
    assert report["folio"] in await neighbour.look("/chat")


async def test_the_form_says_911_before_it_asks_anything(neighbour: Neighbour) -> None:
    page = await neighbour.look("/reportar?que=hay+un+incendio")
    assert page.index("911") < page.index("<form")
    answer = await neighbour.http.get("/reportar/listo")
    assert answer.status_code in (200, 303)


async def test_steps_are_counted_and_outlive_the_talk(
    neighbour: Neighbour, town: Town, clock: SetClock
) -> None:
    await neighbour.say("hola")
    await neighbour.say("hay un bache")
    keeping = town.context.keeping
    before = await keeping.counted("2026-11-01", "2026-11-30")
    assert before["web"]["report"] == 1
    assert before["web"]["hello"] == 1
    await neighbour.say("cancelar")
    before = await keeping.counted("2026-11-01", "2026-11-30")
    assert before["web"]["cancel"] == 1
    clock.advance(days=181)
    assert await keeping.tidy() == 1
    assert await town.context.talks.listed() == []
    assert await keeping.counted("2026-11-01", "2026-11-30") == before
    assert await keeping.counted("2026-12-01", "2026-12-30") == {}


async def test_who_is_erased_takes_the_talk_along(neighbour: Neighbour, town: Town, context: Context) -> None:
    page = await neighbour.look("/reportar?que=hay+un+bache&tipo=bache")
    own = re.search(r'name="own" value="([^"]+)"', page)
    assert own
    fields = {"own": own[1], "tipo": "bache", "que": "bache", "calle": "Amatista 5", "colonia": "centro",
              "nombre": "Turquesa", "aviso": "si"}  # fmt: skip
    assert (await neighbour.post("/reportar", fields)).status_code == 303
    (report,) = await reports(town.databases)
    assert await context.keeping.tidy() == 0
    doc = await town.databases.citizens.get(report["citizen"])
    redacted = {**doc, "content": {}, "salt": "0" * 32, "redacted_at": "2026-11-23T17:00:00.000Z"}
    await town.databases.citizens.put(redacted)
    assert await context.keeping.tidy() == 1
    assert await context.talks.listed() == []
    rows = (await town.databases.office.all_docs()).rows
    assert [row.id for row in rows if row.id.startswith(("said:", "due:", "follow:"))] == []
