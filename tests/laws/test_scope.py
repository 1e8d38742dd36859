"""Law 5, Scope: no byte reaches a mailbox its owner may not see at that moment; what is withdrawn is gone.

A word that stands in one report only is looked for in every byte every mailbox can give.
"""

from __future__ import annotations

import pytest

from server.intake.chores import requests
from sync.interface import ChangesQuery
from tests.server.intake.day import CITIZEN, SECRETS, busy_day, earlier_revisions, seen_in
from tests.server.intake.municipality import ACCOUNTS, Municipality

pytestmark = pytest.mark.anyio

#: Who may see each report's words: its author, its block and sector, who works on it, whose office it is.
READERS = {
    "lamp": {"lucia", "norma", "luz1"},
    "flood": {"lucia", "marta", "norma", "pc", "bache1"},
    "crime": set(),
    "pothole": {"marta", "norma"},
    "far": {"pedro", "saul", "mesa"},
    "unknown": {"pedro", "saul", "mesa"},
    "done": {"marta", "norma", "luz1"},
}


async def leaks(town: Municipality) -> dict[tuple[str, str], bool]:
    """Account and secret: whether it stands where it must not (True) or lacks where it must (False)."""
    found = {}
    for account in ACCOUNTS:
        held = await seen_in(town, account)
        for name, word in SECRETS.items():
            there = word.encode() in held
            if there != (account in READERS[name]):
                found[account, name] = there
    return found


async def test_scope_1_each_account_sees_exactly_its_own(town: Municipality) -> None:
    made = await busy_day(town)
    assert await leaks(town) == {}
    # Of a confidential report its capturer keeps folio and status, and nobody in the territory anything.
    assert await town.holders(made["crime"]) == {"lucia": "own"}
    assert "place" not in (await town.mailbox("lucia"))[f"report:{made['crime']}"]
    await town.assert_sound()


async def test_trim_1_contact_is_where_it_is_needed_and_gone_at_closing(town: Municipality) -> None:
    made = await busy_day(town)

    async def knowing() -> set[str]:
        return {a for a in ACCOUNTS if CITIZEN["phone"].encode() in await seen_in(town, a)}

    assert await knowing() == {"lucia", "luz1"}
    await town.act("luz1", "finished", made["lamp"], {"done": "foco nuevo"})
    assert await knowing() == set()
    await town.assert_sound()


async def test_losing_access_is_a_deletion_that_replicates(town: Municipality) -> None:
    made = await busy_day(town)
    report = f"report:{made['lamp']}"
    await town.act("luz1", "returned", made["lamp"], {"reason": "not_ours"})
    box = await town.databases.mailbox("luz1", 1)
    rows = {row.id: row.deleted for row in (await box.changes(ChangesQuery())).rows}
    assert rows[report] is True
    assert SECRETS["lamp"].encode() not in await seen_in(town, "luz1")
    await requests.rebuild(town.databases, town.clock, "mesa")
    await town.intake.run_until_idle()
    generation = (await town.databases.accounts.get("account:luz1"))["generation"]
    assert generation == 2
    assert await earlier_revisions(town, "luz1", report, generation) == b""
    assert "mailbox-luz1-1" not in await town.engine.names()
    await town.assert_sound()


async def test_a_redacted_text_remains_in_no_mailbox(town: Municipality) -> None:
    made = await busy_day(town)
    first = (await town.report(made["lamp"]))["events"][0]
    await requests.redact_event(town.databases, town.clock, "mesa", first, ["text"], "ARCO 12/2026")
    await town.intake.run_until_idle()
    for account in ACCOUNTS:
        generation = (await town.databases.accounts.get(f"account:{account}")).get("generation", 1)
        held = await seen_in(town, account)
        held += await earlier_revisions(town, account, f"report:{made['lamp']}", generation)
        assert SECRETS["lamp"].encode() not in held, account
    assert (await town.report(made["lamp"]))["text"] is None
    await town.assert_sound()


async def test_a_redacted_citizen_remains_nowhere(town: Municipality) -> None:
    made = await busy_day(town)
    citizen = (await town.report(made["lamp"]))["citizen"]
    await requests.redact_citizen(town.databases, town.clock, "mesa", citizen, "ARCO 13/2026")
    await town.intake.run_until_idle()
    doc = await town.databases.citizens.get(citizen)
    assert doc["content"] == {}
    for account in ACCOUNTS:
        generation = (await town.databases.accounts.get(f"account:{account}")).get("generation", 1)
        held = await seen_in(town, account)
        held += await earlier_revisions(town, account, f"report:{made['lamp']}", generation)
        assert CITIZEN["phone"].encode() not in held, account
        assert b"Amatista" not in held, account
    await town.assert_sound()


async def test_term_1_a_term_that_ends_takes_everything_and_the_successor_inherits(
    town: Municipality,
) -> None:
    made = await busy_day(town)
    await town.directory.update("account:lucia", lambda doc: {**doc, "active": False})
    await town.directory.update("account:pedro", lambda doc: {**doc, "blocks": ["b12", "b1"]})
    await town.intake.run_until_idle()
    held = await town.mailbox("lucia")
    assert [key for key in held if key.startswith(("report:", "block:"))] == []
    assert f"report:{made['lamp']}" in await town.mailbox("pedro")
    assert (await town.mailbox("norma"))["block:b1"]["leader"]["account"] == "pedro"
    await town.assert_sound()


async def test_a_workers_position_is_for_the_worker(town: Municipality) -> None:
    made = await busy_day(town)
    fix = {"source": "gps", "lat": 21.125, "lon": -101.678, "accuracy": 5.0}
    stamp = {"taken_at": "2026-11-23T16:05:09.123Z"}
    await town.act("luz1", "started", made["lamp"], position={**fix, **stamp})
    shown = {}
    for account in ("luz1", "norma"):
        timeline = (await town.mailbox(account))[f"report:{made['lamp']}"]["timeline"]
        shown[account] = [entry for entry in timeline if entry["kind"] == "started"][-1]["position"]
    assert shown["luz1"]["lat"] == 21.125
    assert "lat" not in shown["norma"]
    assert shown["norma"]["verdict"] in ("ok", "far")
