"""The law of the fold: ``report = fold(records)``, the same for every permutation and duplication of its
records; nothing a person did is lost in it; what the server decided is taken as recorded, never computed
again.
"""

from __future__ import annotations

import copy
import os
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from server.cases.fold import FoldState, fold
from server.cases.transitions import CLOSED, KINDS, STATUSES
from server.cases.validation import reasons
from tests.histories import event_id, records
from tests.tables import table

Json = Any

LAW = settings(max_examples=int(os.environ.get("FOLD_EXAMPLES", "150")), deadline=None)
PEOPLE = sorted(table("fold")["cast"])
SHAS = st.sampled_from("abcdef")
HASHES = SHAS.map(lambda letter: letter * 64)
REVIEWED = st.lists(st.sampled_from(["late", "after_closing", "returned"]))
ROUTINGS = [{"agency": "agua", "brigade": "agua-1"}, {"agency": "alumbrado", "sector": "s-1"}]
TYPES = st.sampled_from(["lamp-off", "leak", "pothole"])
BRIGADES = st.sampled_from(["luz-1", "luz-2", "agua-1"])
AGENCIES = st.sampled_from(["alumbrado", "agua"])
WORDS = st.text("abc", max_size=3)
NOTHING: st.SearchStrategy[Json] = st.just({})
OTHERS = st.sampled_from(["#1", "#2", "#3"])


def _some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """Any of these members, at least one."""
    return st.fixed_dictionaries({}, optional=members).filter(bool)


