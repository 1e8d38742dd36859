"""What the desk decides on its pages, intake does: flags lowered, held events judged anew or admitted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx2
import pytest

from server.accounts.passwords import hash_password
from tests.device import subject_of
from tests.server.evidence.pictures import picture, sha256
from tests.server.evidence.test_access import upload
from tests.server.intake.municipality import inside
from tests.server.serving import Served
from tests.server.web.phones.conftest import Phones, phone, served
from tests.server.web.phones.test_sync import until_acknowledged

__all__ = ["phone", "served"]
PASSWORD = "nopal azul 2026 !"


@pytest.fixture
def desk(served: Served) -> Iterator[httpx2.Client]:
    """The desk's browser, entered."""

    async def prepare() -> None:
        stored = await hash_password(PASSWORD)
        await served.context.directory.update("account:mesa", lambda doc: {**doc, "password": stored})

    served.run(prepare())
    with httpx2.Client(base_url=served.url) as browser:
        assert browser.post("/gestion/entrar", data={"usuario": "mesa", "clave": PASSWORD}).status_code == 303
        yield browser


def token(desk: httpx2.Client) -> str:
    found = re.search(r'name="token" value="(\w+)"', desk.get("/gestion/").text)
    assert found
    return found[1]


def test_a_reviewed_flag_is_lowered(phone: Phones, served: Served, desk: httpx2.Client) -> None:
    lucia, luz = phone("lucia"), phone("luz1")
    assert lucia.pen
    assert luz.pen
    event = lucia.pen.capture("lampara", **inside(1))
    lucia.push([event])
    until_acknowledged(lucia, event["_id"])
    report = subject_of(event)
    far = {"source": "gps", **inside(12), "accuracy": 5, "taken_at": event["occurred_at"]}
    done = luz.pen.event("finished", report, {"done": "Se cambió"}, based_on=[event["_id"]], position=far)
    luz.push([done])
    until_acknowledged(luz, done["_id"])
    text = desk.get("/gestion/avisos").text
    assert "VP-000001" in text
    assert "Se cerró lejos del lugar." in text
    flags = re.search(r'name="avisos" value="([^"]+)"', text)
    assert flags
    answer = desk.post(f"/gestion/avisos/{report}", data={"token": token(desk), "avisos": flags[1]})
    assert answer.status_code == 303
    assert (
        desk.post(f"/gestion/avisos/{report}", data={"token": token(desk), "avisos": "<b>"}).status_code
        == 422
    )

    async def lowered() -> list[str]:
        cases = served.context.databases.cases
        while True:
            since = (await cases.info()).update_seq
            found: list[str] = (await cases.get(f"report:{report}"))["flags"]
            if not found:
                return found
            assert await cases.wait_for_change(since, 20), "intake did not lower the flags"

    assert served.run(lowered()) == []


def test_what_a_revoked_phone_handed_over_is_admitted_by_the_desk(
    phone: Phones, served: Served, desk: httpx2.Client
) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    served.run(served.context.enrolment.revoke(lucia.pen.id, "mesa"))
    event = lucia.pen.capture("lampara", **inside(1))
    lucia.push([event])
    held = event["_id"].rpartition(":")[2]

    async def until(doc_id: str) -> None:
        cases = served.context.databases.cases
        while True:
            since = (await cases.info()).update_seq
            if await cases.get_many([doc_id]):
                return
            assert await cases.wait_for_change(since, 20), f"{doc_id} did not come"

    served.run(until(f"quarantine:{held}"))
    assert "Admitir" in desk.get(f"/gestion/cuarentena/{held}").text
    answer = desk.post(f"/gestion/cuarentena/{held}", data={"token": token(desk), "admitir": "1"})
    assert answer.status_code == 303
    served.run(until(f"report:{subject_of(event)}"))
    lines = served.run(served.context.audit.newest())
    assert {line["what"] for line in lines} == {"held_event", "held_event_admitted"}
    missing = desk.post("/gestion/cuarentena/nada", data={"token": token(desk)})
    assert missing.status_code == 404


