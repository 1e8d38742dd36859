"""What a standing leaves an account able to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest

from server.accounts.gate import POWERS, certain_date, standing_of
from server.accounts.model import Account
from server.context import Context
from server.problems import Problem
from tests.device import Pen, sign_text
from tests.server.accounts.test_enrolment import enrolled
from tests.server.conftest import add_account, proof_over
from tests.server.house import CHECKIN
from tests.server.web.office.office import PASSWORD, enter, office, post

LEADER = Account("rosa", "Rosa", "block_leader", term_from="2026-01-02", term_until="2026-12-30")


@pytest.mark.parametrize(
    ("today", "standing"),
    [
        ("2026-01-01", "not_begun"),
        ("2026-01-02", "in_office"),
        ("2026-12-30", "in_office"),
        ("2026-12-31", "ended"),
    ],
)
def test_a_term_counts_its_first_and_last_day(today: str, standing: str) -> None:
    assert standing_of(LEADER, today) == standing


def test_gate_1_only_who_is_in_office_works() -> None:
    for standing, kinds in POWERS.items():
        for kind, powers in kinds.items():
            assert ("work" in powers) == (standing == "in_office"), (standing, kind)


def test_a_certain_date_judges_as_any_time_zone_would() -> None:
    zones = [ZoneInfo(name) for name in ("Etc/GMT+12", "America/Mexico_City", "UTC", "Etc/GMT-14")]
    start = datetime(2025, 12, 30, tzinfo=UTC)
    unsure = 0
    for hour in range(24 * 370):
        now = start + timedelta(hours=hour)
        date = certain_date(LEADER, now)
        if date is None:
            unsure += 1
            continue
        there = {standing_of(LEADER, now.astimezone(zone).date().isoformat()) for zone in zones}
        assert there == {standing_of(LEADER, date)}
    assert 0 < unsure <= 4 * 24


ENDED = {"from": "2020-01-01", "until": "2026-11-22"}


@pytest.mark.anyio
async def test_an_ended_term_takes_the_password_and_the_codes_too(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "ana", "admin", term=ENDED)
    answer = await http.post("/gestion/entrar", data={"usuario": "ana", "clave": PASSWORD})
    assert answer.status_code == 401
    await add_account(context, "rosa", "block_leader", sector="s-1")
    await add_account(context, "norma", "sector_leader", sector="s-1")
    _, token = await enrolled(context, http, "norma")
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await http.post("/api/codes", json={"account": "rosa"}, headers=bearer)).status_code == 201
    await context.directory.update("account:norma", lambda doc: {**doc, "term": ENDED})
    assert (await http.post("/api/codes", json={"account": "rosa"}, headers=bearer)).status_code == 403
    await context.directory.update("account:rosa", lambda doc: {**doc, "term": ENDED})
    with pytest.raises(Exception, match="code_not_allowed"):
        await context.enrolment.issue_code("rosa", "cli")


NEW = "otro nopal 2027 !"


async def by_password(http: httpx2.AsyncClient, account: str, password: str) -> tuple[Pen, dict[str, str]]:
    pen = Pen(account, "desk")
    body = {"username": account, "password": password, **await proof_over(http, pen)}
    answer = await http.post("/api/enrol/password", json=body)
    assert answer.status_code == 201, answer.text
    return pen, {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.mark.anyio
async def test_a_new_password_ends_what_entered_with_the_old_one_and_no_work_is_lost(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "marta", "desk")
    await add_account(context, "rosa", "block_leader")
    pen, bearer = await by_password(http, "marta", PASSWORD)
    await enter(http, "marta")
    assert "los teléfonos que entraron con la anterior" in (await http.get("/gestion/")).text
    form = {"anterior": PASSWORD, "nueva": NEW}
    assert (await post(http, "/gestion/cuentas/marta/clave", **form)).status_code == 303
    assert (await http.get("/gestion/")).headers["location"].startswith("/gestion/entrar")

    asked = {"account": "rosa"}
    for path in ("/sync/mailbox/_changes", "/sync/reference/_changes"):
        assert (await http.get(path, headers=bearer)).json()["error"] == "session_limited", path
    refused = await http.post("/api/codes", json=asked, headers=bearer)
    assert refused.json()["error"] == "session_limited"
    pushed = await http.post("/sync/inbox/_bulk_docs", json={"docs": []}, headers=bearer)
    assert pushed.status_code == 201
    told = (await http.post("/sync/checkin", json={**CHECKIN, "device": pen.id}, headers=bearer)).json()
    assert told["orders"] == [{"order": "reenrol"}]
    assert told["changed"] == {"mailbox": False, "reference": False}
    # Renewing by its key gives no more than it had.
    challenge = (await http.post("/api/session/challenge", json={"device": pen.id})).json()["challenge"]
    body = {"device": pen.id, "challenge": challenge, "sig": sign_text(pen.key, challenge.encode())}
    assert (await http.post("/api/session", json=body)).json()["limited"] is True

    _, fresh = await by_password(http, "marta", NEW)
    assert (await http.post("/api/codes", json=asked, headers=fresh)).status_code == 201


@pytest.mark.anyio
async def test_who_was_entering_with_the_old_password_while_it_changed_is_out(
    context: Context, http: httpx2.AsyncClient
) -> None:
    """The password was checked before the change, the session or the phone written after it."""
    await office(context, "marta", "desk")
    old = await context.enrolment.check_password("marta", PASSWORD)
    await context.enrolment.set_password(old, NEW)
    life = timedelta(hours=1)
    with pytest.raises(Problem, match="session_unknown"):
        await context.sessions.open("marta", None, "page", life, password_turn=old.password_turn)
    pen = Pen("marta", "desk")
    done = await context.enrolment._admit(old, pen.installation, pen.public_key, None)
    assert (await context.sessions.find(done.token)).standing == "password_changed"


@pytest.mark.anyio
async def test_phones_enrolled_before_passwords_were_counted_work_until_the_next_change(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "marta", "desk")
    pen, bearer = await by_password(http, "marta", PASSWORD)

    def older(doc: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in doc.items() if name != "password_turn"}

    await context.directory.update(f"device:{pen.id}", older)
    session = await context.sessions.find(bearer["Authorization"].removeprefix("Bearer "))
    assert "work" in session.powers
    marta = context.directory.account("marta")
    assert marta
    await context.enrolment.set_password(marta, NEW)
    assert (await context.sessions.again(session.id)).standing == "password_changed"
