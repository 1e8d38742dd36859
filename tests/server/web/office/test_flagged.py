"""Confidential reports for review are shown to the desk, and to the auditor, who reads everything."""

from __future__ import annotations

import httpx2
import pytest

from server.cases.transitions import FLAGS
from server.context import Context
from server.web.office.flag_help import HELP
from tests.server.web.office.office import enter, office, seed

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("role", "sees"), [("desk", True), ("admin", False), ("auditor", True)])
async def test_a_confidential_report_for_review_is_never_the_administrators(
    context: Context, http: httpx2.AsyncClient, role: str, sees: bool
) -> None:
    await seed(context)
    await office(context, "mesa", "desk")
    mailbox = await context.databases.mailbox("mesa", 1)
    for number, confidential in (("1", False), ("2", True)):
        await mailbox.put(
            {
                "_id": f"report:018f0000-0000-7000-8000-00000000000{number}",
                "folio": f"SJ-00000{number}",
                "type": "bache",
                "status": "received",
                "flags": [],
                "place": {},
                "confidential": confidential,
            }
        )
    await office(context, "quien", role)
    await enter(http, "quien")
    text = (await http.get("/gestion/avisos")).text
    assert "SJ-000001" in text
    assert ("SJ-000002" in text) == sees


def test_every_flag_says_what_to_do_about_it() -> None:
    assert HELP.keys() == FLAGS.keys()
    assert all(text.endswith(".") and len(text) < 90 for text in HELP.values())


async def test_a_flagged_report_is_a_link_with_what_its_flag_means(
    context: Context, desk: httpx2.AsyncClient
) -> None:
    await seed(context)
    mailbox = await context.databases.mailbox("marta", 1)
    report = "018f0000-0000-7000-8000-000000000001"
    doc = {
        "_id": f"report:{report}",
        "folio": "SJ-000001",
        "type": "bache",
        "status": "captured",
        "place": {},
    }
    await mailbox.put({**doc, "flags": ["not_solved"], "captured_at": "2026-11-28T16:32:00.000Z"})
    text = (await desk.get("/gestion/avisos")).text
    assert f'<a href="/gestion/asuntos/{report}">SJ-000001</a>' in text
    assert HELP["not_solved"] in text
    assert "28 nov, 10:32" in text
