"""Workers' privacy: where exactly somebody stood at work is kept for ``position_days`` and no longer.

What it was judged to be stays, and so does every report. The files are read as files, as in ``test_erasure``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from server.cases.fold import fold
from server.cases.whereabouts import EXACT
from server.certainty import WatchedClock
from server.delivery.audit import check, rebuild
from server.documents import reading
from server.documents.shapes import Record
from server.evidence.blobstore import FolderBlobStore
from server.intake.chores import positions, requests
from server.intake.running.intake import Intake
from server.operations.backup import back_up
from server.operations.restore import restore
from server.settings import Settings
from sync.embedded import open_engine
from sync.embedded.database import EmbeddedDatabase
from sync.embedded.engine import EmbeddedEngine
from sync.interface import AllDocsQuery
from tests.device import subject_of
from tests.laws.test_erasure import holding
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]

#: Digits that nothing else in a data folder has: where the brigade stood, and where Protección Civil did.
BRIGADE, OFFICER = "21.1204871359", "21.1204953177"
#: A place a worker gave to a report: of the report, and so it stays.
PLACE, CORRECTED = "21.1203339971", "21.1203448863"


def there(digits: str) -> Json:
    """A position with these digits, in block 1's column."""
    taken = "2026-11-23T16:05:08.000Z"
    lon = inside(1)["lon"]
    return {"source": "gps", "lat": float(digits), "lon": lon, "accuracy": 4.25, "taken_at": taken}


async def a_day(town: Municipality) -> dict[str, Any]:
    """Reports worked on by a brigade and by Protección Civil; gives what the tests ask about."""
    lamp = await town.capture("lucia", "lampara", **inside(1))
    started = await town.act("luz1", "started", lamp, position=there(BRIGADE))
    await town.push(started)  # A lost reply: a second receipt.
    finished = await town.act("luz1", "finished", lamp, {"done": "Se cambió"}, position=there(BRIGADE))
    officer = await town.pen("pc")
    flood = officer.capture("inundacion", lat=float(PLACE), lon=inside(1)["lon"])
    incident = officer.event("incident_opened", None, {"name": "Lluvia"}, position=there(OFFICER))
    await town.push(flood, incident)
    wet = subject_of(flood)
    await town.act("pc", "action_recorded", wet, {"measures": ["Cinta"]}, position=there(OFFICER))
    corrected = {"place_corrected": True}
    await town.act("pc", "amended", wet, corrected, position=there(CORRECTED))
    return {"lamp": lamp, "wet": wet, "started": started, "finished": finished}


async def settle(town: Municipality) -> None:
    """All that is due is done, and nothing of it is left in the log."""
    await town.intake.run_until_idle()
    assert isinstance(town.engine, EmbeddedEngine)
    await town.engine.reclaim()
    await town.engine.begin_log_anew()


def without_positions(doc: Any) -> Json:
    """A report without what of its timeline is exact, and without its revision."""
    timeline = []
    for entry in doc["timeline"]:
        left = dict(entry)
        if left["role"] in ("brigade", "civil_protection") and left["kind"] not in ("captured", "amended"):
            position = left.get("position", {})
            left["position"] = {k: v for k, v in position.items() if k in ("source", "verdict", "distance")}
        timeline.append(left)
    return {**{name: value for name, value in doc.items() if name != "_rev"}, "timeline": timeline}


async def state(town: Municipality) -> Json:
    return await town.databases.cases.get_local("positions")


async def receipts(town: Municipality) -> list[Json]:
    rows = (await town.databases.inbox.all_docs(AllDocsQuery(include_docs=True))).rows
    return [orjson.loads(row.doc) for row in rows if row.doc]


async def test_position_1_after_its_days_a_workers_position_is_in_no_byte_of_the_data_folder(
    tmp_path: Path,
) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        day = await a_day(town)
        before = {name: await town.report(day[name]) for name in ("lamp", "wet")}
        assert (await town.mailbox("luz1"))[f"report:{day['lamp']}"]["timeline"][-1]["position"]["lat"]
        town.clock.advance(days=179)
        await settle(town)
        for digits in (BRIGADE, OFFICER, PLACE):
            assert holding(tmp_path, digits), "young still: it must be found before it can be gone"
        town.clock.advance(days=2)
        await settle(town)
        assert holding(tmp_path, BRIGADE) == set(), "while the service runs"
        assert holding(tmp_path, OFFICER) == set()
        assert holding(tmp_path, CORRECTED), "the place of a report is no worker's position"
        for name, old in before.items():
            new = await town.report(day[name])
            assert without_positions(old) == {k: v for k, v in new.items() if k != "_rev"}
            assert new["place"] == old["place"]
            assert new["flags"] == old["flags"]
        entry = (await town.report(day["lamp"]))["timeline"][-1]
        assert entry["position"].keys() == {"source", "verdict", "distance"}
        truth = await town.truth()
        record = truth[f"record:{day['finished']['_id'].removeprefix('event:')}"]
        assert record["event"] == {**day["finished"], "position": {"source": "gps"}}
        assert record["position"]["verdict"] == "ok"
        await town.assert_sound()
    assert holding(tmp_path, BRIGADE) == set()


