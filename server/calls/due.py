"""Whom the office owes a call, why and by when: decided from reports and from the calls there were.

Law: a call is owed for something that happened (a promise broken, an answer missing, a "no quedó", a closing
that nobody told), once for each; and nobody is spoken to a third time in thirty days, for however many
reports. A number that is wrong, or whose owner wants no calls, is not tried again. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.instants import parse, say

Json = dict[str, Any]

#: Days in which the calls to a person are counted, and how many of them may be.
WINDOW, MOST_SPOKEN = timedelta(days=30), 2
#: Tries for one matter that reached nobody.
MOST_TRIES = 3
#: How long after it happened a matter is still a reason to call: later the call would only surprise.
FRESH = timedelta(days=60)
#: A closing is told within this time or not by telephone.
_TOLD_WITHIN = timedelta(days=14)
_OPEN = frozenset({"captured", "in_progress", "reopened"})
_CLOSED = frozenset({"finished", "not_viable"})
#: Somebody was spoken to.
SPOKEN = frozenset({"reached", "refused"})
_ENDS = frozenset({"reached", "refused", "wrong_number"})


@dataclass(frozen=True, slots=True)
class Matter:
    """``why``: a code of ``contact.v1``; ``since``: what happened when; ``by``: until when to call."""

    report: str
    why: str
    since: str
    by: str


@dataclass(frozen=True, slots=True)
class Owed:
    """One person, by the key of their telephone, with all they are owed a call for, the most urgent first."""

    person: str
    matters: tuple[Matter, ...]
    tries: int

    @property
    def by(self) -> str:
        return min(matter.by for matter in self.matters)


def matter_of(report: Mapping[str, Any], now: datetime) -> Matter | None:
    """The most urgent reason to call about a report; None where there is none."""
    name, status, moment = report["_id"].removeprefix("report:"), report["status"], say(now)
    verified, finished = report.get("verified"), report.get("finished_at")

    def made(why: str, since: str, within: timedelta) -> Matter | None:
        began = parse(since)
        return Matter(name, why, since, say(began + within)) if now - began <= FRESH else None

    if verified and not verified["solved"] and status in _OPEN | _CLOSED:
        return made("not_solved", verified["at"], timedelta(days=1))
    if status in _OPEN:
        due, answer_due = report.get("due_at"), report.get("answer_due_at")
        if due and due < moment:
            return made("overdue", due, timedelta(days=1))
        if answer_due and answer_due < moment and not report.get("answered_at"):
            return made("unanswered", answer_due, timedelta(hours=4))
    elif status in _CLOSED and finished and not verified and now - parse(finished) <= _TOLD_WITHIN:
        told = any(e["kind"] == "answered" and e["at"] > finished for e in report["timeline"])
        return None if told else made("closed", finished, timedelta(days=3))
    return None


_URGENT = ("not_solved", "overdue", "unanswered", "closed")


def in_peace(persons: Mapping[str, str], contacts: Iterable[Json], now: datetime) -> set[str]:
    """The persons whom nobody is to call: spoken to as often as may be, wrong numbers, and who wants none."""
    begin = say(now - WINDOW)
    found: set[str] = set()
    # One call about several reports is several contacts of one moment.
    calls: dict[str, set[str]] = {}
    for contact in contacts:
        person = persons.get(contact["report"])
        if person is None:
            continue
        if contact["outcome"] in ("wrong_number", "refused"):
            found.add(person)
        if contact["outcome"] in SPOKEN and contact["at"] >= begin:
            calls.setdefault(person, set()).add(contact["at"])
    return found | {person for person, moments in calls.items() if len(moments) >= MOST_SPOKEN}


def owed(
    reports: Iterable[Mapping[str, Any]],
    persons: Mapping[str, str],
    contacts: Iterable[Json],
    now: datetime,
) -> list[Owed]:
    """Whom to call, the soonest first. ``persons``: the person of each report by uuid, also of reports that
    only ``contacts`` name; ``contacts``: those of ``WINDOW`` and of ``FRESH`` before ``now``.
    """
    contacts = list(contacts)
    by_report: dict[str, list[Json]] = {}
    for contact in contacts:
        by_report.setdefault(contact["report"], []).append(contact)
    quiet = in_peace(persons, contacts, now)
    found: dict[str, list[Matter]] = {}
    tries: dict[str, int] = {}
    for report in reports:
        matter = matter_of(report, now)
        person = persons.get(matter.report) if matter else None
        if matter is None or person is None or person in quiet:
            continue
        since = [c for c in by_report.get(matter.report, ()) if c["at"] >= matter.since]
        if any(contact["outcome"] in _ENDS for contact in since) or len(since) >= MOST_TRIES:
            continue
        found.setdefault(person, []).append(matter)
        tries[person] = max(tries.get(person, 0), len(since))
    listed = [
        Owed(person, tuple(sorted(some, key=lambda m: (_URGENT.index(m.why), m.by))), tries[person])
        for person, some in found.items()
    ]
    return sorted(listed, key=lambda one: (one.by, one.matters[0].report))
