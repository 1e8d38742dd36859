"""storm_of_an_hour: 600 reports from 60 phones with bad signal, two officers offline on the same emergencies.

Phones have signal now and then, lose replies and push again, deliver in halves and out of order, and some
clocks are hours off. Both officers act on the same reports without seeing each other. At the end nothing is
lost, nothing is there twice, every report is the fold of its records and every mailbox is right.
``STORM_REPORTS`` and ``STORM_SEED`` change the weather.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from server.cases.fold import fold
from server.documents import reading
from server.instants import say
from tests.device import Pen
from tests.server.intake.municipality import ACCOUNTS, Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]

REPORTS = int(os.environ.get("STORM_REPORTS", "600"))
SEED = int(os.environ.get("STORM_SEED", "7"))
MINUTES = 60
PHONES = 60
CAPTURERS = ("lucia", "marta", "pedro", "norma", "saul")
OFFLINE, FIRST_BACK, SECOND_BACK = 20, 45, 55
TYPES = ("lampara", "bache", "inundacion", "denuncia", "unknown")
#: Minutes a phone's clock is ahead; most are right.
SKEWS = (0, 0, 0, 0, 3, -7, 130, -600)


class Phone:
    """A pen with an outbox and weak signal."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen
        self.outbox: list[Json] = []
        self.written: list[Json] = []

    def write(self, event: Json) -> None:
        self.outbox.append(event)
        self.written.append(event)


async def phone(town: Municipality, account: str, role: str, skew: int = 0) -> Phone:
    pen = Pen(account, role, lambda: town.clock.now() + timedelta(minutes=skew))
    await town.directory.create(
        {
            "_id": f"device:{pen.id}",
            "account": account,
            "installation": pen.installation,
            "public_key": pen.public_key,
            "enrolled_at": say(town.clock.now()),
            "orders": [],
        }
    )
    return Phone(pen)


async def second_officer(town: Municipality) -> None:
    common = {**ACCOUNTS["pc"], "active": True, "generation": 1}
    await town.directory.create({**common, "_id": "account:pc2", "name": "Protección Civil 2"})
    await town.intake.run_until_idle()


def some_signal(chance: random.Random, holder: Phone) -> list[Json]:
    """What gets through this minute, in the order it arrives; a lost reply leaves it in the outbox."""
    if not holder.outbox or chance.random() < 0.4:
        return []
    through = holder.outbox[: chance.randint(1, len(holder.outbox))]
    if chance.random() < 0.8:  # else the reply was lost, and all of it comes again
        holder.outbox = holder.outbox[len(through) :]
    if chance.random() < 0.2:
        chance.shuffle(through)
    return through


def act_offline(officer: Phone, emergencies: list[Json], brigade: str, agency: str, priority: int) -> None:
    """Take, prioritise and assign each emergency, having seen only what the mailbox showed before."""
    for report in emergencies:
        subject, seen = report["_id"].removeprefix("report:"), report["events"][-64:]

        def said(kind: str, payload: Json, subject: str = subject, seen: list[str] = seen) -> None:
            officer.write(officer.pen.event(kind, subject, payload, based_on=seen))

        said("taken", {})
        said("prioritized", {"priority": priority, "seen_priority": report["priority"]})
        said("assigned", {"agency": agency, "brigade": brigade})
        said("action_recorded", {"measures": [f"por {officer.pen.account}"]})


