"""The WhatsApp Cloud API from webhook to message, before a stand-in that follows its public reference."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from server.channels.citizens import citizen
from server.channels.sending import Sending
from server.context import Context
from server.documents.shapes import CitizenContent, Payload
from server.settings import Settings
from server.store import epoch
from server.web.app import make_app
from tests.server.channels.whatsapp.standin import NUMBER, TOKEN, StandIn
from tests.server.conftest import SetClock
from tests.server.evidence.pictures import picture
from tests.server.web.office.test_reports import Town, as_, town
from tests.server.web.public.test_chat import check_documents, reports, while_intake

__all__ = ["town"]

pytestmark = pytest.mark.anyio
Json = dict[str, Any]

SECRET = "secreto-de-la-app"
ANA, LUIS = "5216625550142", "5216625550199"


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    standin = StandIn()
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
async def settings(tmp_path: Path, standin: StandIn) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        app_dir=tmp_path / "dist",
        whatsapp_url=standin.url,
        whatsapp_number=NUMBER,
        whatsapp_token=TOKEN,
        whatsapp_secret=SECRET,
        whatsapp_verify="palabra",
        origin="https://manzana.test",
    )


class Phone:
    """A citizen's WhatsApp: what is written here comes by the webhook."""

    _ids = itertools.count(1)

    def __init__(self, town: Town, standin: StandIn, number: str = ANA) -> None:
        transport = httpx2.ASGITransport(app=make_app(town.context), client=("203.0.113.1", 50_000))
        self.http = httpx2.AsyncClient(transport=transport, base_url="https://manzana.test")
        self.town, self.standin, self.number = town, standin, number

    def message(self, kind: str, content: Json, at: float | None = None) -> Json:
        now = at if at is not None else self.town.context.clock.now().timestamp()
        return {
            "from": self.number, "id": f"wamid.IN{next(self._ids):08}", "timestamp": str(int(now)),
            "type": kind, kind: content,
        }  # fmt: skip

    async def deliver(self, *messages: Json, statuses: list[Json] | None = None, status: int = 200) -> None:
        """One payload of the webhook, signed."""
        body = orjson.dumps(envelope(list(messages), statuses))
        answer = await self.http.post(
            "/api/whatsapp", content=body, headers={"x-hub-signature-256": sign(body)}
        )
        assert answer.status_code == status, answer.text

    async def work(self) -> None:
        """What the service's workers do with it."""
        await while_intake(self.town, self.town.context.keeping.round())
        await self.town.context.sending.round()

    async def say(self, text: str) -> str:
        """Write, and read what comes back."""
        return await self.send("text", {"body": text})

    async def tap(self, key: str, title: str = "x") -> str:
        return await self.send(
            "interactive", {"type": "button_reply", "button_reply": {"id": key, "title": title}}
        )

    async def send(self, kind: str, content: Json) -> str:
        before = len(self.standin.sent)
        self.town.clock.advance(seconds=20)
        await self.deliver(self.message(kind, content))
        await self.work()
        return "\n".join(self.standin.texts()[before:])


def envelope(messages: list[Json], statuses: list[Json] | None = None, number: str = NUMBER) -> Json:
    """A payload as the reference shows it."""
    value: Json = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "526621234567", "phone_number_id": number},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": ANA}],
    }
    if messages:
        value["messages"] = messages
    if statuses:
        value["statuses"] = statuses
    changes = [{"value": value, "field": "messages"}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]}


