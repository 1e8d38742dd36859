"""What a report's joining and leaving records in the one it points at: a duplicate's, an incident's.

Law: each such fact is recorded once, by the report it came from and its version; repeating adds nothing.
Pure, but for changing the draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from server.documents.shapes import Record
from server.intake.deciding.draft import Draft
from server.intake.memory.casefile import CaseFile


def link(file: CaseFile, draft: Draft, member: str, kind: str, name: str, word: str) -> None:
    """Record in every report (or incident) this one ever pointed at whether it does now."""
    report = file.report
    if report is None:
        return
    members: Mapping[str, Any] = report
    entries = [entry["payload"] for entry in report["timeline"] if entry["kind"] == kind]
    named = {payload[name] for payload in entries if payload.get(name)}
    for target in sorted(named - {file.subject}):
        other = draft.open(target)
        if other is None or not other.records:
            continue
        facts = [r for r in other.records.values() if _is_link(r, word, file.subject)]
        last = max(facts, key=lambda r: r["admission"])["fact"]["kind"] if facts else f"{word}_left"
        wanted = f"{word}_joined" if members[member] == target else f"{word}_left"
        if last != wanted:
            latest = report["timeline"][-1]
            fact: Any = {"kind": wanted, "report": file.subject}
            draft.fact(
                other,
                f"{wanted}:{file.subject}:{report['version']}",
                fact,
                at=latest["at"],
                month=draft.month,
                flags=[],
            )
            if word == "report":
                draft.incidents.add(target)


def cycle(draft: Draft, own: str, others: Iterable[CaseFile]) -> list[str]:
    """Whether joining would make a ring: the report to stay is, in the end, a duplicate of this one."""
    seen = set[str]()
    for file in others:
        follow: CaseFile | None = file
        while follow is not None and follow.report is not None and follow.subject not in seen:
            seen.add(follow.subject)
            onward = follow.report["duplicate_of"]
            if onward == own:
                return ["duplicate_cycle"]
            follow = draft.open(onward) if onward else None
    return []


def _is_link(record: Record, word: str, report: str) -> bool:
    fact: Mapping[str, Any] = record.get("fact") or {}
    return fact.get("kind") in (f"{word}_joined", f"{word}_left") and fact.get("report") == report
