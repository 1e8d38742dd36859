"""What a change asks of the mailboxes: who must have which document now, and who must not.

Law: a plan follows from the reports, the papers and who holds which scope, and from nothing else; whoever
lost a report loses its copy in the same plan. Pure: what must be read for it is named by ``contacts``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from server.cases.scope import Scope, View
from server.cases.trim import Variants, needs_contact
from server.documents.ids import report_id
from server.documents.shapes import CitizenContent, Report
from sync.interface import Doc


@dataclass(frozen=True, slots=True)
class Changes:
    """What delivery is told of a draft.

    ``fresh``: ids of reports no mailbox can have. ``doubtful``: ids of which it is not known what a run cut
    short delivered, so every mailbox is asked. ``papers``: other documents by account (None deletes).
    ``acknowledgements``, by account too, come after everything else: nobody is told that something is done
    before it is.
    """

    reports: Sequence[Report]
    fresh: Iterable[str] = ()
    doubtful: Iterable[str] = ()
    papers: Mapping[str, Mapping[str, Doc | None]] = field(default_factory=dict)
    acknowledgements: Mapping[str, Mapping[str, Doc]] = field(default_factory=dict)


class Reached(NamedTuple):
    """A report, who sees it now and how much, and who saw it before and does no longer."""

    report: Report
    audience: Mapping[str, View]
    left: frozenset[str]


@dataclass(slots=True)
class Plan:
    """By account: documents that must be there, ids that must not, and what comes last of all."""

    puts: dict[str, dict[str, Doc]] = field(default_factory=dict)
    deletes: dict[str, set[str]] = field(default_factory=dict)
    then: dict[str, Mapping[str, Doc]] = field(default_factory=dict)
    #: Ids of documents that no mailbox can have.
    fresh: frozenset[str] = frozenset()


def contacts(reached: Iterable[Reached], scopes: Mapping[str, Scope]) -> set[str]:
    """The citizens whose data somebody among them needs."""
    return {
        citizen
        for report, audience, _ in reached
        if (citizen := report["citizen"])
        and any(needs_contact(report, scopes[account], view) for account, view in audience.items())
    }


def plan(
    changes: Changes,
    reached: Iterable[Reached],
    scopes: Mapping[str, Scope],
    citizens: Mapping[str, CitizenContent],
    held: Mapping[str, set[str]],
    has_mailbox: Callable[[str], bool],
) -> Plan:
    """``citizens``: contents by id, of all that ``contacts`` named. ``held``: by account, the ids of doubtful
    reports that its mailbox holds now.
    """
    made = Plan(fresh=frozenset(map(report_id, changes.fresh)))
    for account, papers in changes.papers.items():
        if has_mailbox(account):
            for doc_id, doc in papers.items():
                _must(made, account, doc_id, doc)
    for report, audience, left in reached:
        for account in filter(has_mailbox, left):
            _must(made, account, report["_id"], None)
        variants = Variants(report, citizens.get(report["citizen"] or ""))
        for account, view in audience.items():
            if has_mailbox(account):
                _must(made, account, report["_id"], variants.of(scopes[account], view))
    for account, there in held.items():
        if has_mailbox(account):
            wanted = made.puts.get(account, {}).keys()
            made.deletes.setdefault(account, set()).update(there - wanted)
    made.then = {name: docs for name, docs in changes.acknowledgements.items() if has_mailbox(name)}
    return made


def _must(made: Plan, account: str, doc_id: str, doc: Doc | None) -> None:
    if doc is None:
        made.deletes.setdefault(account, set()).add(doc_id)
    else:
        made.puts.setdefault(account, {})[doc_id] = doc