def sign(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
async def ana(town: Town, standin: StandIn) -> AsyncIterator[Phone]:
    area = {"_id": "area:colonia:centro", "kind": "colonia", "name": "Centro", "geometry": None}
    await town.databases.reference.put(area)
    settings = await town.databases.reference.get("settings")
    await town.databases.reference.put({**settings, "quiet_from": "00:00", "quiet_until": "00:00"})
    await town.context.notices.round()
    yield Phone(town, standin)
    await check_documents(town.databases)
    assert standin.unauthorized == 0


async def told(ana: Phone, wants: str = "si") -> Json:
    """A hole in the street, told to its end; the report."""
    await ana.say("hay un bache")
    said = ""
    for _ in range(6):
        said = await ana.tap("omitir")
        if "¿Dónde es?" in said:
            break
    await ana.say("calle Juárez 45 colonia centro")
    await ana.tap("omitir")
    said = await ana.tap(wants)
    if wants == "si":
        said = await ana.say("Ana Ruiz")
    assert "Voy a registrar" in said
    said = await ana.tap("si")
    (report,) = await reports(ana.town.databases)
    assert report["folio"] in said
    return report


async def test_the_challenge_is_answered_to_who_knows_the_word(town: Town) -> None:
    transport = httpx2.ASGITransport(app=make_app(town.context))
    async with httpx2.AsyncClient(transport=transport, base_url="https://manzana.test") as http:
        asked = {"hub.mode": "subscribe", "hub.verify_token": "palabra", "hub.challenge": "1158201444"}
        answer = await http.get("/api/whatsapp", params=asked)
        assert (answer.status_code, answer.text) == (200, "1158201444")
        for wrong in ({"hub.verify_token": "otra"}, {"hub.mode": "x"}, {"hub.verify_token": "ñ"}):
            assert (await http.get("/api/whatsapp", params=asked | wrong)).status_code == 403


async def test_what_is_not_signed_by_the_app_is_not_read(ana: Phone) -> None:
    body = orjson.dumps(envelope([ana.message("text", {"body": "hola"})]))
    wrong: list[str | None] = [
        None, "", "sha256=", sign(body, "otro"), sign(body + b" "), sign(body).upper(),
        "sha1=" + sign(body)[7:], "ñ",
    ]  # fmt: skip
    for signature in wrong:
        name, given = b"x-hub-signature-256", signature
        headers: dict[bytes, bytes] = {} if given is None else {name: given.encode()}
        answer = await ana.http.post("/api/whatsapp", content=body, headers=headers)
        assert answer.status_code == 403, signature
    for strange in (
        b"",
        b"[]",
        b"{",
        b'{"entry": 5}',
        b'{"entry": [{"changes": [{"field": "messages", "value": 1}]}]}',
    ):
        answer = await ana.http.post(
            "/api/whatsapp", content=strange, headers={"x-hub-signature-256": sign(strange)}
        )
        assert answer.status_code in (200, 400)
    other = orjson.dumps(envelope([ana.message("text", {"body": "hola"})], number="1"))
    answer = await ana.http.post("/api/whatsapp", content=other, headers={"x-hub-signature-256": sign(other)})
    assert answer.status_code == 200, "another number of the same account is nobody's fault"
    assert await ana.town.context.talks.due() == []
    large = b" " * 3_145_729
    answer = await ana.http.post("/api/whatsapp", content=large, headers={"x-hub-signature-256": sign(large)})
    assert answer.status_code == 413


async def test_the_same_dialogue_runs_through_the_payloads(ana: Phone, standin: StandIn, town: Town) -> None:
    said = await ana.say("hola")
    assert "asistente automático" in said
    assert "Su número sólo se usa para contestarle" in said
    rows = standin.sent[-1]["interactive"]["action"]["sections"][0]["rows"]
    assert [row["id"] for row in rows] == ["report", "status", "directory", "person"]
    said = await ana.say("hay un bache")
    for _ in range(6):
        if "¿Dónde es?" in said:
            break
        said = await ana.tap("omitir")
    assert standin.sent[-1]["interactive"]["type"] == "location_request_message"
    place = {"latitude": 20.1, "longitude": -101.2, "name": "Tienda", "address": "Juárez 45"}
    assert "¿Alguna seña" in await ana.send("location", place) or "foto" in standin.texts()[-1]
    assert "no puedo escuchar notas de voz" in await ana.send("audio", {"id": "7", "voice": True})
    standin.media["77"] = picture(seed=7)
    said = await ana.send("image", {"id": "77", "mime_type": "image/jpeg", "caption": "así está"})
    assert "¿Quiere que le avisemos" in said
    assert "¿A nombre de quién" in await ana.tap("si")
    await ana.say("Ana Ruiz")
    said = await ana.tap("si")
    (report,) = await reports(town.databases)
    assert f"Folio {report['folio']}" in said
    assert "https://manzana.test/folio/" in said
    assert (report["channel"], report["captured_by"], len(report["evidence"])) == (
        "whatsapp",
        "canal-whatsapp",
        1,
    )
    assert report["place"]["lat"] == 20.1
    person = await town.databases.citizens.get(report["citizen"])
    assert person["content"] == {"name": "Ana Ruiz", "phone": "6625550142"}
    standin.media["78"] = picture(seed=8)
    assert "Agregué la foto" in await ana.send("image", {"id": "78"})
    await town.grown()
    (report,) = await reports(town.databases)
    assert len(report["evidence"]) == 2
    assert "Capturado" in await ana.say(f"folio {report['folio']}")
    assert len({message["biz_opaque_callback_data"] for message in standin.sent}) == len(standin.sent)
    assert all(ANA not in message["biz_opaque_callback_data"] for message in standin.sent)


async def test_a_payload_replayed_and_out_of_order_makes_one_conversation(
    ana: Phone, standin: StandIn
) -> None:
    now = ana.town.context.clock.now().timestamp()
    first = ana.message("text", {"body": "hay un bache"}, now - 50)
    second = ana.message("text", {"body": "en la calle juarez zafiro"}, now - 40)
    third = ana.message("text", {"body": "frente a la tienda"}, now - 30)
    await ana.deliver(second)
    await ana.deliver(third, first)
    for _ in range(3):
        await ana.deliver(first, second, third)
    await ana.work()
    (talk,) = await ana.town.context.talks.listed()
    _, said = await ana.town.context.talks.read(talk["_id"])
    mine = [one["message"]["text"] for one in said if one["by"] == "citizen"]
    assert mine == ["hay un bache", "en la calle juarez zafiro", "frente a la tienda"], (
        "in the order they were sent"
    )
    assert talk["state"] is not None
    assert "zafiro" in talk["state"]["draft"]["text"], "sent before the question was asked: no answer to it"
    count = len(standin.sent)
    await ana.deliver(first, second, third)
    await ana.work()
    assert len(standin.sent) == count


async def test_media_that_are_too_large_gone_elsewhere_or_never_come_have_their_answer(
    ana: Phone, standin: StandIn
) -> None:
    await ana.say("hay un bache")
    standin.media["1"] = picture(seed=1)
    standin.told_size = 90_000_000
    assert "demasiado grande" in await ana.send("image", {"id": "1"})
    standin.told_size = 10
    ana.town.context.sending.carriers["whatsapp"]._most = 100  # type: ignore[attr-defined]
    assert "demasiado grande" in await ana.send("image", {"id": "1"}), "whatever it says of its size"
    ana.town.context.sending.carriers["whatsapp"]._most = 20_000_000  # type: ignore[attr-defined]
    assert "no es una foto" in await ana.send("image", {"id": "no-such"})
    standin.elsewhere = "http://203.0.113.5/x"
    assert "no es una foto" in await ana.send("image", {"id": "1"})
    standin.elsewhere = ""
    standin.media_fails = 2
    assert await ana.send("image", {"id": "1"}) == "", "it may come later"
    await ana.work()
    before = len(standin.sent)
    await ana.work()
    assert len(standin.sent) > before
    (talk,) = await ana.town.context.talks.listed()
    assert talk["state"] is not None
    assert len(talk["state"]["draft"]["photos"]) == 1
    standin.media_fails = 50
    said = await ana.send("image", {"id": "1"})
    for _ in range(5):
        await ana.work()
    assert "La foto no llegó" in standin.texts()[-2] + standin.texts()[-1], said


async def states(ana: Phone) -> list[str]:
    """What became of the messages of the one talk, in order."""
    (talk,) = await ana.town.context.talks.listed()
    _, said = await ana.town.context.talks.read(talk["_id"])
    return [sending["state"] for one in said if one["by"] != "citizen" and (sending := one["sending"])]


async def test_what_was_not_taken_is_sent_again_later_and_in_order(
    ana: Phone, standin: StandIn, clock: SetClock
) -> None:
    standin.next.extend(["429", "503"])
    assert await ana.say("hola") == ""
    await ana.town.context.sending.round()
    assert standin.sent == [], "not before its time"
    clock.advance(seconds=6)
    await ana.town.context.sending.round()
    assert standin.sent == []
    clock.advance(seconds=11)
    await ana.town.context.sending.round()
    assert ["asistente automático" in standin.texts()[0], "¿En qué le ayudo?" in standin.texts()[1]] == [
        True,
        True,
    ]
    assert await states(ana) == ["sent", "sent"]
    standin.next.append("refuse")
    await ana.say("gracias")
    assert (await states(ana))[-1] == "failed"


@pytest.mark.parametrize("how", ["cut", "500"])
async def test_what_nobody_can_tell_is_never_sent_again_and_whatsapps_word_settles_it(
    ana: Phone, standin: StandIn, clock: SetClock, how: str
) -> None:
    standin.next.append(how)
    await ana.say("hola")
    assert (await states(ana))[0] == "uncertain"
    taken = len(standin.sent)
    for _ in range(3):
        clock.advance(hours=1)
        await ana.town.context.sending.round()
    assert len(standin.sent) == taken
    (talk,) = await ana.town.context.talks.listed()
    _, said = await ana.town.context.talks.read(talk["_id"])
    of = next(one["_id"] for one in said if one["by"] == "bot")
    word = {"id": "wamid.X", "recipient_id": ANA, "timestamp": "1", "biz_opaque_callback_data": of}
    await ana.deliver(statuses=[word | {"status": "delivered"}, word | {"status": "sent"}])
    await ana.deliver(statuses=[word | {"status": "read"}, {"status": "read"}, {"id": 5, "status": "odd"}])
    assert (await states(ana))[0] == "read"
    await ana.deliver(statuses=[word | {"status": "delivered"}])
    assert (await states(ana))[0] == "read", "an earlier word takes nothing back"


async def test_killed_between_claim_and_answer_it_is_uncertain_after_a_restore_too(
    ana: Phone, standin: StandIn, context: Context
) -> None:
    class Killed(Exception):
        pass

    class Dying:
        async def send(self, message: Any) -> str | None:
            await cloud.send(message)
            raise Killed

    cloud = context.sending.carriers["whatsapp"]
    context.sending.carriers["whatsapp"] = Dying()
    await ana.deliver(ana.message("text", {"body": "hola"}))
    await while_intake(ana.town, context.keeping.round())
    with pytest.raises(Killed):
        await context.sending.round()
    assert (len(standin.sent), (await states(ana))[0]) == (1, "sending")
    after = Sending(ana.town.databases, context.clock)
    after.carriers["whatsapp"], after.compose = cloud, context.sending.compose
    await after.round()
    assert await states(ana) == ["uncertain", "sent"]
    assert len(standin.sent) == 2
    await ana.deliver(ana.message("text", {"body": "otra cosa"}))
    await while_intake(ana.town, context.keeping.round())
    await epoch.renew(ana.town.databases.cases)
    await after.round()
    assert len(standin.sent) == 2
    assert set((await states(ana))[2:]) == {"uncertain"}


async def test_the_desk_answers_within_the_window_and_is_told_beyond_it(
    ana: Phone, standin: StandIn, clock: SetClock, context: Context
) -> None:
    await ana.say("asesor")
    (talk,) = await context.talks.listed()
    await context.desk.answer(talk["_id"], "mesa2", "Buenas tardes", "1")
    await context.sending.round()
    assert standin.texts()[-1] == "Buenas tardes"
    clock.advance(hours=25)
    await context.desk.answer(talk["_id"], "mesa2", "¿Sigue ahí?", "2")
    await context.sending.round()
    assert standin.texts()[-1] == "Buenas tardes"
    async with as_(ana.town, "mesa2") as desk:
        page = await desk.get(
            f"/gestion/conversaciones/{talk['_id'].removeprefix('talk:').replace(':', '/')}"
        )
    assert "no se pudo enviar" in page


async def finish(town: Town, report: str) -> None:
    async with as_(town, "sol") as person:
        files = {"foto": ("b.jpg", picture(seed=2), "image/jpeg")}
        done = await person.act(report, "terminar", texto="Se tapó con mezcla", files=files)
        assert done.status_code == 303, done.text
    await town.grown()


async def test_whoever_agreed_is_told_each_step_once_by_template_after_the_window(
    ana: Phone, standin: StandIn, town: Town, clock: SetClock, context: Context
) -> None:
    report = await told(ana)
    uuid = report["_id"].removeprefix("report:")
    clock.advance(hours=30)
    async with as_(town, "sol") as person:
        page = await person.get(f"/gestion/asuntos/{uuid}")
        assert (await person.act(uuid, "iniciar", page=page)).status_code == 303
    for _ in range(2):
        await context.notices.round()
        await context.sending.round()
    assert standin.texts()[-1] == f"manzana_en_proceso: {report['folio']}"
    count = len(standin.sent)
    await finish(town, uuid)
    for _ in range(2):
        await context.notices.round()
        await context.sending.round()
    assert standin.texts()[count:] == [f"manzana_terminado: {report['folio']}"]
    clock.advance(hours=25)
    await context.sending.round()
    survey = standin.sent[-1]["template"]
    assert survey["name"] == "manzana_encuesta"
    payloads = [part["parameters"][0]["payload"] for part in survey["components"] if part["type"] == "button"]
    assert payloads == [f"rate-{stars}-{uuid}" for stars in (5, 3, 1)]
    said = await ana.send("button", {"payload": payloads[2], "text": "Mal"})
    assert "lamentamos" in said
    await ana.send("button", {"payload": payloads[0], "text": "Bien"})
    rating = await town.databases.office.get(f"rating:{uuid}")
    assert rating["stars"] == 1, "the first answer stands"
    outs = await context.notices.listed(uuid)
    assert {out["step"]: out["sending"]["state"] for out in outs} == {
        "finished": "sent", "in_progress": "sent", "survey": "sent",
    }  # fmt: skip
    assert all(out["sending"]["attempts"] for out in outs)
    for private in (ANA, "6625550142", "Ana", "Juárez"):
        assert private not in str(outs)


async def test_who_did_not_agree_is_not_written_to(
    ana: Phone, standin: StandIn, town: Town, context: Context
) -> None:
    report = await told(ana, wants="no")
    await finish(town, report["_id"].removeprefix("report:"))
    assert await context.notices.round() == 0
    assert await context.notices.listed(report["_id"].removeprefix("report:")) == []


async def test_who_was_erased_meanwhile_is_not_written_to(
    ana: Phone, standin: StandIn, town: Town, context: Context
) -> None:
    report = await told(ana)
    uuid = report["_id"].removeprefix("report:")
    await finish(town, uuid)
    await context.notices.round()
    person = await town.databases.citizens.get(report["citizen"])
    erased = {**person, "content": {}, "salt": "0" * 32, "redacted_at": "2026-11-23T17:00:00.000Z"}
    await town.databases.citizens.put(erased)
    count = len(standin.sent)
    await context.sending.round()
    assert len(standin.sent) == count
    finished = next(out for out in await context.notices.listed(uuid) if out["step"] == "finished")
    assert finished["sending"]["attempts"] == []
    assert finished["sending"]["state"] == "failed"


async def test_at_night_nobody_is_written_to(
    ana: Phone, standin: StandIn, town: Town, clock: SetClock, context: Context
) -> None:
    report = await told(ana)
    settings = await town.databases.reference.get("settings")
    await town.databases.reference.put({**settings, "quiet_from": "10:00", "quiet_until": "12:00"})
    await finish(town, report["_id"].removeprefix("report:"))
    await context.notices.round()
    count = len(standin.sent)
    outs = await context.notices.listed(report["_id"].removeprefix("report:"))
    assert {out["step"] for out in outs} == {"finished", "survey"}
    await context.sending.round()
    assert len(standin.sent) == count, "it is a quarter past ten"
    clock.advance(hours=2)
    await context.sending.round()
    assert f"Su reporte {report['folio']} está terminado." in standin.texts()[-1]
    assert f"https://manzana.test/folio/{report['folio']}" in standin.texts()[-1]


async def test_a_flood_is_kept_answered_once_and_lets_alarm_through(
    ana: Phone, standin: StandIn, town: Town, clock: SetClock
) -> None:
    await ana.deliver(*(ana.message("text", {"body": f"hola {n}"}) for n in range(50)))
    await ana.work()
    assert sum("muchos mensajes seguidos" in text for text in standin.texts()) == 1
    (talk,) = await town.context.talks.listed()
    assert talk["unread"] == 20
    _, said = await town.context.talks.read(talk["_id"])
    assert sum(one["by"] == "citizen" for one in said) == 50
    assert await town.context.talks.due() == []
    await ana.deliver(ana.message("text", {"body": "se quema la casa"}))
    await ana.work()
    assert "llame al 911" in standin.texts()[-2] + standin.texts()[-1]
    clock.advance(minutes=5)
    assert "asistente" in await ana.say("hola") or standin.texts()[-1]


async def test_whoever_called_the_desk_is_told_by_the_operators_hook(
    ana: Phone, town: Town, context: Context
) -> None:
    posted: list[Any] = []

    class Recorded:
        async def send(self, message: Any) -> str | None:
            posted.append(message)
            return None

    context.sending.carriers["hook"] = Recorded()
    desk = context.directory.account("mesa2")
    assert desk
    report = "0192f3a0-0001-7000-8000-00000000000a"
    at = "2026-11-23T16:00:00.000Z"
    content: CitizenContent = {"name": "Eva", "phone": "662 555 0188"}
    person = citizen(content, "ab" * 16, "1", at, "0192f3a0-0001-7000-8000-00000000000b")
    payload: Payload = {
        "type": "bache", "channel": "072", "for_whom": "neighbour", "answers": {},
        "place": {"street": "Juárez 4"}, "urgent": False, "citizen": person["_id"],
    }  # fmt: skip
    word = await while_intake(town, context.pen.act(desk, "captured", report, payload, citizens=[person]))
    assert word.state == "admitted"
    await context.notices.round()
    await finish(town, report)
    await context.notices.round()
    await context.sending.round()
    assert [(message.to, message.step) for message in posted] == [("662 555 0188", "finished")]
    assert word.folio in posted[0].text
    assert "Eva" not in posted[0].text + posted[0].id


async def test_two_citizens_at_once_and_a_flood_of_payloads(ana: Phone, standin: StandIn, town: Town) -> None:
    luis = Phone(town, standin, LUIS)
    mine = [ana.message("text", {"body": f"hay un bache {n}"}) for n in range(20)]
    his = [luis.message("text", {"body": "lampara apagada"})]
    await ana.deliver(*mine[:10], *his, *mine[10:])
    await ana.work()
    talks = {talk["sender"]: talk for talk in await town.context.talks.listed()}
    assert talks.keys() == {ANA, LUIS}
    assert all(ANA not in talk["_id"] for talk in talks.values())
    assert {message["to"] for message in standin.sent} == {ANA, LUIS}
    assert await town.context.talks.due() == []
