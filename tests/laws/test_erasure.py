"""Law 5 at its end: what was redacted is in no byte of the data folder any more.

The files are read as files: tables, write-ahead log and blobs, past every interface.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from server.intake.chores import requests
from server.persons.persons import Persons
from server.persons.rectifying import rectified_id, rectify
from server.register.checking import check
from server.register.register import Register
from sync.embedded import open_engine
from sync.embedded.engine import EmbeddedEngine
from sync.interface import AllDocsQuery, Engine
from tests.device import citizen_document, subject_of
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

WORD = "turmalina"
NAME = "Crisoberilo Ónice"
PHONE = "4771230987"
#: What a desk adds to that person.
RIGHT_NAME, RIGHTER_NAME, RIGHT_PHONE = "Alejandrita Berilo", "Alejandrita Topacio", "477 555 0193"
REASON, OTHER_PHONE = "Lo pidió con credencial zafiro", "4775550188"


async def settle(engine: Engine, town: Municipality) -> None:
    """All that was asked for is done, and dropped mailboxes are reclaimed: housekeeping's next breath."""
    await town.intake.run_until_idle()
    assert isinstance(engine, EmbeddedEngine)
    await engine.reclaim()
    await engine.begin_log_anew()


def holding(folder: Path, word: str) -> set[str]:
    """The files under a folder in whose bytes the word stands."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)) for path in files if word.encode() in path.read_bytes()}


async def test_erase_1_a_redacted_text_is_in_no_byte_of_the_data_folder(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        lucia = await town.pen("lucia")
        lamp = lucia.capture("lampara", text=f"La señora {WORD} lo vio", **inside(1))
        report = subject_of(lamp)
        await town.push(lamp)
        await town.push(lamp)  # a lost reply: a second receipt
        await town.act("luz1", "started", report)
        await town.act("lucia", "noted", report, {"text": "otra palabra"})
        assert holding(tmp_path, WORD), "it must be found before it can be gone"
        await requests.redact_event(town.databases, town.clock, "mesa", lamp["_id"], ["text"], "ARCO 12/2026")
        await settle(engine, town)
        stored = await town.report(report)
        assert (stored["text"], stored["status"]) == (None, "in_progress")
        assert "redacted" in stored["flags"]
        assert holding(tmp_path, WORD) == set(), "while the service runs"
        await town.assert_sound()
        # The phone still has it, and may offer it again: it is met as before, and nothing returns.
        await town.push(lamp)
        assert holding(tmp_path, WORD) == set()
        assert lamp["_id"] in [item[0] for item in (await town.ack("lucia"))["items"]]
        assert (await town.ack("lucia"))["quarantined"] == []
        # So it is after a restart that reads the whole inbox again.
        local = await town.databases.cases.get_local("intake")
        await town.databases.cases.put_local("intake", {**local, "inbox": "0"})
        await town.restart()
        await town.intake.run_until_idle()
        assert (await town.ack("lucia"))["quarantined"] == []
        assert (await town.report(report))["text"] is None
        await town.assert_sound()
    assert holding(tmp_path, WORD) == set()


async def test_other_content_under_a_redacted_id_is_held_without_the_words(tmp_path: Path) -> None:
    """Held for the desk, and erased all the same; under another signature it is the same content."""
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        lucia = await town.pen("lucia")
        lamp = lucia.capture("lampara", text=WORD, **inside(1))
        await town.push(lamp)
        await requests.redact_event(town.databases, town.clock, "mesa", lamp["_id"], ["text"], "ARCO")
        await settle(engine, town)
        await town.push({**lamp, "sig": "A" * 86})
        assert (await town.ack("lucia"))["quarantined"] == []
        assert holding(tmp_path, WORD) == set()
        await town.push({**lamp, "payload": {**lamp["payload"], "urgent": True}})
        assert [e["code"] for e in (await town.ack("lucia"))["quarantined"]] == ["event_content"]
        assert holding(tmp_path, WORD) == set()


async def test_what_is_left_of_the_event_proves_that_it_was(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        lucia = await town.pen("lucia")
        lamp = lucia.capture("lampara", text=WORD, **inside(1))
        await town.push(lamp)
        for members in (["text"], ["position"], ["text"]):
            await requests.redact_event(town.databases, town.clock, "mesa", lamp["_id"], members, "ARCO")
            await town.intake.run_until_idle()
        rows = (await town.databases.inbox.all_docs(AllDocsQuery(include_docs=True))).rows
        docs = [orjson.loads(row.doc) for row in rows if row.doc]
        (receipt,) = [doc for doc in docs if doc["schema"] == "receipt.v1"]
        kept = {**lamp, "payload": {**lamp["payload"]}, "position": {"source": "none"}}
        del kept["payload"]["text"]
        assert receipt["event"] == kept
        truth = await town.truth()
        gone = truth[f"redacted:{lamp['_id'].rpartition(':')[2]}"]
        assert gone["members"] == ["position", "text"]
        assert len(gone["digest"]) == 64
        await town.push(lamp)
        assert (await town.ack("lucia"))["quarantined"] == [], "the first content is still known"
        await town.assert_sound()


async def test_erase_1_a_redacted_citizen_is_in_no_byte_of_the_data_folder(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        citizen = citizen_document(town.clock.now(), name=NAME, phone=PHONE)
        await town.databases.citizens.put(citizen)
        report = await town.capture("lucia", "lampara", citizen=citizen["_id"], **inside(1))
        assert holding(tmp_path, PHONE)
        await requests.redact_citizen(town.databases, town.clock, "mesa", citizen["_id"], "ARCO 13/2026")
        await settle(engine, town)
        assert holding(tmp_path, PHONE) == set()
        assert holding(tmp_path, NAME) == set()
        assert (await town.report(report))["folio"]
        await town.assert_sound()


async def test_an_erasure_reaches_what_was_put_right_and_the_person(tmp_path: Path) -> None:
    """What a desk added to a citizen's document: names, telephones, sex, year; in no byte either."""
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        register = Register(tmp_path / "register", town.databases)
        persons = Persons(town.databases, town.clock)
        citizen = citizen_document(town.clock.now(), name=NAME, phone=PHONE)
        key = citizen["_id"]
        await town.databases.citizens.put(citizen)
        await town.capture("lucia", "lampara", citizen=key, **inside(1))
        first, second = [await persons.make(key, "mesa") for _ in range(2)]
        await persons.merge(second, first, "mesa")
        await persons.edit(first, "mesa", [OTHER_PHONE], "f", "1931")
        for name in (RIGHT_NAME, RIGHTER_NAME):
            known = await town.databases.citizens.get_many([rectified_id(key)])
            seen = next((doc["_rev"] for doc in known.values()), "")
            content = {"name": name, "phone": RIGHT_PHONE}
            await rectify(
                town.databases, town.clock, "mesa", key, content, reason=REASON, notice="2", seen=seen
            )
        await requests.rectify_citizen(town.databases, town.clock, "mesa", key)
        await town.intake.run_until_idle()
        await register.catch_up()
        secrets = (
            NAME,
            PHONE,
            RIGHT_NAME,
            RIGHTER_NAME,
            RIGHT_PHONE,
            REASON,
            OTHER_PHONE,
            '"birth_year":1931',
        )
        for secret in secrets:
            assert holding(tmp_path, secret), f"{secret} must be found before it can be gone"
        await requests.redact_citizen(town.databases, town.clock, "mesa", key, "ARCO 16/2026")
        await settle(engine, town)
        await register.catch_up()
        for secret in secrets:
            assert holding(tmp_path, secret) == set(), secret
        await town.assert_sound()
        assert await check(tmp_path / "register", town.databases) == []
        await register.stop()


