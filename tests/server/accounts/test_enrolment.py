"""A phone enrols once, by code or password, and renews its session by signing."""

from __future__ import annotations

import uuid
from typing import Any

import httpx2
import pytest

from server.accounts.passwords import hash_password
from server.context import Context
from tests.device import Pen, sign_text
from tests.server.conftest import SetClock, add_account, proof_over

pytestmark = pytest.mark.anyio
Json = dict[str, Any]


async def code_for(context: Context, account: str) -> str:
    code, _ = await context.enrolment.issue_code(account, "desk")
    return code


async def enrolment(http: httpx2.AsyncClient, pen: Pen, code: str) -> Json:
    return {"code": code, "app": "0.1.0", **await proof_over(http, pen)}


async def enrolled(context: Context, http: httpx2.AsyncClient, account: str = "rosa") -> tuple[Pen, str]:
    pen = Pen(account, "block_leader")
    answer = await http.post("/api/enrol", json=await enrolment(http, pen, await code_for(context, account)))
    assert answer.status_code == 201, answer.text
    return pen, answer.json()["token"]


async def test_a_code_enrols_a_phone_and_opens_a_session(context: Context, http: httpx2.AsyncClient) -> None:
    await add_account(context, "rosa", "block_leader", blocks=["m-1"])
    pen = Pen("rosa", "block_leader")
    code = await code_for(context, "rosa")
    answer = await http.post("/api/enrol", json=await enrolment(http, pen, f"{code[:4]} {code[4:]}"))
    assert answer.status_code == 201
    body = answer.json()
    assert body["account"] == "rosa"
    assert body["device"] == pen.id
    session = await context.sessions.find(body["token"])
    assert (session.account, session.device, session.limited) == ("rosa", pen.id, False)
    device = context.directory.device(pen.id)
    assert device is not None
    assert device.public_key == pen.public_key


async def test_tokens_and_codes_are_stored_only_hashed(context: Context, http: httpx2.AsyncClient) -> None:
    await add_account(context, "rosa", "block_leader")
    code = await code_for(context, "rosa")
    answer = await http.post("/api/enrol", json=await enrolment(http, Pen("rosa", "block_leader"), code))
    token = answer.json()["token"]
    stored = "".join(
        str(doc) for kind in ("session", "code", "device") for doc in context.directory.documents(kind)
    )
    assert token not in stored
    assert code not in stored


