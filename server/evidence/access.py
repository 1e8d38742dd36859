"""Who may see a photo: whoever may see a report that carries it.

Law: the test is the account's own mailbox as it is now: a copy of a report there that lists the hash.
Office roles without a mailbox are judged by the report itself. Confidential reports' photos leave only
through a copy that lists them.
"""

from __future__ import annotations

from collections.abc import Iterable

from server.accounts.model import MAILBOX_ROLES, Account
from server.cases.scope import needs_desk
from server.documents import reading
from server.documents.ids import UUID, report_id, subject_of
from server.documents.shapes import Report
from server.evidence.blob import Blob
from server.store.databases import Databases
from sync.errors import DatabaseNotFound


def lists_photo(report: Report, sha256: str) -> bool:
    """Whether a report, or a copy of one, carries the hash as evidence that was delivered for it.

    A declared hash alone is no evidence: intake records ``ok`` only where one of the report's own events
    brought the bytes, so naming the hash of a photo one lost sight of opens nothing.
    """
    return any(
        entry["sha256"] == sha256 and entry.get("verdict") == "ok" for entry in report.get("evidence") or ()
    )


def candidates(blob: Blob, hint: str | None) -> list[str]:
    """Ids of the reports that may carry a blob: those its deliveries named, and the one the asker names."""
    found = [subject_of(entry["event"]) for entry in blob["deliveries"]]
    if hint is not None and UUID.match(hint):
        found.append(hint)
    return sorted({report_id(report) for report in found})


async def _copies(databases: Databases, account: Account, ids: Iterable[str]) -> list[Report]:
    try:
        mailbox = await databases.open_mailbox(account.id, account.generation)
    except DatabaseNotFound:
        return []
    return [reading.report(doc) for doc in (await mailbox.get_many(list(ids))).values()]


async def may_see(
    databases: Databases, account: Account, blob: Blob, today: str, hint: str | None = None
) -> bool:
    """Whether ``account`` may see the derivatives of ``blob``. ``today``: the municipality's date."""
    if not account.in_office(today):
        return False
    sha256, ids = blob["sha256"], candidates(blob, hint)
    if account.role in MAILBOX_ROLES:
        copies = await _copies(databases, account, ids)
        if any(lists_photo(copy, sha256) for copy in copies):
            return True
    docs = await databases.cases.get_many(ids)
    reports = [report for report in map(reading.report, docs.values()) if lists_photo(report, sha256)]
    if account.role == "auditor":
        return bool(reports)
    if account.role == "agency":
        return any(of_agency(report, account.agency) for report in reports)
    if account.role == "desk":
        # As its pages show: every report but other agencies' complaints, unless these wait for the desk.
        return any(not report.get("confidential") or needs_desk(report) for report in reports)
    return False


def of_agency(report: Report, agency: str | None) -> bool:
    """Whether the report, or an assignment of it, is that agency's; what the agency may read."""
    if agency is None:
        return False
    if report.get("agency") == agency:
        return True
    return any(assignment.get("agency") == agency for assignment in report.get("assignments") or ())
