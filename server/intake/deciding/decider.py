"""From receipts to what shall be written: one batch, decided over memory.

Law: receipts are judged in the order they are given, each against what the ones before it made. Deciding a
batch twice decides the same; what an earlier run already wrote is met as a repetition and only completed.
Pure: memory is looked at and not changed, and nothing is read or written; an error leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable

from server.cases.canonical import Seal, event_hash, seal
from server.documents.ids import record_of
from server.documents.shapes import Event, Record
from server.documents.trouble import Trouble
from server.intake.deciding import aside
from server.intake.deciding.admitting import admit, advance, settle, take_number
from server.intake.deciding.draft import Draft
from server.intake.deciding.telling import tell
from server.intake.judging import held
from server.intake.judging.erased import met_again
from server.intake.judging.judge import subject_of
from server.intake.judging.outcome import UNNUMBERED, Quarantined, Refused
from server.intake.judging.receipt import Raw, has_id, key_of
from server.intake.memory.casefile import CaseFile
from server.intake.memory.memory import Memory
from server.intake.memory.waiting import WAITING


def decide(memory: Memory, receipts: Iterable[Raw], now: str) -> Draft:
    """Judge receipts, of which ``memory`` holds all that was read for them; ``now`` is the batch's instant.

    They are taken one by one, so whoever gives them knows which one is being judged. Raises whatever a defect
    raises.
    """
    draft = Draft.begin(memory, now)
    for receipt in receipts:
        if not has_id(receipt):
            continue  # Only the gateway and the importer append, and both insist on an id.
        reason = memory.given_up.get(key_of(receipt))
        if reason is not None:
            aside.put(Quarantined("event_failed", reason), receipt["event"], receipt, draft)
        else:
            _receipt(receipt["event"], receipt, draft)
    return draft


def complete(draft: Draft, record: Record) -> None:
    """What a stopped run may have left undone about a record, whose event was read as a receipt's is."""
    file = draft.open(record["report"])
    assert file is not None, "the caller reads every subject"
    draft.doubtful.add(file.subject)
    draft.touched[file.subject] = file
    if "event" in record:
        _repeat(record["event"], record, file, draft)


def _receipt(event: Raw, receipt: Raw, draft: Draft) -> None:
    sealed = seal(event)
    file = draft.open(subject_of(event))
    assert file is not None, "every subject is read before"
    record = file.records.get(record_of(event["_id"]))
    if record is not None:
        _met(event, receipt, record, file, draft)
        return
    earlier = aside.earlier(event, sealed, draft)
    stays = "retry" not in receipt and earlier is not None and earlier["code"] not in WAITING
    gone = draft.memory.redacted.get(event["_id"])
    if gone is not None and earlier is not None and sealed.names & {gone["digest"], gone.get("masked")}:
        draft.erase.append((receipt, gone["members"]))
        stays = True  # Held or refused, and erased since: its words do not come back.
    elif earlier is not None and earlier["digest"] not in sealed.names:
        earlier = None
    if earlier is not None and stays:
        _told_again(event, receipt, sealed, file, earlier, draft)
        return
    # It was held before: its number was taken when it first came.
    numbered = earlier is not None and earlier["code"] not in UNNUMBERED
    asked = receipt.get("retry") or {}
    try:
        if asked.get("refuse"):
            raise Refused("event_let_go", f"{asked.get('by')} has looked at it")
        admit(event, receipt, sealed, file, draft, again=numbered)
    except Refused as trouble:
        aside.put(trouble, event, receipt, draft, sealed)
    else:
        aside.lift(event, sealed, draft)


def _met(event: Raw, receipt: Raw, record: Record, file: CaseFile, draft: Draft) -> None:
    """An event whose id is a record's."""
    known, members = met_again(event, record["event"], draft.memory.redacted.get(event["_id"]))
    if members:
        draft.erase.append((receipt, members))
    if known:
        _repeat(record["event"], record, file, draft)
    else:
        aside.put(Quarantined("event_content"), event, receipt, draft)


def _told_again(
    event: Raw, receipt: Raw, sealed: Seal, file: CaseFile, earlier: Trouble, draft: Draft
) -> None:
    """It was refused or held before, and nothing has changed."""
    take_number(event, receipt, sealed, file, earlier["code"], draft)
    if draft.memory.recovering:  # what it was before may not have been taken away
        aside.lift(event, sealed, draft, own=earlier)
    tell(earlier, receipt, draft)


def _repeat(event: Event, record: Record, file: CaseFile, draft: Draft) -> None:
    """An event that is already a record: complete what an interrupted run left, and acknowledge again."""
    if draft.memory.recovering and record["_id"] not in draft.truth:
        draft.doubtful.add(file.subject)
        draft.touched[file.subject] = file
        draft.troubles.update(held.places(event, seal(event)))  # they may be lifted, the desk not told
    if isinstance(event.get("device"), str) and event.get("sig"):
        chain = draft.chain(event["device"])
        advance(chain, event["device_seq"], event_hash(event), record["effective_at"], draft, record)
        draft.accepted.append((event["device"], event["_id"], record["_id"]))
    settle(event, file, draft)
    aside.lift(event, seal(event), draft)