async def test_a_shorter_setting_holds_at_once(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        await a_day(town)
        town.clock.advance(days=11)
        await settle(town)
        assert holding(tmp_path, BRIGADE)
        reference = town.databases.reference
        await reference.put({**await reference.get("settings"), "position_days": 10})
        await settle(town)
        assert holding(tmp_path, BRIGADE) == set()
        await town.assert_sound()


async def test_only_events_old_enough_are_touched_and_another_day_costs_nothing(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        lamp = await town.capture("lucia", "lampara", **inside(1))
        await town.act("luz1", "started", lamp, position=there(BRIGADE))
        town.clock.advance(days=100)
        late = await town.act("luz1", "finished", lamp, {"done": "Listo"}, position=there(OFFICER))
        town.clock.advance(days=85)
        await settle(town)
        assert holding(tmp_path, BRIGADE) == set()
        entries = (await town.report(lamp))["timeline"]
        assert [entry["position"].get("lat") for entry in entries if entry["role"] == "brigade"] == [
            None,
            late["position"]["lat"],
        ]
        await town.assert_sound()
        done, sequences = await state(town), await town.sequences()
        inbox = (await town.databases.inbox.info()).update_seq
        cases = (await town.databases.cases.info()).update_seq
        town.clock.advance(days=1)
        with watched() as calls:
            await settle(town)
        assert [row for row in calls["all_docs"] if row[0] == "inbox"] == [("inbox", 0)], "no receipt is read"
        assert (await town.databases.inbox.info()).update_seq == inbox
        assert (await town.databases.cases.info()).update_seq == cases
        assert await town.sequences() == sequences
        after = await state(town)
        assert (after["cursor"], after["worn"]) == (done["cursor"], [])
        assert after["day"] > done["day"]
        with watched() as calls:
            await town.intake.run_until_idle()
        assert calls["all_docs"] == [], "and the rest of the day nothing at all"


@contextmanager
def watched() -> Iterator[dict[str, list[tuple[str, int]]]]:
    """Notes each reading of a database by ids: its name, and how many rows it gave."""
    calls: dict[str, list[tuple[str, int]]] = {"all_docs": []}
    original = EmbeddedDatabase.all_docs

    async def noted(self: EmbeddedDatabase, query: AllDocsQuery = AllDocsQuery()) -> Any:
        page = await original(self, query)
        calls["all_docs"].append((self.name, len(page.rows)))
        return page

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EmbeddedDatabase, "all_docs", noted)
        yield calls


async def test_the_phone_that_still_has_the_event_is_met_as_before(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        day = await a_day(town)
        town.clock.advance(days=181)
        await settle(town)
        await town.push(day["started"], day["finished"])
        await settle(town)
        ack = await town.ack("luz1")
        assert {day["started"]["_id"], day["finished"]["_id"]} <= {item[0] for item in ack["items"]}
        assert ack["quarantined"] == ack["refused"] == []
        assert holding(tmp_path, BRIGADE) == set(), "and brings nothing back"
        # So it is after a restart that reads the whole inbox again.
        local = await town.databases.cases.get_local("intake")
        await town.databases.cases.put_local("intake", {**local, "inbox": "0"})
        await town.restart()
        await settle(town)
        assert (await town.ack("luz1"))["quarantined"] == []
        # The phone's next event still continues its chain.
        bright = await town.capture("lucia", "lampara", **inside(2))
        await town.act("luz1", "started", bright, position=there(OFFICER))
        assert (await town.report(bright))["flags"] == []
        # Other content under the same id is other content, and its position does not stay either.
        other = {"sig": "A" * 86, "payload": {"text": "otra cosa"}, "position": there(BRIGADE)}
        await town.push({**day["started"], **other})
        assert [e["code"] for e in (await town.ack("luz1"))["quarantined"]] == ["event_content"]
        await settle(town)
        assert holding(tmp_path, BRIGADE) == set()
        await town.assert_sound()


@pytest.mark.parametrize("first", ["age", "law"])
async def test_age_and_a_redaction_come_in_any_order(tmp_path: Path, first: str) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        day = await a_day(town)
        if first == "age":
            town.clock.advance(days=181)
            await settle(town)
        asked = (day["finished"]["_id"], ["done"], "ARCO 12/2026")
        await requests.redact_event(town.databases, town.clock, "mesa", *asked)
        await settle(town)
        if first == "law":
            town.clock.advance(days=181)
            await settle(town)
        await town.push(day["finished"])
        await settle(town)
        ack = await town.ack("luz1")
        assert day["finished"]["_id"] in {item[0] for item in ack["items"]}
        assert ack["quarantined"] == []
        assert holding(tmp_path, BRIGADE) == set()
        assert holding(tmp_path, "Se cambió") == set()
        await town.assert_sound()


async def test_what_is_held_or_was_refused_loses_the_position_too(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        lucia, luz = await town.pen("lucia"), await town.pen("luz1")
        late = lucia.capture("lampara", **inside(1))
        waiting = luz.event("started", subject_of(late), {}, position=there(BRIGADE))
        lamp = lucia.capture("lampara", **inside(2))
        payload = {"priority": 1}
        refused = luz.event("prioritized", subject_of(lamp), payload, position=there(OFFICER))
        await town.push(waiting, lamp, refused)
        before = await town.ack("luz1")
        assert [e["event"] for e in before["quarantined"]] == [waiting["_id"]]
        assert [e["event"] for e in before["refused"]] == [refused["_id"]]
        town.clock.advance(days=181)
        await settle(town)
        assert holding(tmp_path, BRIGADE) == holding(tmp_path, OFFICER) == set()
        await town.push(waiting, refused)
        await settle(town)
        after = await town.ack("luz1")
        assert (after["quarantined"], after["refused"]) == (before["quarantined"], before["refused"])
        assert holding(tmp_path, BRIGADE) == holding(tmp_path, OFFICER) == set()
        await town.assert_sound()


class Killed(BaseException):
    """Nothing catches it."""


@contextmanager
def killed_at(number: int) -> Iterator[list[str]]:
    """The ``number``-th write (of documents, ``_local``, a compaction) is done, and nothing after it."""
    seen: list[str] = []

    def dying(name: str, original: Any) -> Any:
        async def work(self: Any, *args: Any, **more: Any) -> Any:
            result = await original(self, *args, **more)
            seen.append(name)
            if len(seen) == number:
                raise Killed(name)
            return result

        return work

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (EmbeddedDatabase, "bulk_docs"),
            (EmbeddedDatabase, "put_local"),
            (EmbeddedDatabase, "compact"),
            (EmbeddedEngine, "spread"),
        ):
            patch.setattr(owner, name, dying(name, getattr(owner, name)))
        yield seen


async def test_killed_after_any_of_its_writes_it_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "PAGE", 4)  # Several pages of this short day,
    monkeypatch.setattr(positions, "AT_ONCE", 2)  # and several steps of a page.
    kills = 0
    while True:
        folder = tmp_path / str(kills)
        async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
            day = await a_day(town)
            old = without_positions(await town.report(day["lamp"]))
            town.clock.advance(days=181)
            died = False
            with killed_at(kills + 1) as seen:
                try:
                    await town.intake.run_until_idle()
                except Killed:
                    died = True
            if died:
                await town.restart()
            await settle(town)
            assert holding(folder, BRIGADE) == holding(folder, OFFICER) == set(), seen
            new = await town.report(day["lamp"])
            assert {name: value for name, value in new.items() if name != "_rev"} == old
            assert (await state(town))["worn"] == []
            await town.assert_sound()
        if not died:
            break
        kills += 1
    assert {"bulk_docs", "put_local", "compact", "spread"} <= set(seen)
    assert kills > 15


async def test_a_step_takes_few_receipts_and_a_compaction_lets_events_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "AT_ONCE", 2)
    steps: list[int] = []
    fade = positions.Positions._fade

    async def counted(self: Any, receipts: list[Any]) -> None:
        steps.append(len(receipts))
        await fade(self, receipts)

    monkeypatch.setattr(positions.Positions, "_fade", counted)
    reached, gate = asyncio.Event(), asyncio.Event()
    compact = EmbeddedDatabase.compact

    async def slow(self: EmbeddedDatabase) -> None:
        reached.set()
        await gate.wait()
        await compact(self)

    monkeypatch.setattr(EmbeddedDatabase, "compact", slow)
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        await a_day(town)
        town.clock.advance(days=181)
        await town.intake.close()
        intake = Intake(town.databases, town.directory, town.clock, town.folder)
        await intake.start()
        async with asyncio.timeout(60):
            await reached.wait()
            assert max(steps) == 2
            assert len(steps) > 2
            assert (await state(town))["worn"]
            lamp = (await town.pen("lucia")).capture("lampara", **inside(2))
            await town.append(lamp)
            box = await town.databases.mailbox("lucia", 1)
            while f"report:{subject_of(lamp)}" not in await town.mailbox("lucia"):
                await box.wait_for_change((await box.info()).update_seq, 1)
        assert (await state(town))["worn"], "it still goes on"
        await intake.stop()
        assert (await state(town))["worn"], "cut short, it is begun again"
        gate.set()
        town.intake = await town.open_intake()
        await settle(town)
        assert (await state(town))["worn"] == []
        assert holding(tmp_path, BRIGADE) == set()
        await town.assert_sound()


