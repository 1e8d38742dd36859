"""Makes ``schemas/cases/overlay.json`` of the histories in ``fold.json`` that a phone can meet.

Law: the phone's expectation is the server's later decision: ``given.report`` is the fold of the first
``phone`` records, ``given.pending`` the events after them, ``expect`` what the whole history folds to. So
the two tables cannot disagree; a test says when the file is stale, ``python -m
tests.schemas.overlay_table`` writes it.
"""

from __future__ import annotations

import json
from typing import Any

from server.cases.fold import fold
from tests.histories import expand, records
from tests.tables import SCHEMAS, table

Json = dict[str, Any]

#: What a phone shows of its own pending events; flags, timeline and numbers are the server's to give.
SHOWN = (
    "status", "priority", "urgent", "type", "answers", "text", "for_whom", "citizen", "place", "assignments",
    "taken_by", "answered_at", "finished_at", "verified", "duplicate_of", "incident", "supports",
)  # fmt: skip
_EVENT = ("kind", "actor", "role", "payload", "position")
DESCRIPTION = (
    "The report as a phone shows it: given.report as received, given.pending its own events not in it yet, "
    "in order. Made of fold.json; do not edit."
)


def _pending(record: Any) -> Json:
    event = record["event"]
    subject = event["_id"].split(":")[1]
    scope = {member: record["scope"][member] for member in ("agency", "brigade")}
    return {
        "id": event["_id"],
        "subject": subject,
        "at": record["effective_at"],
        **{member: event[member] for member in _EVENT},
        "scope": scope,
    }


def _case(case: Json) -> Json:
    history, known = records(case["given"]), case["given"]["phone"]
    report = fold(history[:known])
    assert report is not None
    expect = {member: case["expect"][member] for member in SHOWN if member in case["expect"]}
    for entry in expect.get("assignments", ()):
        entry.pop("by", None)  # which event assigned is for the server to say
    return {
        "description": case["description"],
        "given": {"report": report, "pending": [_pending(record) for record in history[known:]]},
        "expect": expand(expect),
    }


def made() -> str:
    """The file's text."""
    chosen = [_case(case) for case in table("fold")["cases"] if "phone" in case["given"]]
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in chosen)
    return f'{{\n "description": {json.dumps(DESCRIPTION)},\n "cases": [\n{lines}\n ]\n}}\n'


if __name__ == "__main__":
    (SCHEMAS / "cases" / "overlay.json").write_text(made(), encoding="utf-8")
