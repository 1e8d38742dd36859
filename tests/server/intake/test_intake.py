"""From a capture to every mailbox it belongs in, through the real thing."""

from __future__ import annotations

import pytest

from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio


async def test_a_capture_reaches_leader_sector_and_brigade(any_town: Municipality) -> None:
    town = any_town
    report = await town.capture("lucia", "lampara", **inside(1))
    stored = await town.report(report)
    assert stored["folio"] == "VP-000001"
    assert stored["place"]["block"] == "b1"
    assert stored["agency"] == "alumbrado"
    # marta's block lies across the street: a card. pedro's is far away.
    expected = {"lucia": "full", "norma": "full", "luz1": "full", "marta": "card"}
    assert await town.holders(report) == expected
    ack = await town.ack("lucia")
    assert ack["through"] == 1
    assert [item[2] for item in ack["items"]] == ["VP-000001"]
    await town.assert_sound()
