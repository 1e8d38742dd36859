"""Verdicts of photos become facts of the reports that declare them.

Law: a verdict counts for a report only where the photo's bytes were delivered for one of that report's
own events. Naming the hash of a photo one has not delivered gives nothing. Pure, but for changing the
draft and the chains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from server.documents.ids import subject_if_event
from server.documents.shapes import AcknowledgementPhoto, Report
from server.evidence.blob import Blob
from server.intake.deciding.draft import Draft
from server.intake.memory import chain as chains
from server.intake.memory.casefile import CaseFile
from server.problems import CATALOGUE

JUDGED = frozenset({"ok", "refused"})


def delivered_for(blob: Blob) -> set[str]:
    """The events, by id, for which a device delivered these bytes."""
    return {delivery["event"] for delivery in blob.get("deliveries") or ()}


def subjects_of(blob: Blob) -> set[str]:
    """The reports a blob may concern."""
    return {subject for event in delivered_for(blob) if (subject := subject_if_event(event)) is not None}


def record_verdict(file: CaseFile, blob: Blob, draft: Draft) -> None:
    """Record a judged blob's verdict in a report that declares it. Repeating adds nothing."""
    report = file.report
    if report is None or blob.get("verdict") not in JUDGED:
        return
    sha256, delivered = blob["sha256"], delivered_for(blob)
    declared = _declaring(file, sha256)
    if declared.isdisjoint(delivered):
        return
    fact: Any = {"kind": "photo_verdict", "sha256": sha256, "verdict": blob["verdict"]}
    found: Mapping[str, Any] = blob
    fact |= {name: found[name] for name in ("code", "width", "height") if found.get(name) is not None}
    draft.fact(
        file,
        f"photo_verdict:{sha256}",
        fact,
        at=max(blob.get("judged_at") or draft.now, report["captured_at"]),
        month=draft.month,
        flags=[],
    )


def tell_devices(blob: Blob, draft: Draft, known: Iterable[str]) -> None:
    """List the verdict in the acknowledgement of each phone that delivered the bytes."""
    entry: AcknowledgementPhoto = {"sha256": blob["sha256"], "verdict": blob["verdict"]}
    code = blob.get("code")
    if code in CATALOGUE:
        entry["code"], entry["message"] = code, CATALOGUE[code].message
    for device in sorted({delivery["device"] for delivery in blob.get("deliveries") or ()} & set(known)):
        chains.judge_photo(draft.chain(device), entry)


def _declaring(file: CaseFile, sha256: str) -> set[str]:
    """The events of a report that declare a hash, and those whose late evidence does."""
    found = set()
    for record in file.records.values():
        event: Mapping[str, Any] = record.get("event") or {}
        if any(photo["sha256"] == sha256 for photo in event.get("photos") or ()):
            found.add(event["_id"])
            if event["kind"] == "evidence_added":
                found.add(event["payload"]["of"])
    return found


def missing(report: Report, before: str) -> list[tuple[str, str]]:
    """Hash and event of each photo declared before an instant that has not come and was not yet flagged."""
    flagged = {
        (entry["payload"].get("sha256"), entry["payload"].get("event"))
        for entry in report["timeline"]
        if entry["kind"] == "photo_missing"
    }
    return [
        (item["sha256"], item["event"])
        for item in report["evidence"]
        if item["verdict"] == "pending"
        and item["at"] < before
        and (item["sha256"], item["event"]) not in flagged
    ]