WORDY: dict[str, dict[str, Any]] = {
    "captured": {"answers": {"que": WORD}, "place": {"street": WORD}, "text": WORD},
    "noted": {"text": WORD},
    "visited": {"outcome": "no_access", "text": WORD},
    "finished": {"done": WORD, "text": WORD, "materials": [{"name": WORD, "quantity": 1, "unit": WORD}]},
    "action_recorded": {
        "measures": [WORD], "resources": [WORD], "shelter": WORD, "folio_911": WORD, "text": WORD,
    },
}  # fmt: skip


async def test_every_wordy_member_of_every_kind_can_be_erased(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        flood = await town.capture("lucia", "inundacion", **WORDY["captured"], **inside(1))
        await town.act("pc", "assigned", flood, {"agency": "alumbrado", "brigade": "luz-1"})
        acts = (("lucia", "noted"), ("luz1", "visited"), ("luz1", "finished"), ("pc", "action_recorded"))
        for account, kind in acts:
            await town.act(account, kind, flood, WORDY[kind])
        report = await town.report(flood)
        assert {entry["kind"] for entry in report["timeline"]} >= WORDY.keys()
        for entry in report["timeline"]:
            members = WORDY.get(entry["kind"], {}).keys() - {"outcome"}
            if members:
                await requests.redact_event(
                    town.databases, town.clock, "mesa", entry["event"], sorted(members), "ARCO 14"
                )
        await settle(engine, town)
        assert holding(tmp_path, WORD) == set()
        assert (await town.report(flood))["status"] == report["status"]
        await town.assert_sound()


async def test_an_incident_and_a_proposal_lose_their_words_too(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        pc, norma = await town.pen("pc"), await town.pen("norma")
        storm = pc.event("incident_opened", None, {"name": WORD, "text": WORD, "types": []})
        closed = pc.event("incident_closed", subject_of(storm), {"text": WORD})
        offer = norma.event("leader_proposed", None, {"block": "b1", "action": "vacate", "text": WORD})
        await town.push(storm, closed, offer)
        assert WORD in (await town.databases.registry.get(f"proposal:{subject_of(offer)}"))["text"]
        for event, members in ((storm, ["name", "text"]), (closed, ["text"]), (offer, ["text"])):
            await requests.redact_event(town.databases, town.clock, "mesa", event["_id"], members, "ARCO 15")
        await settle(engine, town)
        incident = await town.databases.cases.get(f"incident:{subject_of(storm)}")
        assert (incident["name"], incident["text"]) == ("Incidente", None)
        assert (await town.mailbox("pc"))[f"incident:{subject_of(storm)}"]["name"] == "Incidente"
        assert holding(tmp_path, WORD) == set()
        await town.push(storm, closed, offer)
        assert holding(tmp_path, WORD) == set()
        await town.assert_sound()


async def test_what_is_held_or_was_refused_can_be_erased(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        lucia, luz = await town.pen("lucia"), await town.pen("luz1")
        waiting = lucia.event("noted", subject_of(lucia.capture("lampara")), {"text": WORD})
        lamp = lucia.capture("lampara", **inside(1))
        refused = luz.event("prioritized", subject_of(lamp), {"priority": 1, "text": WORD})
        await town.push(waiting, lamp, refused)
        assert [e["code"] for e in (await town.ack("lucia"))["quarantined"]] == ["report_unknown"]
        assert [e["event"] for e in (await town.ack("luz1"))["refused"]] == [refused["_id"]]
        for event in (waiting, refused):
            await requests.redact_event(town.databases, town.clock, "mesa", event["_id"], ["text"], "ARCO")
        await settle(engine, town)
        assert holding(tmp_path, WORD) == set()
        # The phones offer them again: they are known, they stay where they were, and nothing comes back.
        await town.push(waiting, refused)
        assert holding(tmp_path, WORD) == set()
        assert [e["code"] for e in (await town.ack("lucia"))["quarantined"]] == ["report_unknown"]
        assert [e["event"] for e in (await town.ack("luz1"))["refused"]] == [refused["_id"]]
        await town.assert_sound()
