"""A conversation that goes leaves no byte behind, whether by age, by law or by command."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.context import Context
from sync.embedded.engine import EmbeddedEngine
from tests.commandline import manzana
from tests.laws.test_erasure import holding
from tests.server.conftest import SetClock

pytestmark = pytest.mark.anyio

NUMBER, WORD = "5216621239871", "crisoprasa"


async def talk(context: Context) -> str:
    """Somebody wrote, was answered, and waits for a person; one more message is not applied yet."""
    for number, text in enumerate(
        ("hola", f"busco a {WORD}", "quiero hablar con una persona", f"{WORD} otra vez")
    ):
        await context.talks.receive("whatsapp", NUMBER, f"m{number}", {"kind": "text", "text": text})
        if number < 3:
            await context.keeping.round()
    (doc,) = await context.talks.listed()
    return str(doc["_id"])


async def settle(context: Context) -> None:
    assert isinstance(context.engine, EmbeddedEngine)
    await context.engine.reclaim()
    await context.engine.begin_log_anew()


async def test_no_byte_is_left_of_a_talk_that_went(context: Context, clock: SetClock) -> None:
    name = await talk(context)
    folder: Path = context.settings.data_dir
    assert NUMBER not in name
    for word in (WORD, NUMBER):
        assert holding(folder, word)
    clock.advance(days=181)
    await context.keeping.register_abandoned()
    assert await context.keeping.tidy() == 1
    await settle(context)
    for word in (WORD, NUMBER):
        assert holding(folder, word) == set()
    assert await context.keeping.tidy() == 0


async def test_words_of_a_report_that_was_redacted_go_with_the_talk(context: Context) -> None:
    name = await talk(context)
    report = "0192f3a0-0001-7000-8000-000000000001"
    doc = await context.databases.office.get(name)
    entry = {"report": report, "folio": "VP-000001", "at": "2026-11-23T16:00:00.000Z"}
    await context.databases.office.put({**doc, "reports": [entry]})
    assert await context.keeping.tidy() == 0
    event = f"event:{report}:0192f3a0-0001-7000-8000-000000000002"
    await context.databases.cases.put({"_id": "redacted:x", "event": event, "members": ["text"]})
    assert await context.keeping.tidy() == 1
    await settle(context)
    assert holding(context.settings.data_dir, WORD) == set()


async def test_the_operator_erases_one_by_its_pages_address(context: Context, tmp_path: Path) -> None:
    name = await talk(context)
    folder = context.settings.data_dir
    address = name.removeprefix("talk:").replace(":", "/")
    manzana(folder, "redact", "talk", address, "--reason", "ARCO 4/2026")
    assert await context.talks.listed() == []
    await settle(context)
    assert holding(folder, WORD) == set()
    said = manzana(folder, "redact", "talk", address, "--reason", "ARCO 4/2026", code=1)
    assert "no such conversation" in said
