"""Photos reach whoever may see their report, and nobody else: role by role, over HTTP."""

from __future__ import annotations

import io
from typing import Any

import httpx2
from PIL import Image

from server.accounts.passwords import hash_password
from tests.device import Device, citizen_document, subject_of
from tests.server.evidence.pictures import picture, sha256
from tests.server.intake.municipality import inside
from tests.server.serving import Served
from tests.server.web.phones.conftest import Phones, phone, served
from tests.server.web.phones.test_sync import until_acknowledged, wait_for_news
from tests.server.web.phones.test_tus import OFFSET, metadata

__all__ = ["phone", "served"]
Json = dict[str, Any]


def upload(device: Device, data: bytes, event: str) -> None:
    headers = {"Authorization": f"Bearer {device.token}", "Tus-Resumable": "1.0.0"}
    facts = metadata(sha256=sha256(data), type="image/jpeg", event=event)
    made = device.client.post(
        "/sync/evidence", headers={**headers, "Upload-Length": str(len(data)), "Upload-Metadata": facts}
    )
    assert made.status_code == 201
    sent = device.client.patch(
        made.headers["location"], content=data, headers={**headers, **OFFSET, "Upload-Offset": "0"}
    )
    assert sent.status_code == 204


def with_photo(device: Device, served: Served, type_id: str, data: bytes, **more: Any) -> Json:
    """A capture with a photo, delivered, judged and acknowledged."""
    assert device.pen
    listed = [{"sha256": sha256(data), "origin": "camera", "bytes": len(data), "type": "image/jpeg"}]
    event = device.pen.capture(type_id, **inside(1), photos=listed, **more)
    device.push([event])
    upload(device, data, event["_id"])
    until_acknowledged(device, event["_id"])
    served.run(served.context.examination.settled())
    until_judged(device, data)
    return event


def until_judged(device: Device, data: bytes) -> None:
    """Until the device's acknowledgement tells the verdict: intake has recorded it by then."""
    device.pull()
    while sha256(data) not in [photo["sha256"] for photo in device.ack["photos"]]:
        wait_for_news(device)


def see(device: Device, data: bytes, size: str = "320", **params: str) -> httpx2.Response:
    path = f"/sync/evidence/{sha256(data)}/{size}"
    answer: httpx2.Response = device.client.get(
        path, headers={"Authorization": f"Bearer {device.token}"}, params=params
    )
    return answer


def test_a_photo_reaches_those_who_hold_its_report(phone: Phones, served: Served) -> None:
    lucia, luz, norma = phone("lucia"), phone("luz1"), phone("norma")
    marta, pedro, bache = phone("marta"), phone("pedro"), phone("bache1")
    data = picture(size=(1000, 800))
    with_photo(lucia, served, "lampara", data)
    for device in (lucia, luz, norma):
        answer = see(device, data, "1280")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        # No cache on the way keeps what may be withdrawn or erased tomorrow.
        assert answer.headers["cache-control"] == "no-store"
        with Image.open(io.BytesIO(answer.content)) as image:
            assert not image.getexif()
    # A neighbour's card shows no photo; others hold nothing of it. The answer tells them nothing.
    refusals = {see(device, data).text for device in (marta, pedro, bache)}
    refusals |= {see(lucia, b"never sent").text}
    assert len(refusals) == 1
    for device in (lucia, norma):
        assert see(device, data, "original").status_code == 404
    for size in ("64", "..", "320.jpg", "original.jpg"):
        assert see(lucia, data, size).status_code == 404


def test_confidential_photos_reach_nobody_in_the_territory(phone: Phones, served: Served) -> None:
    lucia, norma, marta = phone("lucia"), phone("norma"), phone("marta")
    data = picture(seed=7)
    with_photo(lucia, served, "denuncia", data)
    # Not even back to who took it: their receipt of a confidential report lists no photo.
    for device in (lucia, norma, marta):
        assert see(device, data).status_code == 404


def test_naming_a_strangers_report_opens_nothing(phone: Phones, served: Served) -> None:
    lucia, pedro = phone("lucia"), phone("pedro")
    data = picture(seed=8)
    event = with_photo(lucia, served, "lampara", data)
    assert see(pedro, data, report=subject_of(event)).status_code == 404
    assert see(lucia, data, report="' OR 1=1").status_code == 200


def test_declaring_the_hash_of_a_photo_opens_nothing_until_its_bytes_are_brought(
    phone: Phones, served: Served
) -> None:
    lucia, pedro = phone("lucia"), phone("pedro")
    data = picture(seed=9)
    with_photo(lucia, served, "lampara", data)
    assert pedro.pen
    listed = [{"sha256": sha256(data), "origin": "gallery", "bytes": len(data), "type": "image/jpeg"}]
    event = pedro.pen.capture("lampara", **inside(12), photos=listed)
    pedro.push([event])
    until_acknowledged(pedro, event["_id"])
    assert see(pedro, data, report=subject_of(event)).status_code == 404
    upload(pedro, data, event["_id"])
    until_judged(pedro, data)
    assert see(pedro, data, report=subject_of(event)).status_code == 200


def test_a_revoked_phone_sees_nothing_any_more(phone: Phones, served: Served) -> None:
    lucia = phone("lucia")
    data = picture(seed=10)
    with_photo(lucia, served, "lampara", data)
    assert lucia.pen
    served.run(served.context.enrolment.revoke(lucia.pen.id, "mesa"))
    assert see(lucia, data).json()["error"] == "session_limited"


def test_originals_are_the_auditors_and_each_look_is_on_record(phone: Phones, served: Served) -> None:
    lucia = phone("lucia")
    data = picture(seed=11)
    citizen = citizen_document(lucia.clock(), name="Ana")
    lucia.push([citizen])
    with_photo(lucia, served, "lampara", data, citizen=citizen["_id"])

    async def office() -> None:
        for account, role in (("irma", "auditor"), ("jefa", "admin")):
            await served.context.directory.create(
                {
                    "_id": f"account:{account}",
                    "name": account,
                    "role": role,
                    "active": True,
                    "password": await hash_password("nopal azul 2026 !"),
                }
            )

    served.run(office())
    for account, status in (("irma", 200), ("jefa", 404)):
        with httpx2.Client(base_url=served.url) as page:
            page.post("/gestion/entrar", data={"usuario": account, "clave": "nopal azul 2026 !"})
            answer = page.get(f"/sync/evidence/{sha256(data)}/original")
            assert answer.status_code == status
            if status == 200:
                assert answer.content == data
                assert answer.headers["content-disposition"] == "attachment"
    lines = served.run(served.context.audit.newest())
    assert [(line["account"], line["what"]) for line in lines] == [("irma", "original_photo")]
    with httpx2.Client(base_url=served.url) as nobody:
        assert nobody.get(f"/sync/evidence/{sha256(data)}/320").json()["error"] == "session_missing"