async def test_a_lost_reply_is_repeated_by_the_phone_that_holds_the_key_and_is_on_record(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await add_account(context, "rosa", "block_leader")
    code = await code_for(context, "rosa")
    pen = Pen("rosa", "block_leader")
    first = await http.post("/api/enrol", json=await enrolment(http, pen, code))
    assert await context.audit.newest() == []
    again = await http.post("/api/enrol", json=await enrolment(http, pen, code))
    assert (first.status_code, again.status_code) == (201, 201)
    (line,) = await context.audit.newest()
    assert (line["account"], line["what"], line["subject"]) == (
        "rosa",
        "enrolment_repeated",
        f"device:{pen.id}",
    )
    other = await http.post("/api/enrol", json=await enrolment(http, Pen("rosa", "block_leader"), code))
    assert (other.status_code, other.json()["error"]) == (409, "enrol_code_used")
    same_installation = Pen("rosa", "block_leader", installation=pen.installation)
    forged = await http.post("/api/enrol", json=await enrolment(http, same_installation, code))
    assert forged.json()["error"] == "enrol_code_used"


@pytest.mark.parametrize("used", [False, True])
async def test_enrol_1_a_code_and_a_public_key_without_the_key_open_nothing(
    context: Context, http: httpx2.AsyncClient, used: bool
) -> None:
    """Whoever saw a sheet and an event has the code, the installation and, by the signature, the key."""
    await add_account(context, "rosa", "block_leader")
    code = await code_for(context, "rosa")
    pen, thief = Pen("rosa", "block_leader"), Pen("rosa", "block_leader")
    seen = await enrolment(http, pen, code)
    if used:
        assert (await http.post("/api/enrol", json=seen)).status_code == 201
    bare = {name: seen[name] for name in ("code", "installation", "public_key", "app")}
    fresh = (await enrolment(http, pen, code))["challenge"]
    tries = {
        "no proof": (bare, "challenge_invalid"),
        "another key": (
            {**bare, "challenge": fresh, "sig": sign_text(thief.key, fresh.encode())},
            "signature_wrong",
        ),
        "no signature": ({**bare, "challenge": await _fresh(http, pen)}, "signature_wrong"),
        "a renewal's challenge": (
            {**bare, **pen.proof(await challenge_of(http, pen))},
            "challenge_invalid",
        ),
        "another installation's": (
            {**bare, **pen.proof(await _fresh(http, thief)), "installation": pen.installation},
            "challenge_invalid",
        ),
    }
    if used:
        tries["the same request again"] = (seen, "challenge_invalid")
    for what, (body, error) in tries.items():
        answer = await http.post("/api/enrol", json=body)
        assert (answer.status_code, answer.json()["error"]) == (401, error), what
    assert len(context.directory.documents("session")) == int(used)
    assert await context.audit.newest() == []


async def _fresh(http: httpx2.AsyncClient, pen: Pen) -> str:
    return str((await proof_over(http, pen))["challenge"])


async def test_a_used_code_is_dead_when_its_time_is_over_even_for_its_own_phone(
    context: Context, http: httpx2.AsyncClient, clock: SetClock
) -> None:
    await add_account(context, "rosa", "block_leader")
    code = await code_for(context, "rosa")
    pen = Pen("rosa", "block_leader")
    assert (await http.post("/api/enrol", json=await enrolment(http, pen, code))).status_code == 201
    clock.advance(hours=73)
    late = await http.post("/api/enrol", json=await enrolment(http, pen, code))
    assert (late.status_code, late.json()["error"]) == (409, "enrol_code_used")
    # It renews as ever.
    assert (await renew(http, pen, await challenge_of(http, pen))).status_code == 201


async def test_a_code_whose_phone_was_not_written_any_more_is_not_lost(
    context: Context, http: httpx2.AsyncClient
) -> None:
    """The process ended between marking the code and writing the device."""
    await add_account(context, "rosa", "block_leader")
    code = await code_for(context, "rosa")
    pen = Pen("rosa", "block_leader")
    assert (await http.post("/api/enrol", json=await enrolment(http, pen, code))).status_code == 201
    await context.directory.remove(f"device:{pen.id}")
    other = Pen("rosa", "block_leader", installation=pen.installation)
    refused = await http.post("/api/enrol", json=await enrolment(http, other, code))
    assert refused.json()["error"] == "enrol_code_used"
    assert (await http.post("/api/enrol", json=await enrolment(http, pen, code))).status_code == 201


async def test_an_old_code_says_so_and_a_wrong_one_too(
    context: Context, http: httpx2.AsyncClient, clock: SetClock
) -> None:
    await add_account(context, "rosa", "block_leader")
    code = await code_for(context, "rosa")
    wrong = await http.post("/api/enrol", json=await enrolment(http, Pen("rosa", "x"), "00000000"))
    assert (wrong.status_code, wrong.json()["error"]) == (404, "enrol_code_unknown")
    clock.advance(hours=73)
    old = await http.post("/api/enrol", json=await enrolment(http, Pen("rosa", "x"), code))
    assert (old.status_code, old.json()["error"]) == (410, "enrol_code_expired")


async def test_a_new_code_ends_the_earlier_one(context: Context, http: httpx2.AsyncClient) -> None:
    await add_account(context, "rosa", "block_leader")
    first = await code_for(context, "rosa")
    await code_for(context, "rosa")
    answer = await http.post("/api/enrol", json=await enrolment(http, Pen("rosa", "x"), first))
    assert answer.json()["error"] == "enrol_code_unknown"


@pytest.mark.parametrize(
    ("member", "value", "error"),
    [
        ("installation", "not-a-uuid", "installation_invalid"),
        ("installation", None, "installation_invalid"),
        ("public_key", {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, "key_invalid"),
        ("public_key", {"kty": "RSA"}, "key_invalid"),
        ("public_key", "text", "key_invalid"),
        ("code", 12345678, "enrol_code_unknown"),
        ("code", "1234567", "enrol_code_unknown"),
    ],
)
async def test_bad_enrolments_are_refused_with_their_reason(
    context: Context, http: httpx2.AsyncClient, member: str, value: object, error: str
) -> None:
    await add_account(context, "rosa", "block_leader")
    body = await enrolment(http, Pen("rosa", "x"), await code_for(context, "rosa"))
    answer = await http.post("/api/enrol", json={**body, member: value})
    assert answer.json()["error"] == error


async def test_a_private_key_is_never_accepted(context: Context, http: httpx2.AsyncClient) -> None:
    await add_account(context, "rosa", "block_leader")
    pen = Pen("rosa", "x")
    body = await enrolment(http, pen, await code_for(context, "rosa"))
    body["public_key"] = {**pen.public_key, "d": "AAAA"}
    assert (await http.post("/api/enrol", json=body)).json()["error"] == "key_invalid"


async def test_guessing_codes_is_slowed_and_says_when_to_come_back(
    context: Context, http: httpx2.AsyncClient
) -> None:
    pen = Pen("rosa", "x")
    answers = [
        await http.post("/api/enrol", json=await enrolment(http, pen, f"9999{n:04}")) for n in range(11)
    ]
    assert [answer.status_code for answer in answers[:10]] == [404] * 10
    assert answers[10].status_code == 429
    assert int(answers[10].headers["retry-after"]) > 0


# -- renewal -----------------------------------------------------------------------------------------


async def challenge_of(http: httpx2.AsyncClient, pen: Pen) -> str:
    answer = await http.post("/api/session/challenge", json={"device": pen.id})
    return str(answer.json()["challenge"])


async def renew(http: httpx2.AsyncClient, pen: Pen, challenge: str) -> httpx2.Response:
    sig = sign_text(pen.key, challenge.encode())
    return await http.post("/api/session", json={"device": pen.id, "challenge": challenge, "sig": sig})


async def test_a_signed_challenge_renews_a_session_once(
    context: Context, http: httpx2.AsyncClient, clock: SetClock
) -> None:
    await add_account(context, "rosa", "block_leader")
    pen, token = await enrolled(context, http)
    clock.advance(days=31)
    stale = await http.post(
        "/api/codes", json={"account": "rosa"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert (stale.status_code, stale.json()["error"]) == (401, "session_expired")
    challenge = await challenge_of(http, pen)
    answer = await renew(http, pen, challenge)
    assert answer.status_code == 201
    assert answer.json()["limited"] is False
    replay = await renew(http, pen, challenge)
    assert (replay.status_code, replay.json()["error"]) == (401, "challenge_invalid")


async def test_challenges_are_of_one_device_and_of_two_minutes(
    context: Context, http: httpx2.AsyncClient, clock: SetClock
) -> None:
    await add_account(context, "rosa", "block_leader")
    pen, _ = await enrolled(context, http)
    other = Pen("rosa", "block_leader", key=pen.key)
    crossed = await renew(http, pen, await challenge_of(http, other))
    assert crossed.json()["error"] == "challenge_invalid"
    late = await challenge_of(http, pen)
    clock.advance(seconds=121)
    assert (await renew(http, pen, late)).json()["error"] == "challenge_invalid"


async def test_another_key_renews_nothing(context: Context, http: httpx2.AsyncClient) -> None:
    await add_account(context, "rosa", "block_leader")
    pen, _ = await enrolled(context, http)
    thief = Pen("rosa", "block_leader", installation=pen.installation)
    answer = await renew(http, thief, await challenge_of(http, thief))
    assert (answer.status_code, answer.json()["error"]) == (401, "signature_wrong")


async def test_revoking_limits_the_phone_at_once_and_for_its_next_sessions(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await add_account(context, "rosa", "block_leader")
    pen, token = await enrolled(context, http)
    await context.enrolment.revoke(pen.id, "desk")
    assert (await context.sessions.find(token)).limited
    answer = await renew(http, pen, await challenge_of(http, pen))
    assert answer.json()["limited"] is True
    device = context.directory.device(pen.id)
    assert device is not None
    assert device.orders == ("hand_over_and_wipe",)
    refused = await http.post(
        "/api/codes", json={"account": "rosa"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert (refused.status_code, refused.json()["error"]) == (403, "session_limited")


async def test_ending_a_session_ends_it(context: Context, http: httpx2.AsyncClient) -> None:
    await add_account(context, "rosa", "block_leader")
    _, token = await enrolled(context, http)
    headers = {"Authorization": f"Bearer {token}"}
    assert (await http.delete("/api/session", headers=headers)).status_code == 204
    assert (await http.delete("/api/session", headers=headers)).json()["error"] == "session_unknown"


# -- codes by leaders, several accounts, passwords ------------------------------------------------------


async def test_a_sector_leader_replaces_the_phone_of_their_own_leaders_only(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await add_account(context, "sara", "sector_leader", sector="s-1")
    await add_account(context, "rosa", "block_leader", sector="s-1")
    await add_account(context, "luis", "block_leader", sector="s-2")
    await add_account(context, "cuadrilla", "brigade", brigade="b-1", agency="alumbrado")
    lost, _ = await enrolled(context, http, "rosa")
    _, token = await enrolled(context, http, "sara")
    headers = {"Authorization": f"Bearer {token}"}
    answer = await http.post("/api/codes", json={"account": "rosa", "lost": True}, headers=headers)
    assert answer.status_code == 201
    assert answer.json()["url"] == f"http://127.0.0.1:8000/#enrol={answer.json()['code']}"
    device = context.directory.device(lost.id)
    assert device is not None
    assert device.revoked_at
    # Both are on record, as when the office does it; a phone that is revoked already is not revoked again.
    await http.post("/api/codes", json={"account": "rosa", "lost": True}, headers=headers)
    lines = await context.audit.newest()
    assert sorted((line["account"], line["what"], line["subject"]) for line in lines) == [
        ("sara", "code_issued", "account:rosa"),
        ("sara", "code_issued", "account:rosa"),
        ("sara", "device_revoked", f"device:{lost.id}"),
    ]
    for other in ("luis", "cuadrilla", "sara"):
        refused = await http.post("/api/codes", json={"account": other}, headers=headers)
        assert refused.json()["error"] == "code_not_allowed", other


async def test_several_accounts_share_one_installation(context: Context, http: httpx2.AsyncClient) -> None:
    installation = str(uuid.uuid4())
    for account in ("rosa", "luis"):
        await add_account(context, account, "block_leader")
        pen = Pen(account, "block_leader", installation=installation)
        answer = await http.post(
            "/api/enrol", json=await enrolment(http, pen, await code_for(context, account))
        )
        assert answer.json()["device"] == f"{account}~{installation}"
    assert len(context.directory.devices()) == 2


async def office(context: Context, account: str = "marta", password: str = "nopal azul 2026 !") -> None:
    await add_account(context, account, "desk", password=await hash_password(password))


async def test_the_desk_enrols_its_device_with_a_password(context: Context, http: httpx2.AsyncClient) -> None:
    await office(context)
    pen = Pen("marta", "desk")
    body = {
        "username": "marta",
        "password": "nopal azul 2026 !",
        "app": "0.1.0",
        **await proof_over(http, pen),
    }
    answer = await http.post("/api/enrol/password", json=body)
    assert answer.status_code == 201
    assert answer.json()["role"] == "desk"


async def test_wrong_passwords_wait_longer_each_time_and_survive_a_restart(
    context: Context, clock: SetClock
) -> None:
    from server.accounts.lockouts import Lockouts

    again = Lockouts(context.databases.accounts, clock)
    for _ in range(4):
        await again.reserve("marta")
    with pytest.raises(Exception, match="password_locked") as caught:
        await Lockouts(context.databases.accounts, clock).check("marta")
    assert caught.value.headers["Retry-After"] == "15"  # type: ignore[attr-defined]
    clock.advance(seconds=16)
    await again.reserve("marta")
    with pytest.raises(Exception, match="password_locked") as caught:
        await again.check("marta")
    assert caught.value.headers["Retry-After"] == "30"  # type: ignore[attr-defined]
    await again.clear("marta")
    await again.check("marta")


async def test_a_locked_account_refuses_even_the_right_password(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context)
    pen = Pen("marta", "desk")

    async def enter(password: str) -> httpx2.Response:
        body = {"username": "marta", "password": password, **await proof_over(http, pen)}
        return await http.post("/api/enrol/password", json=body)

    for _ in range(4):
        assert (await enter("otra cosa 12345")).json()["error"] == "password_wrong"
    answer = await enter("nopal azul 2026 !")
    assert (answer.status_code, answer.json()["error"]) == (429, "password_locked")


async def test_field_accounts_have_no_password_door(context: Context, http: httpx2.AsyncClient) -> None:
    await add_account(context, "rosa", "block_leader")
    pen = Pen("rosa", "block_leader")
    body = {
        "username": "rosa",
        "password": "cualquier cosa 1",
        **await proof_over(http, pen),
    }
    assert (await http.post("/api/enrol/password", json=body)).json()["error"] == "password_wrong"
