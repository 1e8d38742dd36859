"""The transition table: complete, closed in itself, and every cell known to the fold."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from server.cases.effects import EFFECTS
from server.cases.fold import fold
from server.cases.transitions import (
    BY_ASSIGNMENTS,
    BY_PROGRESS,
    CLOSED,
    FLAGS,
    KEEP,
    KINDS,
    OPEN,
    STATUSES,
    TABLE,
)
from tests.histories import records
from tests.schemas.test_schemas import SCHEMA_FILES
from tests.tables import table

NOT_ABOUT_REPORTS = {"incident_opened", "incident_closed", "leader_proposed"}


def test_transition_1_every_kind_about_reports_has_a_cell_for_every_status() -> None:
    kinds = set(SCHEMA_FILES["event.v1"]["properties"]["kind"]["enum"]) - NOT_ABOUT_REPORTS
    assert set(TABLE) == set(product(kinds, STATUSES))
    assert set(KINDS) == kinds
    assert set(STATUSES) == set(SCHEMA_FILES["report.v1"]["$defs"]["status"]["enum"])
    assert set(STATUSES) > OPEN
    assert set(STATUSES) - OPEN > CLOSED


@pytest.mark.parametrize(("kind", "status"), sorted(TABLE))
def test_a_cell_names_what_exists(kind: str, status: str) -> None:
    cell = TABLE[kind, status]
    assert cell.to in {*STATUSES, KEEP, BY_ASSIGNMENTS, BY_PROGRESS}
    assert cell.apply is None or cell.apply in EFFECTS
    assert cell.flag is None or cell.flag in FLAGS
    assert cell.to == KEEP or cell.flag is None, "what changes the status fits, and what does not is flagged"


def test_every_effect_is_used() -> None:
    assert {cell.apply for cell in TABLE.values() if cell.apply} | {"capture"} == set(EFFECTS)


def test_transition_1_only_a_reopening_or_a_separation_leaves_an_ended_report() -> None:
    leaving = {kind for (kind, status), cell in TABLE.items() if status not in OPEN and cell.to != KEEP}
    assert leaving == {"reopened", "unmerged"}


@pytest.mark.parametrize("case", table("fold")["cases"], ids=lambda case: case["description"])
def test_a_history_raises_only_known_flags(case: dict[str, Any]) -> None:
    given = {"records": [{**short, "flags": []} for short in case["given"]["records"]]}
    report = fold(records(given))
    if report is not None:
        raised = {flag for entry in report["timeline"] for flag in entry["flags"]}
        assert raised | set(report["flags"]) <= set(FLAGS)


def test_every_flag_of_the_fold_is_raised_by_some_history() -> None:
    """A flag nothing raises is a promise nobody keeps."""
    found: set[str] = set()
    for case in table("fold")["cases"]:
        report = fold(records(case["given"]))
        if report is not None:
            found |= set(report["flags"]) | {flag for entry in report["timeline"] for flag in entry["flags"]}
    ours = {code for code, flag in FLAGS.items() if flag["by"] != "intake"}
    assert ours - found == set()


def test_flags_have_a_sentence_in_spanish() -> None:
    assert FLAGS["late"]["text"] == "Llegó muy tarde: quedó en el historial sin cambiar el estado."
    assert all(flag["text"].endswith(".") for flag in FLAGS.values())
    assert {flag["by"] for flag in FLAGS.values()} == {"table", "effect", "record", "intake"}


def test_every_cell_is_reached_by_some_history_or_by_hand() -> None:
    """Each cell is folded once from a report brought to that status; none may fail or lose the event."""
    way: dict[str, list[dict[str, Any]]] = {
        "captured": [],
        "in_progress": [{"kind": "taken", "by": "pc1"}],
        "finished": [{"kind": "finished", "by": "mesa", "payload": {"done": "x"}}],
        "not_viable": [{"kind": "not_viable", "by": "mesa", "payload": {"reason": "other"}}],
        "duplicate": [{"kind": "marked_duplicate", "by": "mesa", "payload": {"of": "#2"}}],
        "withdrawn": [{"kind": "withdrawn", "by": "lupita", "payload": {"reason": "undo"}}],
    }
    way["reopened"] = [*way["finished"], {"kind": "reopened", "by": "lupita"}]
    examples = {event["kind"]: event["payload"] for event in SCHEMA_FILES["event.v1"]["examples"]}
    capture = table("fold")["cases"][0]["given"]["records"][0]
    for (kind, status), cell in TABLE.items():
        steps = [capture, *way[status], {"kind": kind, "by": "mesa", "payload": examples[kind]}]
        numbered = [{**step, "n": n} for n, step in enumerate(steps, start=1)]
        before, after = fold(records({"records": numbered[:-1]})), fold(records({"records": numbered}))
        assert before is not None
        assert after is not None
        assert before["status"] == status
        assert after["timeline"][-1]["kind"] == kind
        if cell.to == KEEP:
            assert after["status"] == status, (kind, status)
        elif cell.to in STATUSES:
            assert after["status"] == cell.to, (kind, status)
        if cell.flag:
            assert cell.flag in after["timeline"][-1]["flags"], (kind, status)
