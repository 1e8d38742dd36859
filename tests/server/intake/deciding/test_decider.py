"""Deciding is a function of values: memory, receipts and an instant in, a draft out; nothing else changes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.accounts.model import Account, Device
from server.cases.scope import Scope
from server.instants import say
from server.intake.deciding.decider import decide
from server.intake.deciding.draft import Draft, remember
from server.intake.deciding.numbering import give_folios, list_admitted
from server.intake.judging.judge import subject_of
from server.intake.memory.casefile import CaseFile
from server.intake.memory.memory import Memory
from server.municipality.world import World, scope_of
from tests.device import Pen
from tests.device import subject_of as report_of
from tests.server.intake.municipality import ACCOUNTS, REFERENCE, grounds, inside

Json = dict[str, Any]

MOMENT = datetime(2026, 11, 23, 16, 5, 9, 123000, tzinfo=UTC)
NOW = say(MOMENT)

PENS = {name: Pen(name, ACCOUNTS[name]["role"], lambda: MOMENT) for name in ("lucia", "norma", "luz1", "pc")}
DEVICES = {
    pen.id: Device.from_doc(
        {
            "_id": f"device:{pen.id}",
            "account": pen.account,
            "installation": pen.installation,
            "public_key": pen.public_key,
            "enrolled_at": say(MOMENT - timedelta(days=365)),
            "orders": [],
        }
    )
    for pen in PENS.values()
}


def scope(name: str, members: Json) -> Scope:
    doc: Any = {"_id": f"account:{name}", "active": True, **members}
    return scope_of(Account.from_doc(doc), "2026-11-23")


SCOPES = {name: scope(name, members) for name, members in ACCOUNTS.items()}
WORLD = World.of([{"_rev": "1-a", **doc} for doc in grounds()], [{"_rev": "1-a", **doc} for doc in REFERENCE])


def memory_of(*subjects: str) -> Memory:
    """Of a municipality in which nothing happened yet, with what is read for these subjects."""
    memory = Memory(WORLD, DEVICES.get, lambda account: lambda instant: SCOPES[account])
    for subject in subjects:
        memory.files.put(CaseFile(subject))
    for device in DEVICES:
        memory.chains.take(device, None)
    return memory


def receipt(event: Json) -> Json:
    own = event["_id"][-36:]
    session = {"account": event["actor"], "device": event["device"]}
    return {"_id": own, "schema": "receipt.v1", "received_at": NOW, "session": session, "event": event}


def seen(memory: Memory, subjects: set[str]) -> Json:
    """All that memory says."""
    files = [(subject, memory.files.get(subject)) for subject in sorted(subjects)]
    return copy.deepcopy(
        {
            "records": {subject: file.records for subject, file in files if file},
            "reports": {subject: file.report for subject, file in files if file},
            "chains": memory.chains.stored,
            "numbers": (memory.admission, memory.shared, memory.known, memory.blobs, memory.incidents),
            "waiting": bool(memory.waiting),
        }
    )


def written(draft: Draft) -> Json:
    return {"truth": draft.truth, "chains": draft.chains, "accepted": draft.accepted}


def a_morning() -> list[Json]:
    lucia, norma, luz = PENS["lucia"], PENS["norma"], PENS["luz1"]
    lamp, other = lucia.capture("lampara", **inside(1)), lucia.capture("lampara", **inside(1))
    report = report_of(lamp)
    return [
        lamp,
        norma.event("noted", report, {"text": "sigue"}, based_on=[lamp["_id"]]),
        luz.event("started", report, based_on=[lamp["_id"]]),
        other,
        norma.event("marked_duplicate", report_of(other), {"of": report}),
        luz.event("finished", report, {"done": "foco nuevo"}, based_on=[lamp["_id"]]),
        norma.event("started", report),  # no brigade: refused
        norma.event("noted", report_of(norma.capture("lampara")), {"text": "aún no"}),  # waits
    ]


def test_what_one_receipt_makes() -> None:
    lamp = PENS["lucia"].capture("lampara", **inside(1))
    memory = memory_of(report_of(lamp))
    draft = decide(memory, [receipt(lamp)], NOW)
    (record,) = draft.truth.values()
    assert (record["_id"], record["admission"], record["month"]) == (
        lamp["_id"].replace("event:", "record:"),
        1,
        "2026-11",
    )
    assert record["routing"]["agency"] == "alumbrado"
    assert draft.unnumbered == [report_of(lamp)]
    give_folios(draft, {report_of(lamp): 7})
    list_admitted(draft)
    assert draft.chains[PENS["lucia"].id]["items"] == [[lamp["_id"], 1, "VP-000007"]]


def test_deciding_changes_nothing_and_decides_the_same_again() -> None:
    events = a_morning()
    subjects = {subject_of(event) for event in events}
    memory = memory_of(*subjects)
    before = seen(memory, subjects)
    receipts = [receipt(event) for event in events]
    first = decide(memory, receipts, NOW)
    assert seen(memory, subjects) == before
    again = decide(memory, receipts, NOW)
    assert written(again) == written(first)
    assert seen(memory, subjects) == before
    assert (first.admitted, first.refused, first.quarantined) == (6, 1, 1)
    remember(first)
    assert memory.admission == max(doc.get("admission", 0) for doc in first.truth.values())
    report = memory.files.get(report_of(events[0]))
    assert report is not None
    assert report.report is not None
    assert report.report["status"] == "finished"
    assert memory.waiting


def test_what_breaks_off_leaves_no_trace() -> None:
    events = a_morning()
    subjects = {subject_of(event) for event in events}
    memory = memory_of(*subjects)
    before = seen(memory, subjects)

    def broken() -> Iterator[Json]:
        yield from (receipt(event) for event in events[:5])
        raise KeyError("a defect")

    with pytest.raises(KeyError):
        decide(memory, broken(), NOW)
    assert seen(memory, subjects) == before


def test_what_failed_too_often_is_put_aside_unjudged() -> None:
    lamp = PENS["lucia"].capture("lampara", **inside(1))
    memory = memory_of(report_of(lamp))
    memory.given_up = {lamp["_id"][-36:]: "3 processes ended over it"}
    draft = decide(memory, [receipt(lamp)], NOW)
    (held,) = draft.truth.values()
    assert (held["code"], held["reason"]) == ("event_failed", "3 processes ended over it")
    assert draft.next_admission == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 7), max_size=4))
def test_how_receipts_are_cut_into_batches_makes_no_difference(cuts: list[int]) -> None:
    """Records, numbers and chains are those of one batch, wherever one ends and the next begins."""
    events = a_morning()
    subjects = {subject_of(event) for event in events}
    whole = decide(memory_of(*subjects), [receipt(event) for event in events], NOW)
    memory = memory_of(*subjects)
    truth: dict[str, Json] = {}
    edges = [0, *sorted(set(cuts)), len(events)]
    for low, high in pairwise(edges):
        draft = decide(memory, [receipt(event) for event in events[low:high]], NOW)
        truth |= draft.truth
        for device, chain in draft.chains.items():
            memory.chains.wrote(device, chain, "1-a")
        remember(draft)
    assert truth == whole.truth
    own: dict[str, Any] = {
        device: dict(chain) for device, chain in memory.chains.stored.items() if device in whole.chains
    }
    for chain in own.values():
        del chain["_rev"]
    assert own == whole.chains
