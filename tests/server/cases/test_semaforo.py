"""The semáforo, by the table phones run too."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.cases.semaforo import semaforo
from server.cases.transitions import STATUSES
from tests.tables import cases


@cases("semaforo")
def test_how_a_deadline_stands(given: dict[str, Any], expect: dict[str, str]) -> None:
    found = semaforo(**{**given, "timezone": ZoneInfo(given["timezone"])})
    assert {"colour": found.colour, "shape": found.shape, "words": found.words} == expect


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_words(status: str) -> None:
    found = semaforo("2026-11-22T16:00:00.000Z", ZoneInfo("America/Hermosillo"), status, 3, None, None)
    assert found.words