async def test_a_second_run_over_everything_changes_nothing(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        await a_day(town)
        town.clock.advance(days=181)
        await settle(town)
        truth, inbox, sequences = await town.truth(), await receipts(town), await town.sequences()
        local = await state(town)
        await town.databases.cases.put_local("positions", {**local, "cursor": "", "day": ""})
        assert town.intake._chores is not None
        town.intake._chores._positions._state = None  # It is read once.
        with watched() as calls:
            await settle(town)
        assert ("inbox", len(inbox)) in calls["all_docs"], "all of it was looked at again"
        assert (await town.truth(), await receipts(town)) == (truth, inbox)
        assert await town.sequences() == sequences


async def test_a_rebuild_and_a_restored_backup_have_none_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        day = await a_day(town)
        town.clock.advance(days=181)
        await settle(town)
        assert await rebuild(town.databases, town.intake.delivery) == 0
        blobs = FolderBlobStore(folder / "evidence")
        made = await back_up(town.databases, blobs, tmp_path / "backups", town.clock)
        wanted = without_positions(await town.report(day["lamp"]))
    assert holding(tmp_path, BRIGADE) == set()
    target = tmp_path / "restored"
    await restore(made.folder, Settings(data_dir=target), town.clock)
    async with await open_engine(target / "engine") as engine, Municipality(engine, target) as town:
        town.clock.advance(days=181)
        await settle(town)
        assert without_positions(await town.report(day["lamp"])) == wanted
        assert await check(town.databases, town.directory, town.clock) == []
    assert holding(target, BRIGADE) == set()


async def test_a_record_without_its_position_folds_to_the_same_report(tmp_path: Path) -> None:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        day = await a_day(town)
        truth = await town.truth()
    for report in (day["lamp"], day["wet"]):
        head = f"record:{report}:"
        records = [reading.record(doc) for name, doc in truth.items() if name.startswith(head)]
        bare: list[Record] = []
        for record in records:
            event = record.get("event")
            if event is None:
                bare.append(record)
                continue
            aged = event["role"] in ("brigade", "civil_protection")
            if aged and event["kind"] not in ("captured", "amended"):
                source = event["position"]["source"]
                record = {**record, "event": {**event, "position": {"source": source}}}
            bare.append(record)
        whole, left = fold(records), fold(bare)
        assert whole is not None
        assert left is not None
        assert left == without_positions(whole)
        assert left != whole


def test_the_name_of_what_goes_is_no_member_an_office_can_ask_for() -> None:
    """``redact event`` takes the position whole; by age its source stays."""
    from server.cases.personal import ERASABLE

    assert EXACT not in ERASABLE


async def test_a_year_ahead_for_half_a_minute_erases_nothing(tmp_path: Path) -> None:
    """The machine comes up with a clock a year ahead, and is set right: between runs, and within one."""
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        seconds = 0.0

        async def run(off: timedelta) -> None:
            await town.intake.close()
            town.clock.moment += off
            certain = WatchedClock(tmp_path, town.clock, lambda: seconds)
            town.intake = Intake(town.databases, town.directory, town.clock, tmp_path, certain=certain)
            await town.intake.open()
            await settle(town)

        day = await a_day(town)
        await run(timedelta(0))
        before = [doc["event"]["position"] for doc in await receipts(town)]
        await run(timedelta(days=365))
        town.clock.advance(seconds=25)
        seconds += 25
        await settle(town)
        await run(timedelta(days=-365))
        town.clock.advance(days=365)
        await settle(town)
        assert [doc["event"]["position"] for doc in await receipts(town)] == before
        assert (await town.mailbox("luz1"))[f"report:{day['lamp']}"]["timeline"][-1]["position"]["lat"]
        assert (await state(town))["day"] == "2026-11-23"
        for _ in range(26):  # It goes on so for a day: then it is so.
            town.clock.advance(hours=1)
            seconds += 3600
            await settle(town)
        assert holding(tmp_path, BRIGADE) == set()
        await town.assert_sound()
