"""Who may see which report, and how much of it.

Law SCOPE-1: what a person may see follows from two lists of keys and nothing else. A report lists the keys
under which it may be seen and the view each gives (``report_keys``); an account lists the keys it holds
(``account_keys``). Where they meet, the widest view holds; where they do not, no byte of the report reaches
the account.

A key is ``<kind>:<id>``, or a bare word for a whole office. Confidential reports carry no territorial key.
Pure: values in, decisions out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NotRequired, TypedDict

from server.cases.transitions import OPEN
from server.documents.shapes import Assignment, Report, ReportPlace, ReportView

View = ReportView


class Scope(TypedDict):
    """An account as the pure modules know it, at an instant. Out of office it may do and see nothing."""

    account: str | None
    role: str | None
    in_office: bool
    blocks: NotRequired[list[str]]
    sector: NotRequired[str | None]
    agency: NotRequired[str | None]
    brigade: NotRequired[str | None]
    department: NotRequired[str | None]


#: Wider views win.
WIDTH: Mapping[View, int] = {"own": 0, "card": 1, "full": 2}

#: The petition type of what a person could not classify: the desk's work.
UNKNOWN_TYPE = "unknown"

#: Priorities that are Protección Civil's to see.
TRIAGED = frozenset({1, 2})

#: Flags that ask for nobody's review: a parcel that overtook another, or what the law had removed.
SILENT_FLAGS = frozenset({"sequence_gap", "based_on_unknown", "redacted"})

CIVIL_PROTECTION = "civil_protection"
DESK = "desk"


def is_open(report: Report) -> bool:
    """Whether work remains to be done on the report."""
    return report["status"] in OPEN


def needs_desk(report: Report) -> bool:
    """Whether the report waits for the desk: unclassified, or flagged for review."""
    if not SILENT_FLAGS.issuperset(report.get("flags") or ()):
        return True
    return is_open(report) and (report["type"] == UNKNOWN_TYPE or not report.get("agency"))


def holds_order(assignment: Assignment) -> bool:
    """Whether the assignment is still its brigade's: a returned one is somebody else's."""
    return bool(assignment["status"] != "returned")


def report_keys(
    report: Report,
    *,
    near_blocks: Iterable[str] = (),
    civil_types: frozenset[str] = frozenset(),
    incident_open: bool = False,
) -> dict[str, View]:
    """The keys of a folded report.

    ``near_blocks``: blocks within 100 m of its place. ``civil_types``: types that are Protección Civil's.
    ``incident_open``: whether the incident it belongs to is still open.
    """
    keys: dict[str, View] = {}
    confidential = bool(report.get("confidential"))
    place: ReportPlace = report.get("place") or {"source": "none"}
    if report.get("captured_by"):
        keys[f"author:{report['captured_by']}"] = "own" if confidential else "full"
    if not confidential:
        blocks = [place["block"]] if place.get("block") else []
        blocks += place.get("blocks_tied") or []
        if is_open(report):
            keys |= {f"block:{block}": "card" for block in near_blocks}
        keys |= {f"block:{block}": "full" for block in blocks}
        if place.get("sector"):
            keys[f"sector:{place['sector']}"] = "full"
    for assignment in report.get("assignments") or ():
        if assignment.get("brigade") and holds_order(assignment):
            keys[f"brigade:{assignment['brigade']}"] = "full"
    if report["priority"] in TRIAGED or report["type"] in civil_types or incident_open:
        keys[CIVIL_PROTECTION] = "full"
    if needs_desk(report):
        keys[DESK] = "full"
    return keys


def account_keys(account: Scope) -> frozenset[str]:
    """The keys an account holds: ``{account, role, blocks, sector, brigade, in_office}``.

    Out of office it holds none. Roles without a mailbox (agency, auditor, admin) hold none either.
    """
    if not account["in_office"]:
        return frozenset()
    role = account["role"]
    keys = {f"author:{account['account']}"}
    if role == "block_leader":
        keys |= {f"block:{block}" for block in account.get("blocks") or ()}
    elif role == "sector_leader":
        keys |= {f"sector:{account['sector']}"} if account.get("sector") else set()
    elif role == "brigade":
        keys |= {f"brigade:{account['brigade']}"} if account.get("brigade") else set()
    elif role == "civil_protection":
        keys.add(CIVIL_PROTECTION)
    elif role == "desk":
        keys.add(DESK)
    else:
        return frozenset()
    return frozenset(keys)
