"""Every role against every feed and everybody else's data, over HTTP; nothing leaks, nothing breaks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.device import Device, Refused, subject_of
from tests.server.conftest import SetClock
from tests.server.intake.municipality import inside
from tests.server.serving import Served
from tests.server.web.phones.conftest import Phones
from tests.server.web.phones.test_sync import until_acknowledged

FIELD = ("lucia", "marta", "pedro", "norma", "saul", "luz1", "bache1", "pc")

#: Whose mailbox shows each report's word; a card shows no word.
READERS = {
    "zafiro": {"lucia", "norma", "luz1"},
    "rubi": set[str](),
    "topacio": {"lucia", "marta", "norma", "pc"},
}


def follow_for_ever(device: Device) -> None:
    while True:
        query = {"since": device.since["mailbox"], "feed": "longpoll", "timeout": "20000"}
        page = device.call("GET", "/sync/mailbox/_changes", params=query, timeout=30)
        device.since["mailbox"] = page["last_seq"]


def raw(device: Device, path: str, **query: Any) -> bytes:
    headers = {"Authorization": f"Bearer {device.token}"}
    answer = device.client.get(path, params=query, headers=headers)
    assert answer.status_code < 500
    return bytes(answer.content)


def test_each_role_against_everybody_elses_data(phone: Phones) -> None:
    phones = {account: phone(account) for account in FIELD}
    lucia = phones["lucia"]
    assert lucia.pen
    lamp = lucia.pen.capture("lampara", text="zafiro", **inside(1))
    crime = lucia.pen.capture("denuncia", text="rubi", **inside(1))
    flood = lucia.pen.capture("inundacion", text="topacio", **inside(2))
    lucia.push([lamp, crime, flood])
    until_acknowledged(lucia, flood["_id"])
    for account, device in phones.items():
        bodies = raw(device, "/sync/mailbox/_changes") + raw(device, "/sync/reference/_changes")
        for word, readers in READERS.items():
            assert (word.encode() in bodies) == (account in readers), (account, word)
        # Somebody else's token opens nothing, and no path names a mailbox.
        lucia.pull()
        if account != "lucia":
            with pytest.raises(Refused) as refused:
                device.call("GET", "/sync/mailbox/_changes", params={"since": lucia.since["mailbox"]})
            assert refused.value.code == "feed_changed"
        others = (
            "/sync/cases/_changes",
            "/sync/mailbox-lucia-1/_changes",
            "/couch/mailbox-lucia-1",
            f"/sync/mailbox/report:{subject_of(lamp)}",
            "/sync/inbox/_all_docs",
            "/sync/inbox/_changes",
        )
        for path in others:
            answer = device.client.get(path, headers={"Authorization": f"Bearer {device.token}"})
            assert answer.status_code in (404, 405), path
            assert b"zafiro" not in answer.content


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/sync/mailbox/_changes"),
        ("GET", "/sync/reference/_changes"),
        ("POST", "/sync/inbox/_bulk_docs"),
        ("POST", "/sync/checkin"),
        ("GET", "/sync/custody"),
    ],
)
@pytest.mark.parametrize("token", ["", "Bearer nobody", "Basic x", "Bearer"])
def test_without_a_session_there_is_nothing(
    served: Served, phone: Phones, method: str, path: str, token: str
) -> None:
    client = phone("lucia").client
    answer = client.request(
        method, path, json={"docs": []}, headers={"Authorization": token} if token else {}
    )
    assert answer.status_code == 401
    assert answer.json()["error"].startswith("session_")


def test_a_revoked_phone_hands_over_and_sees_nothing(phone: Phones, served: Served) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    lucia.pull()
    served.run(served.context.enrolment.revoke(lucia.pen.id, "mesa"))
    for path in ("/sync/mailbox/_changes", "/sync/reference/_changes"):
        with pytest.raises(Refused) as refused:
            lucia.call("GET", path)
        assert refused.value.code == "session_limited"
    event = lucia.pen.capture("lampara", **inside(1))
    assert lucia.push([event])[0]["ok"] is True
    answer = lucia.checkin()
    assert {"order": "hand_over_and_wipe"} in answer["orders"]
    assert answer["changed"] == {"mailbox": False, "reference": False}


def test_a_new_generation_is_told_by_the_token(phone: Phones, served: Served) -> None:
    from server.intake.chores.requests import rebuild

    lucia = phone("lucia")
    lucia.pull()
    before, token = dict(lucia.documents), lucia.since["mailbox"]
    context = served.context
    served.run(rebuild(context.databases, context.clock, "mesa"))
    with pytest.raises(Refused) as refused:
        follow_for_ever(lucia)
    assert refused.value.code == "feed_changed"
    lucia.since["mailbox"] = token
    lucia.pull()
    bare = [{k: v for k, v in doc.items() if k != "_rev"} for doc in lucia.documents.values()]
    assert bare == [{k: v for k, v in doc.items() if k != "_rev"} for doc in before.values()]


def test_a_mailbox_made_anew_under_its_name_is_another_feed(phone: Phones, served: Served) -> None:
    lucia = phone("lucia")
    lucia.pull()
    assert lucia.documents
    databases = served.context.databases

    async def anew() -> None:
        await databases.drop_mailbox("lucia", 1)
        made = await databases.mailbox("lucia", 1)
        await made.put({"_id": "report:otro"})
        served.context.feeds.ring({made.name})

    served.run(anew())
    path, since = "/sync/mailbox/_changes", lucia.since["mailbox"]
    with pytest.raises(Refused) as refused:
        lucia.call("GET", path, params={"since": since, "feed": "longpoll", "timeout": "20000"})
    assert refused.value.code == "feed_changed"
    page = lucia.call("GET", path, params={"since": "0", "feed": "longpoll"})
    assert [row["id"] for row in page["results"]] == ["report:otro"]
    with pytest.raises(Refused) as refused:
        lucia.call("GET", path, params={"since": since})
    assert refused.value.code == "feed_changed"
    served.run(databases.drop_mailbox("lucia", 1))
    assert lucia.call("GET", path)["results"] == []


def test_an_escaped_query_is_read_as_a_plain_one(phone: Phones) -> None:
    lucia = phone("lucia")
    lucia.pull()
    last, path = lucia.since["mailbox"], "/sync/mailbox/_changes"
    for query in (f"since={last}", f"since={last.replace('.', '%2E')}&x=a+b", f"since=0&&x&since={last}"):
        assert lucia.call("GET", f"{path}?{query}")["results"] == []


@pytest.mark.parametrize(
    "query",
    [{"limit": "-1"}, {"limit": "x"}, {"feed": "continuous"}, {"timeout": "1e9", "feed": "longpoll"}],
)
def test_a_malformed_pull_is_one_clear_refusal(phone: Phones, query: dict[str, str]) -> None:
    lucia = phone("lucia")
    with pytest.raises(Refused) as refused:
        lucia.call("GET", "/sync/mailbox/_changes", params=query)
    assert refused.value.code == "bad_request"


def test_pages_are_walked_by_token(phone: Phones) -> None:
    norma = phone("norma")
    norma.pull(limit=1)
    whole = phone("norma")
    whole.pull()
    assert norma.documents == whole.documents
    assert len(norma.documents) > 5


def test_a_phone_silent_for_two_months_is_judged_by_the_servers_clock(
    phone: Phones, served: Served, clock: SetClock
) -> None:
    """Whatever its own clock says, its session is over; its key opens the next, and nothing is lost."""
    lucia = phone("lucia")
    assert lucia.pen
    lucia.pull()
    slow = clock.now()
    lucia.pen.clock = lucia.clock = lambda: slow  # the phone's clock stands still
    event = lucia.pen.capture("lampara", **inside(1))
    clock.advance(days=60)
    every = [
        ("GET", "/sync/mailbox/_changes", None),
        ("GET", "/sync/reference/_changes", None),
        ("POST", "/sync/inbox/_bulk_docs", {"docs": [event]}),
        ("POST", "/sync/checkin", {}),
        ("POST", "/api/codes", {"account": "lucia"}),
    ]
    headers = {"Authorization": f"Bearer {lucia.token}", "Tus-Resumable": "1.0.0", "Upload-Length": "9"}
    begun = lucia.client.post("/sync/evidence", headers=headers)
    assert (begun.status_code, begun.json()["error"]) == (401, "session_expired")
    for method, path, body in every:
        with pytest.raises(Refused) as refused:
            lucia.call(method, path, body)
        assert (refused.value.status, refused.value.code) == (401, "session_expired"), path
    lucia.renew()
    assert lucia.push([event])[0]["ok"] is True
    until_acknowledged(lucia, event["_id"])
    assert subject_of(event) in lucia.reports()


def test_a_phone_revoked_while_silent_renews_only_to_hand_over(
    phone: Phones, served: Served, clock: SetClock
) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    event = lucia.pen.capture("lampara", **inside(1))
    served.run(served.context.enrolment.revoke(lucia.pen.id, "mesa"))
    clock.advance(days=60)
    with pytest.raises(Refused) as refused:
        lucia.push([event])
    assert refused.value.code == "session_expired"
    assert lucia.renew()["limited"] is True
    assert lucia.push([event])[0]["ok"] is True
    assert lucia.checkin()["orders"] == [{"order": "hand_over_and_wipe"}]
    for method, path in (
        ("GET", "/sync/mailbox/_changes"),
        ("GET", "/sync/reference/_changes"),
        ("POST", "/api/codes"),
    ):
        with pytest.raises(Refused) as refused:
            lucia.call(method, path, {"account": "lucia"} if method == "POST" else None)
        assert refused.value.code == "session_limited", path


@pytest.mark.parametrize(
    "change",
    [{"active": False}, {"term": {"from": "2020-01-01", "until": "2020-12-31"}}],
    ids=["suspended", "ended"],
)
def test_a_phone_out_of_office_learns_what_to_forget_and_nothing_else(
    phone: Phones, served: Served, change: dict[str, Any]
) -> None:
    lucia, norma = phone("lucia"), phone("norma")
    assert lucia.pen
    assert norma.pen
    lamp = lucia.pen.capture("lampara", text="zafiro", **inside(1))
    lucia.push([lamp])
    until_acknowledged(lucia, lamp["_id"])
    assert subject_of(lamp) in lucia.reports()
    served.run(served.context.directory.update("account:lucia", lambda doc: {**doc, **change}))
    lucia.pull_until(lambda device: not device.reports())
    # The word is nowhere left, and what its block reports from now on does not come.
    assert "zafiro" not in str(lucia.documents)
    later = norma.pen.capture("lampara", text="rubi", **inside(1))
    norma.push([later])
    until_acknowledged(norma, later["_id"])
    body = raw(lucia, "/sync/mailbox/_changes", since="0")
    assert b'"deleted":true' in body
    assert b'"doc":' not in body
