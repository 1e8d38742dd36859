"""A conversation goes with all its words: its messages, its marks, and whom to tell of its reports.

Law: its counts move into the month's document in the write that deletes it, so no figure changes. What
was told of its reports stays: it holds no word, no name and no number.
"""

from __future__ import annotations

from typing import Any

from server.channels.talks import documents
from server.documents import reading
from server.documents.ids import subject_of
from server.documents.shapes import Steps, Talk
from server.store.databases import Databases
from server.store.scan import scan
from sync.interface import Step, Write


async def erase(databases: Databases, talk: str) -> bool:
    """Delete a talk; False where there is none. Compaction, after which no byte is left, is the caller's."""
    office = databases.office
    found = await office.get_many([talk])
    doc = reading.talk(found[talk]) if talk in found else None
    said = [reading.said(row.body) async for row in scan(office, documents.said_id(talk, ""))]
    if doc is None and not said:
        return False
    marks = [f"due:heard:{one['_id'].removeprefix('said:')}" for one in said]
    marks += [documents.due_send(one["_id"], one["at"], one["number"] or 0)["_id"] for one in said]
    follows = [f"follow:{one['report']}" for one in (doc["reports"] if doc else ())]
    others = await office.get_many([*marks, *follows])
    gone: list[Any] = [*([doc] if doc else []), *said, *others.values()]
    deletions = [Write(office, {"_id": one["_id"]}, one["_rev"], deleted=True, keep=False) for one in gone]
    steps = [Step(deletions)]
    if doc and doc["counts"]:
        steps.insert(0, Step(await _months(databases, doc), strict=True))
    rows = await databases.engine.spread(*steps)
    return all(row.ok for row in rows[0])


async def _months(databases: Databases, doc: Talk) -> list[Write]:
    """The months' documents with this talk's counts in them."""
    wanted = sorted({day[:7] for day in doc["counts"]})
    found = await databases.office.get_many([f"steps:{month}" for month in wanted])
    writes = []
    for month in wanted:
        none: Steps = {"_id": f"steps:{month}", "schema": "steps.v1", "days": {}}
        stored = reading.steps(found.get(f"steps:{month}", none))
        rev = stored.pop("_rev", None)
        for day, counts in doc["counts"].items():
            if day[:7] == month:
                add(stored["days"].setdefault(day, {}).setdefault(doc["channel"], {}), counts)
        writes.append(Write(databases.office, stored, rev, keep=False))
    return writes


def add(into: dict[str, int], counts: dict[str, int]) -> None:
    for step, number in counts.items():
        into[step] = into.get(step, 0) + number


async def erased_by_law(databases: Databases, talks: list[Talk]) -> set[str]:
    """Talks whose words must go: their citizen was erased, or something of their report."""
    names = sorted({name for doc in talks for name in doc["citizens"]})
    citizens = await databases.citizens.get_many(names) if names else {}
    reports = {subject_of(found.read()["event"]) async for found in scan(databases.cases, "redacted:")}
    return {
        doc["_id"]
        for doc in talks
        if any(name not in citizens or "redacted_at" in citizens[name] for name in doc["citizens"])
        or not reports.isdisjoint(one["report"] for one in doc["reports"])
    }
