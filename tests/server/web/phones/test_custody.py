"""What became of a device's work is told to it, and to no other, whoever has left."""

from __future__ import annotations

import pytest

from tests.device import Device, Json, Refused, sign_text
from tests.server.intake.municipality import inside
from tests.server.web.phones.conftest import Phones
from tests.server.web.phones.test_sync import until_acknowledged


def hand_over(device: Device) -> Json:
    """A session that asks for no more than handing over."""
    assert device.pen
    given = device.call("POST", "/api/session/challenge", {"device": device.pen.id}, token=False)
    sig = sign_text(device.pen.key, given["challenge"].encode("ascii"))
    body = {"device": device.pen.id, "challenge": given["challenge"], "sig": sig, "hand_over": True}
    answer: Json = device.call("POST", "/api/session", body, token=False)
    device.token = answer["token"]
    return answer


def test_who_has_left_hands_over_and_learns_of_that_work_alone(phone: Phones) -> None:
    lucia, marta = phone("lucia"), phone("marta")
    assert lucia.pen
    assert marta.pen
    other = marta.pen.capture("lampara", **inside(1))
    marta.push([other])
    until_acknowledged(marta, other["_id"])
    event = lucia.pen.capture("lampara", **inside(1))
    lucia.push([event])
    until_acknowledged(lucia, event["_id"])
    assert hand_over(lucia)["limited"] is True
    for path in ("/sync/mailbox/_changes", "/sync/reference/_changes"):
        with pytest.raises(Refused) as refused:
            lucia.call("GET", path)
        assert refused.value.code == "session_limited"
    said = lucia.call("GET", "/sync/custody")
    assert [ack["_id"] for ack in said["acks"]] == [f"ack:{lucia.pen.id}"]
    assert [item[0] for item in said["acks"][0]["items"]] == [event["_id"]]
    assert said["acks"][0] == {k: v for k, v in lucia.ack.items() if k != "_rev"}
    assert said["backed_up_through"] == lucia.checkin()["backed_up_through"]
    late = lucia.pen.event("noted", event["_id"].split(":")[1], {"text": "sigue"}, based_on=[event["_id"]])
    assert lucia.push([late])[0]["ok"] is True