def _all(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(members)


PLACES = st.sampled_from([{"street": "Reyes"}, {"street": "Morelos", "pole": "A1"}])
PAYLOADS: dict[str, st.SearchStrategy[Json]] = {
    "captured": _all(
        type=TYPES,
        channel=st.just("app"),
        for_whom=st.just("self"),
        answers=NOTHING,
        place=PLACES,
        urgent=st.booleans(),
        text=WORDS,
    ),
    "amended": _some(type=TYPES, place=PLACES, text=WORDS, place_corrected=st.just(True)),
    "withdrawn": _all(reason=st.just("mistake")),
    "noted": _all(text=st.text("abc", min_size=1, max_size=3)),
    "evidence_added": _all(of=st.sampled_from(["@1", "@2", "@3"])),
    "prioritized": _all(priority=st.integers(1, 4), seen_priority=st.integers(1, 4)),
    "assigned": st.one_of(_all(agency=AGENCIES), _all(agency=AGENCIES, brigade=BRIGADES)),
    "returned": st.one_of(_all(reason=st.just("not_ours")), _all(reason=st.just("other"), brigade=BRIGADES)),
    "visited": _all(outcome=st.sampled_from(["no_access", "already_fixed"])),
    "finished": _all(done=st.just("x")),
    "not_viable": _all(reason=st.just("other")),
    "answered": _all(text=st.just("x")),
    "verified": _all(solved=st.booleans()),
    "marked_duplicate": _all(of=OTHERS),
    "action_recorded": _all(people=st.integers(0, 9)),
    "incident_joined": _all(incident=OTHERS),
}
FACTS = st.one_of(
    _all(kind=st.just("folio"), folio=st.sampled_from(["HMO-000001", "HMO-000002"])),
    _all(kind=st.just("photo_verdict"), sha256=HASHES, verdict=st.sampled_from(["ok", "refused"])),
    _all(kind=st.just("photo_missing"), sha256=HASHES, event=st.just("@1")),
    _all(kind=st.just("month_closed"), month=st.just("2026-11")),
    _all(kind=st.just("escalated"), attempt=st.integers(1, 3)),
    _all(kind=st.sampled_from(["duplicate_joined", "duplicate_left"]), report=OTHERS),
    _all(kind=st.just("reviewed"), flags=REVIEWED, by=st.just("mesa")),
    _all(kind=st.just("explained"), event=st.just("@2"), admission=st.integers(1, 8), flags=REVIEWED),
    _all(
        kind=st.just("redaction"),
        event=st.sampled_from(["@1", "@2", "@4"]),
        members=st.lists(st.sampled_from(["text", "photos", "position", "place"]), min_size=1),
        reason=st.just("x"),
        by=st.just("mesa"),
    ),
)
DECIDED: dict[str, st.SearchStrategy[Any]] = {
    "routing": st.sampled_from(ROUTINGS),
    "triage": st.integers(1, 4).map(lambda priority: {"priority": priority}),
    "month": st.sampled_from(["2026-11", "2026-12"]),
    "late": st.booleans(),
}


@st.composite
def histories(draw: st.DrawFn, facts: bool = True) -> Json:
    """A history in the shared table's notation: any kind by anybody, seen or not, under any clocks."""
    size = draw(st.integers(1, 9))
    admissions = draw(st.permutations(range(1, size + 1)))
    written: list[Json] = []
    for n in range(1, size + 1):
        short: Json = {"n": n, "admitted": admissions[n - 1], "at": draw(st.integers(0, 6))}
        if facts and n > 1 and draw(st.integers(0, 3)) == 0:
            written.append({**short, "fact": draw(FACTS)})
            continue
        kind = "captured" if n == 1 else draw(st.sampled_from(KINDS))
        short["payload"] = draw(PAYLOADS.get(kind, NOTHING))
        short |= {"kind": kind, "by": draw(st.sampled_from(PEOPLE))}
        short["saw"] = draw(st.lists(st.integers(1, size), max_size=3, unique=True))
        short["photos"] = draw(st.lists(SHAS, max_size=2, unique=True))
        if draw(st.booleans()):
            short["position"] = {"source": "gps", "lat": 29.0 + n, "lon": -110.0}
        short |= draw(st.fixed_dictionaries({}, optional=DECIDED))
        written.append(short)
    return {"records": written}


@LAW
@given(histories(), st.randoms(use_true_random=False))
def test_fold_1_any_permutation_and_duplication(history: Json, chance: random.Random) -> None:
    known = records(history)
    wanted = fold(known)
    again = [*known, *chance.sample(known, chance.randint(0, len(known)))]
    chance.shuffle(again)
    assert fold(again) == wanted


@LAW
@given(histories(), st.randoms(use_true_random=False))
def test_fold_1_one_record_more_is_as_folding_everything(history: Json, chance: random.Random) -> None:
    known = records(history)
    chance.shuffle(known)
    state = FoldState()
    for taken, record in enumerate(known, start=1):
        state.add(record)
        assert state.report() == fold(known[:taken])


@LAW
@given(histories(), st.randoms(use_true_random=False))
def test_a_fork_goes_its_own_way(history: Json, chance: random.Random) -> None:
    """What is added to it changes nothing in the state it was taken from, whoever is asked first."""
    known = records(history)
    cut = chance.randrange(len(known) + 1)
    state = FoldState(known[:cut])
    if chance.random() < 0.5:
        state.report()
    fork = state.fork()
    for record in known[cut:]:
        fork.add(record)
    asked = [(fork, fold(known)), (state, fold(known[:cut]))]
    chance.shuffle(asked)
    for one, report in asked:
        assert one.report() == report
    for record in reversed(known[cut:]):
        state.add(record)
    assert state.report() == fork.report() == fold(known)


@LAW
@given(histories())
def test_folding_changes_no_record_and_shares_nothing(history: Json) -> None:
    known = records(history)
    before = copy.deepcopy(known)
    state = FoldState(known)
    report = state.report()
    assert known == before
    if report is not None:
        for member in ("assignments", "taken_by", "timeline", "evidence", "flags", "events"):
            report[member].clear()
        report["place"]["street"] = "otra"
        assert state.report() == fold(before)


@LAW
@given(histories(facts=False))
def test_fold_1_nothing_a_person_did_is_lost(history: Json) -> None:
    """Every event is in the timeline once, whatever became of it, with its words, photos and position."""
    known = records(history)
    report = fold(known)
    assert report is not None
    entries = {entry["event"]: entry for entry in report["timeline"]}
    assert len(entries) == len(report["timeline"]) == len(known)
    assert sorted(report["events"]) == sorted(entries)
    photos = {item["sha256"] for item in report["evidence"]}
    for record in known:
        event = record["event"]
        entry = entries[event["_id"]]
        assert entry["payload"] == event["payload"]
        assert {photo["sha256"] for photo in event["photos"]} <= photos
        assert ("position" in entry) == (event["position"]["source"] != "none")
        assert entry["admission"] == record["admission"]


@LAW
@given(histories())
def test_a_report_is_of_its_schema_and_consistent(history: Json) -> None:
    known = records(history)
    report = fold(known)
    assert report is not None
    assert reasons("report.v1", report) == []
    assert report["status"] in STATUSES
    assert report["version"] == max(record["admission"] for record in known)
    assert (report["status"] == "duplicate") == (report["duplicate_of"] is not None)
    if report["status"] in CLOSED:
        assert report["finished_at"] is not None
        assert not {"assigned", "started", "paused"} & {entry["status"] for entry in report["assignments"]}
    brigades = [(entry["agency"], entry["brigade"]) for entry in report["assignments"]]
    assert len(set(brigades)) == len(brigades)


@LAW
@given(histories(), histories())
def test_what_comes_later_never_changes_folio_or_month(first: Json, later: Json) -> None:
    """Periods count by admission, a folio is given once: higher numbers cannot touch either."""
    known = records(first)
    before = fold(known)
    assert before is not None
    moved = [
        {**short, "n": short["n"] + 20, "admitted": short["admitted"] + 20}
        for short in later["records"]
        if short.get("kind") != "captured"
    ]
    after = fold([*known, *records({"records": moved})])
    assert after is not None
    assert after["month"] == before["month"]
    assert before["folio"] in (None, after["folio"])
    assert after["captured_by"] == before["captured_by"]


def test_two_officers_offline_on_one_report() -> None:
    """The smallest example, by hand: both works stand."""
    first = table("fold")["cases"][0]["given"]["records"]
    both = [
        {"n": n, "kind": "noted", "by": by, "payload": {"text": by}, "saw": []}
        for n, by in ((2, "pc1"), (3, "pc2"))
    ]
    report = fold(records({"records": [*first, *both]}))
    assert report is not None
    assert report["events"] == [event_id(1), event_id(2), event_id(3)]
