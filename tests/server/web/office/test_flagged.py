"""Confidential reports for review are shown to the desk, and to the auditor, who reads everything."""

from __future__ import annotations

import httpx2
import pytest

from server.context import Context
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
