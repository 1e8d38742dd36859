"""Admitting one event: judged, numbered, and with all that follows from it.

Law: an event's number in its device's chain is taken once it is known to be that device's, whatever becomes
of it. What follows from an admitted event is recorded once; settling it again adds nothing. Pure, but for
the draft.
"""

from __future__ import annotations

from functools import partial

from server.accounts.model import Device
from server.cases.canonical import Seal
from server.cases.effective import effective_at
from server.documents.device_chain import Chain
from server.documents.ids import record_of
from server.documents.ids import subject_of as subject_of_id
from server.documents.shapes import Event, Record
from server.intake.deciding import explained, photos
from server.intake.deciding.draft import Draft
from server.intake.deciding.links import cycle, link
from server.intake.judging.admission import record_of as record_of_event
from server.intake.judging.bounds import check_room
from server.intake.judging.judge import (
    IMPORT,
    authenticate,
    authorize,
    check_form,
    check_subject,
    unexplained,
)
from server.intake.judging.outcome import EXPLICABLE, UNNUMBERED, Quarantined, Refused
from server.intake.judging.receipt import Raw
from server.intake.memory import chain as chains
from server.intake.memory.casefile import CaseFile


def admit(brought: Raw, receipt: Raw, sealed: Seal, file: CaseFile, draft: Draft, *, again: bool) -> None:
    """Make a record of an event, or raise ``Refused``. ``again``: it was held before; its number is taken."""
    memory = draft.memory
    known = _device(brought, draft)
    authenticate(brought, receipt, sealed.message, known, memory.keys)
    imported = receipt.get("trusted") == IMPORT
    seq = brought.get("device_seq")
    chain = chains.new_chain("") if imported or known is None else draft.chain(known.id)
    try:
        event = check_form(brought, receipt, sealed.size)
    except Refused:
        if not imported and type(seq) is int and seq > 0:
            advance(chain, seq, sealed.hash, receipt["received_at"], draft)
        raise
    seq = event["device_seq"]
    flags = [] if imported else chains.flags_of(chain, seq, event["prev"], again=again)
    instant, odd = _instant(event, receipt, file, known, None if imported else chain)
    try:
        # An incident opened earlier in this very batch is known too.
        check_subject(event, file, memory.incidents.keys() | draft.incidents)
        actor_at = memory.actor(event["actor"])
        if not imported:
            others = _others(event, draft)
            try:
                authorize(event, file, instant, actor_at, memory.world, memory.incidents, others)
            except Refused as refusal:
                _wait_or_refuse(refusal, event, receipt, file, draft)
            check_room(event, file.records, others.values(), receipt)
            flags += cycle(draft, file.subject, others.values())
    except Refused:
        if not imported:
            # Authentic and numbered: its place in the chain is taken, whatever becomes of it.
            advance(chain, seq, sealed.hash, instant, draft)
        raise
    record = record_of_event(
        event,
        receipt,
        file,
        actor_at(instant),
        memory.world,
        effective_at=instant,
        flags=flags + odd,
        incidents=memory.incidents,
        month=draft.month,
        lost=memory.lost,
    )
    if not file.records:
        draft.fresh.add(file.subject)
    admitted = draft.admit(file, record)
    draft.admitted += 1
    if not imported:
        advance(chain, seq, sealed.hash, instant, draft, admitted)
        draft.accepted.append((event["device"], event["_id"], admitted["_id"]))
    settle(event, file, draft)


def take_number(brought: Raw, receipt: Raw, sealed: Seal, file: CaseFile, code: str, draft: Draft) -> None:
    """A run cut short may have kept what it refused or held (``code``), and not that its number is taken."""
    known, seq = _device(brought, draft), brought.get("device_seq")
    if known is None or receipt.get("trusted") == IMPORT or code in UNNUMBERED or code == "event_content":
        return
    if type(seq) is not int or seq < 1 or chains.has(draft.chain(known.id), seq):
        return
    chain = draft.chain(known.id)
    try:
        event = check_form(brought, receipt, sealed.size)
        instant, _ = _instant(event, receipt, file, known, chain)
    except Refused:
        instant = receipt["received_at"]
    advance(chain, seq, sealed.hash, instant, draft)


def advance(
    chain: Chain, seq: int, own: str, instant: str, draft: Draft, record: Record | None = None
) -> None:
    """The number is taken; what was flagged for its absence is settled."""
    chains.advance(chain, seq, own, instant)
    if record is not None and chains.GAP in record["flags"]:
        chains.note_gap(chain, seq, record["event"]["_id"])
    for event in chains.take_filled(chain):
        explained.gap_filled(draft.open(subject_of_id(event)), event, draft)


def settle(event: Event, file: CaseFile, draft: Draft) -> None:
    """What follows from an admitted event, here and where it points. Repeating adds nothing."""
    kind, blobs = event["kind"], draft.memory.blobs
    explained.bases_came(file, draft)
    for photo in event["photos"]:
        if photo["sha256"] in blobs:
            photos.record_verdict(file, blobs[photo["sha256"]], draft)
    if kind == "captured" and file.needs_folio:
        if file.subject not in draft.unnumbered:
            draft.unnumbered.append(file.subject)
    elif kind in ("incident_opened", "incident_closed"):
        draft.incidents.add(file.subject)
    elif kind == "leader_proposed":
        draft.proposals[file.subject] = file.records[record_of(event["_id"])]
    elif kind in ("marked_duplicate", "unmerged", "withdrawn", "reopened"):
        link(file, draft, "duplicate_of", "marked_duplicate", "of", "duplicate")
    elif kind == "incident_joined":
        link(file, draft, "incident", "incident_joined", "incident", "report")


def _device(event: Raw, draft: Draft) -> Device | None:
    device = event.get("device")
    return draft.memory.device(device) if isinstance(device, str) else None


def _wait_or_refuse(refusal: Refused, event: Event, receipt: Raw, file: CaseFile, draft: Draft) -> None:
    """Returns where a person insists on what only lacks its explanation; raises in every other case."""
    missing = unexplained(event, file, partial(_is_refused, draft=draft))
    if refusal.code not in EXPLICABLE or not missing:
        raise refusal
    if not (receipt.get("retry") or {}).get("force"):
        raise Quarantined("basis_unknown", refusal.reason, waits_for=missing) from None


def _is_refused(event: str, draft: Draft) -> bool:
    doc = draft.stands(f"refusal:{event[-36:]}")
    return doc is not None and not doc.get("_deleted") and doc["event"] == event


def _others(event: Event, draft: Draft) -> dict[str, CaseFile]:
    if event["kind"] != "marked_duplicate":
        return {}
    file = draft.open(event["payload"]["of"])
    return {file.subject: file} if file is not None else {}


def _instant(
    event: Event, receipt: Raw, file: CaseFile, device: Device | None, chain: Chain | None
) -> tuple[str, list[str]]:
    """``effective_at`` of a well formed event, and what is odd about it. ``chain``: its device's, if any."""
    seq = event["device_seq"]
    return effective_at(
        event["occurred_at"],
        receipt["received_at"],
        device.skew_ms if device else None,
        None if chain is None else chains.previous_effective(chain, seq),
        event["based_on"],
        file.effective_times() if event["based_on"] else {},
        device.enrolled_at if device else None,
        first=seq == 1,
    )
