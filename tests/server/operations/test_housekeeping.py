"""Rounds tidy up, give the municipality its courier key, and survive an engine that is away."""

from __future__ import annotations

import io
import json
import logging
import sys
from datetime import timedelta

import pytest
import structlog

from server.context import Context
from server.operations import logs
from server.operations.housekeeping import housekeeping, tidy
from tests.server.conftest import SetClock, add_account

pytestmark = pytest.mark.anyio


async def test_a_round_sweeps_and_makes_the_key(context: Context, clock: SetClock) -> None:
    assert await tidy(context) == {"acts": 0, "sessions": 0, "talks": 0, "uploads": 0}
    await add_account(context, "marta", "desk")
    await context.sessions.open("marta", None, "page", timedelta(hours=1))
    await context.uploads.create("marta", "marta~x", "0" * 64, "image/png", "event", 10)
    await context.databases.reference.put({"_id": "settings", "municipality": "X"})
    clock.advance(days=8)
    assert await tidy(context) == {"acts": 0, "sessions": 1, "talks": 0, "uploads": 1}
    assert (await context.databases.reference.get("settings"))["courier_key"]["kid"]
    assert await tidy(context) == {"acts": 0, "sessions": 0, "talks": 0, "uploads": 0}


async def test_the_first_round_comes_at_once(context: Context) -> None:
    await context.databases.reference.put({"_id": "settings", "municipality": "X"})
    since = (await context.databases.reference.info()).update_seq
    async with housekeeping(context):
        assert await context.databases.reference.wait_for_change(since, 20)
    assert (await context.databases.reference.get("settings"))["courier_key"]


def test_logs_are_one_json_object_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    logs.configure("warning")
    try:
        structlog.get_logger("x").info("quiet")
        structlog.get_logger("x").warning("señal", number=1)
        logging.getLogger("uvicorn.error").error("port %s", 80)
        try:
            raise ValueError("why")
        except ValueError:
            structlog.get_logger("x").exception("failed")
    finally:
        structlog.reset_defaults()
        for name in ("uvicorn", "uvicorn.error"):
            logging.getLogger(name).handlers = []
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["señal", "port 80", "failed"]
    assert lines[0]["level"] == "warning"
    assert lines[0]["timestamp"].endswith("Z")
    assert "ValueError: why" in lines[2]["exception"]