async def test_storm_of_an_hour(any_town: Municipality) -> None:
    town, chance = any_town, random.Random(SEED)
    print(f"seed {SEED}")
    await second_officer(town)
    phones = [
        await phone(town, account, ACCOUNTS[account]["role"], chance.choice(SKEWS))
        for account in (CAPTURERS[n % len(CAPTURERS)] for n in range(PHONES))
    ]
    first = await phone(town, "pc", "civil_protection")
    second = await phone(town, "pc2", "civil_protection")
    moments = Counter(chance.randrange(MINUTES - 10) for _ in range(REPORTS))
    emergencies: list[Json] = []
    pushes = 0

    async def deliver(arrived: list[Json]) -> None:
        nonlocal pushes
        if arrived:
            pushes += len(arrived)
            await town.push(*arrived)

    for minute in range(MINUTES):
        town.clock.advance(minutes=1)
        for _ in range(moments[minute]):
            holder = chance.choice(phones)
            place = inside(chance.randint(1, 12))
            holder.write(holder.pen.capture(chance.choice(TYPES), **place))
        if minute == OFFLINE:
            shown = await town.mailbox("pc")
            emergencies = [doc for key, doc in sorted(shown.items()) if key.startswith("report:")]
            emergencies = [doc for doc in emergencies if doc["priority"] == 1]
            act_offline(first, emergencies, "bache-1", "obras", priority=2)
            act_offline(second, emergencies, "luz-1", "alumbrado", priority=1)
        if minute == FIRST_BACK:
            await deliver(first.outbox)
        if minute == SECOND_BACK:
            await deliver(second.outbox)
        arrived = [event for holder in phones for event in some_signal(chance, holder)]
        chance.shuffle(arrived)
        await deliver(arrived)
    for holder in phones:
        await deliver(holder.outbox)

    written = [event for holder in (*phones, first, second) for event in holder.written]
    truth = await town.truth()
    assert pushes > len(written), "no reply was lost: this was no storm"
    once_and_nothing_lost(truth, written)
    both_officers_stand(truth, emergencies)
    for holder in (*phones, first, second):
        if holder.written:
            shown = await town.mailbox(holder.pen.account)
            ack = shown[f"ack:{holder.pen.id}"]
            assert (ack["through"], ack["gaps"]) == (len(holder.written), [])
            assert (ack["refused"], ack["quarantined"]) == ([], [])
    await town.assert_sound()


def once_and_nothing_lost(truth: dict[str, Json], written: list[Json]) -> None:
    """One record per event, one folio per report, consecutive numbers, and every report a fold."""
    records = [doc for key, doc in truth.items() if key.startswith("record:")]
    events = [doc["event"] for doc in records if "event" in doc]
    assert sorted(event["_id"] for event in events) == sorted(event["_id"] for event in written)
    by_id = {event["_id"]: event for event in written}
    assert all(event == by_id[event["_id"]] for event in events), "an event was not kept verbatim"
    assert sorted(doc["admission"] for doc in records) == list(range(1, len(records) + 1))
    assert not [key for key in truth if key.startswith(("refusal:", "quarantine:"))]
    reports = {key.removeprefix("report:"): doc for key, doc in truth.items() if key.startswith("report:")}
    assert len(reports) == REPORTS
    assert sorted(doc["folio"] for doc in reports.values()) == [f"VP-{n + 1:06d}" for n in range(REPORTS)]
    for subject, stored in reports.items():
        folded = fold(reading.record(doc) for doc in records if doc["report"] == subject)
        assert folded is not None
        assert {member: stored[member] for member in folded} == folded


def both_officers_stand(truth: dict[str, Json], emergencies: list[Json]) -> None:
    """Whatever the two did to one report is there: both have it, and a person is told to look."""
    assert len(emergencies) >= REPORTS // 30, "the storm brought too few emergencies to quarrel over"
    for shown in emergencies:
        report = truth[shown["_id"]]
        assert {taken["account"] for taken in report["taken_by"]} == {"pc", "pc2"}
        assert {"bache-1", "luz-1"} <= {order["brigade"] for order in report["assignments"]}
        assert {"two_takers", "two_brigades"} <= set(report["flags"])
        assert report["priority"] == 1, "one lowered what the other held to be an emergency"
        actions = [entry for entry in report["timeline"] if entry["kind"] == "action_recorded"]
        said = sorted(entry["payload"]["measures"][0] for entry in actions)
        assert said == ["por pc", "por pc2"]
        assert report["status"] == "in_progress"
