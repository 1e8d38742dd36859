"""Photos that nobody declares go after a time; whatever a report or a held event names stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.operations import strays
from server.store import epoch
from tests.device import Device
from tests.server.conftest import SetClock
from tests.server.evidence.pictures import picture, sha256
from tests.server.evidence.test_access import upload, with_photo
from tests.server.intake.municipality import inside
from tests.server.serving import Served
from tests.server.web.phones.conftest import Phones, phone, served
from tests.server.web.phones.test_sync import until_acknowledged, wait_for_news
from tests.server.web.phones.test_tus import EVENT

__all__ = ["phone", "served"]
Json = dict[str, Any]
WEEK = timedelta(days=7)


def left(served: Served) -> set[str]:
    """Hashes of which there are bytes, each with its document or not at all."""
    names = set(served.run(served.context.blobs.names()))
    return {name[:64] for name in names}


def documents(served: Served, *photos: bytes) -> set[str]:
    found = served.run(served.context.databases.evidence.get_many([f"blob:{sha256(one)}" for one in photos]))
    return {doc["sha256"] for doc in found.values()}


def sweep(served: Served) -> int:
    return served.run(strays.sweep(served.context, WEEK))


def settled(served: Served) -> None:
    served.run(served.context.examination.settled())


def undeclared(device: Device, served: Served, data: bytes) -> None:
    """Delivered for an event that names no photo."""
    assert device.pen
    event = device.pen.capture("bache", **inside(2))
    device.push([event])
    until_acknowledged(device, event["_id"])
    upload(device, data, event["_id"])
    settled(served)


def test_what_no_report_declares_goes_after_a_time(served: Served, phone: Phones, clock: SetClock) -> None:
    lucia = phone("lucia")
    mine, nobodys = picture(seed=41), picture(seed=42)
    with_photo(lucia, served, "bache", mine)
    undeclared(lucia, served, nobodys)
    assert sweep(served) == 0
    clock.advance(days=6)
    assert sweep(served) == 0
    assert left(served) == {sha256(mine), sha256(nobodys)}
    clock.advance(days=2)
    assert sweep(served) == 1
    assert left(served) == {sha256(mine)} == documents(served, mine, nobodys)
    # Whoever brings it again is taken at their word again.
    undeclared(phone("lucia"), served, nobodys)
    assert left(served) == {sha256(mine), sha256(nobodys)}


@pytest.mark.parametrize("list_", ["quarantined", "refused"])
def test_what_was_not_admitted_keeps_its_photo(
    served: Served, phone: Phones, clock: SetClock, list_: str
) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    data = picture(seed=43)
    listed = [{"sha256": sha256(data), "origin": "camera", "bytes": len(data), "type": "image/jpeg"}]
    # Evidence for a report that never came, delivered for another event than the one that declares it.
    other = "018f0000-0000-7000-8000-000000000009"
    of = f"event:{other}:{other}" if list_ == "quarantined" else 5
    event = lucia.pen.event("evidence_added", other, {"of": of}, photos=listed)
    lucia.push([event])
    lucia.pull()
    while not lucia.ack[list_]:
        wait_for_news(lucia)
    upload(lucia, data, EVENT)
    settled(served)
    clock.advance(days=30)
    assert sweep(served) == 0
    assert left(served) == {sha256(data)}


def test_after_a_restore_phones_have_the_time_to_declare_anew(
    served: Served, phone: Phones, clock: SetClock
) -> None:
    data = picture(seed=44)
    # For an event that never came.
    upload(phone("lucia"), data, EVENT)
    settled(served)
    clock.advance(days=30)
    cases = served.context.databases.cases
    served.run(epoch.renew(cases))
    served.run(epoch.note_lost(cases, "2026-01-01T00:00:00.000Z", clock.now().isoformat()))
    assert sweep(served) == 0
    clock.advance(days=8)
    assert sweep(served) == 1
    assert left(served) == set()


def test_bytes_without_a_document_go_and_a_delivery_under_way_keeps_all(
    served: Served, phone: Phones, clock: SetClock
) -> None:
    data = picture(seed=45)
    name = sha256(data)
    context = served.context
    served.run(context.blobs.put(name, data))
    served.run(context.blobs.put(f"{name}.320.jpg", b"small"))
    assert sweep(served) == 0

    async def meanwhile() -> int:
        async with context.uploads.deliveries.shared():
            return await strays.sweep(context, WEEK)

    # By the disk's clock: the test's own begins elsewhere.
    clock.advance(days=20_000)
    assert served.run(meanwhile()) == 0
    assert left(served) == {name}
    assert sweep(served) == 1
    assert served.run(context.blobs.names()) == []
