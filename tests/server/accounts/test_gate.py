"""What a standing leaves an account able to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest

from server.accounts.gate import POWERS, certain_date, standing_of
from server.accounts.model import Account
from server.context import Context
from tests.server.accounts.test_enrolment import enrolled
from tests.server.conftest import add_account
from tests.server.web.office.office import PASSWORD, office

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


def test_only_who_is_in_office_works() -> None:
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