def test_the_desk_lets_go_of_what_waits_for_nothing_that_will_come(
    phone: Phones, served: Served, desk: httpx2.Client
) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    note = lucia.pen.event("noted", None, {"text": "de un reporte que nadie tiene"})
    lucia.push([note])
    held, cases = note["_id"].rpartition(":")[2], served.context.databases.cases

    async def until(doc_id: str) -> None:
        while True:
            since = (await cases.info()).update_seq
            if await cases.get_many([doc_id]):
                return
            assert await cases.wait_for_change(since, 20), f"{doc_id} did not come"

    served.run(until(f"quarantine:{held}"))
    assert "No admitir" in desk.get(f"/gestion/cuarentena/{held}").text
    answer = desk.post(
        f"/gestion/cuarentena/{held}", data={"token": token(desk), "rechazar": "1", "admitir": "1"}
    )
    assert answer.status_code == 303
    served.run(until(f"refusal:{held}"))
    assert served.run(cases.get_many([f"quarantine:{held}"])) == {}
    lucia.pull_until(lambda device: bool(device.ack["refused"]))
    assert [entry["code"] for entry in lucia.ack["refused"]] == ["event_let_go"]
    assert lucia.ack["quarantined"] == []
    lines = served.run(served.context.audit.newest())
    assert "held_event_refused" in {line["what"] for line in lines}


def test_photos_that_could_not_be_judged_are_said_in_words_and_tried_again(
    phone: Phones, served: Served, desk: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    data = picture(seed=51)
    listed = [{"sha256": sha256(data), "origin": "camera", "bytes": len(data), "type": "image/jpeg"}]
    event = lucia.pen.capture("lampara", **inside(1), photos=listed)
    lucia.push([event])
    context = served.context
    assert "Todas las fotos que llegaron están revisadas" in desk.get("/gestion/cuarentena").text

    async def full(name: str, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(context.blobs, "put", full)
        upload(lucia, data, event["_id"])
        served.run(context.examination.settled())
    page = desk.get("/gestion/cuarentena").text
    assert "El servidor no tiene espacio para revisarla." in page
    assert f"/gestion/asuntos/{subject_of(event)}" in page
    assert "<b>1</b>fotos sin revisar" in desk.get("/gestion/").text
    answer = desk.post("/gestion/cuarentena/fotos", data={"token": token(desk)})
    assert answer.status_code == 303
    served.run(context.examination.settled())
    assert served.run(context.databases.evidence.get(f"blob:{sha256(data)}"))["verdict"] == "ok"
    assert "Todas las fotos que llegaron están revisadas" in desk.get("/gestion/cuarentena").text
    assert "photos_retried" in {line["what"] for line in served.run(context.audit.newest())}


def test_two_events_under_one_uuid_are_two_lines_with_pages_of_their_own(
    served: Served, desk: httpx2.Client
) -> None:
    own = "018f0000-0000-7000-8000-000000000009"
    names = [f"quarantine:{own}", f"quarantine:{own}:0123456789abcdef"]
    for number, name in enumerate(names):
        doc = {
            "_id": name,
            "schema": "quarantine.v1",
            "event": f"event:{own}:{own}",
            "code": "event_signature",
        }
        doc |= {"message": "Retenido.", "reason": "r", "at": "2026-11-23T16:00:00.000Z", "receipt": "none"}
        served.run(served.context.databases.cases.put({**doc, "actor": f"quien-{number}", "device": None}))
    listed = desk.get("/gestion/cuarentena").text
    for number, name in enumerate(names):
        link = f"/gestion/cuarentena/{name.partition(':')[2]}"
        assert f'href="{link}"' in listed
        page = desk.get(link).text
        assert f"quien-{number}" in page
        assert f'action="{link}"' in page
