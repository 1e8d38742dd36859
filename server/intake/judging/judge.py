"""Judging one event: is it authentic, well formed, new, and was its author entitled to it?

Law ADMISSION-1: the questions are asked in that order and none of them writes anything. Who signed is asked
before what is said, so that nobody can have another person's work refused. Numbering, gaps and chains never
refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from server.accounts.model import Device
from server.cases.authorization import (
    allowed,
    forbidden_members,
    relations_to_block,
    relations_to_report,
)
from server.cases.scope import Scope
from server.cases.signature import PublicKey
from server.cases.validation import Refusal, validate_event
from server.documents import reading
from server.documents.ids import record_of
from server.documents.ids import subject_of as subject_of_id
from server.documents.shapes import Event, Incident, Report
from server.intake.judging.examination import Examined, examine
from server.intake.judging.outcome import Quarantined, Refused
from server.intake.judging.receipt import Raw
from server.intake.memory.casefile import CaseFile
from server.intake.memory.keys import Keys
from server.municipality.keys import keys_of
from server.municipality.world import World

#: Receipts that only the importer writes; the gateway never does (docs/documents.md).
IMPORT = "import"

#: Kinds whose subject is no report.
INCIDENT_KINDS = frozenset({"incident_opened", "incident_closed"})
PROPOSAL_KINDS = frozenset({"leader_proposed"})


def subject_of(event: Raw) -> str:
    """The report, incident or proposal an event is about. The caller knows the id is well formed."""
    return subject_of_id(str(event["_id"]))


def key_for(receipt: Raw, device: Device | None, keys: Keys) -> PublicKey | None:
    """The key that must have signed a receipt's event; None where nobody asks for a signature."""
    return None if device is None or receipt.get("trusted") == IMPORT else keys.of(device)


def authenticate(event: Raw, receipt: Raw, examined: Examined, device: Device | None, keys: Keys) -> None:
    """Whether the event is its device's; ``examined``: by that device's key, or before it was known.

    Raises ``Quarantined``: only a person can say what a forgery is.
    """
    if receipt.get("trusted") == IMPORT:
        return
    forced = bool((receipt.get("retry") or {}).get("force"))
    if device is None:
        named = str(event.get("device"))[:200]
        raise Quarantined("event_device_unknown", f"no device {named[:120]} is enrolled", waits_for=named)
    key = keys.of(device)
    if not (examined if examined.key is key else examine(event, key)).signed:
        raise Quarantined("event_signature")
    if device.revoked_at is not None and not forced:
        raise Quarantined("event_device_revoked", f"revoked at {device.revoked_at}")


def check_form(event: Raw, receipt: Raw, size: int) -> Event:
    """The event, of ``size`` bytes, once it says what its kind must, truly of itself. Raises ``Refused``."""
    try:
        validate_event(event, size, trusted=receipt.get("trusted") == IMPORT)
    except Refusal as refusal:
        raise Refused(refusal.code, refusal.reason) from None
    return reading.event(event)


def check_subject(event: Event, file: CaseFile, incidents: Collection[str]) -> None:
    """Whether the event's subject is there, or not yet, as its kind needs."""
    kind, subject = event["kind"], file.subject
    if kind == "captured":
        if file.report is not None:
            raise Refused("report_exists")
        if subject in incidents:
            raise Refused("report_exists", "the id is an incident's")
    elif kind in INCIDENT_KINDS:
        if file.report is not None or (kind == "incident_opened" and subject in incidents):
            raise Refused("report_exists")
        if kind == "incident_closed" and subject not in incidents:
            raise Quarantined("incident_unknown", waits_for=subject)
    elif kind in PROPOSAL_KINDS:
        if file.records:
            raise Refused("report_exists", "the id is taken")
    elif file.report is None:
        raise Quarantined("report_unknown", waits_for=subject)
    if kind == "incident_joined" and event["payload"]["incident"] not in incidents:
        raise Quarantined("incident_unknown", waits_for=event["payload"]["incident"])


def authorize(
    event: Event,
    file: CaseFile,
    effective_at: str,
    actor_at: Callable[[str], Scope],
    world: World,
    incidents: Mapping[str, Incident],
    others: dict[str, CaseFile],
) -> None:
    """Whether the actor's role may do this to this subject. Raises ``Refused``.

    The report must have been in the actor's scope at ``effective_at``, or at the admission of the
    newest event the actor had seen (design, Intake). ``actor_at`` gives the actor's scope at an
    instant; ``others`` are the case files of the reports the payload names.
    """
    kind, role = event["kind"], event["role"]
    actor = actor_at(effective_at)
    if actor["role"] != role:
        raise Refused("event_actor", f"the account's role then was {actor['role']}")
    if kind == "captured" or kind == "incident_opened":
        relations = frozenset({"new"}) if actor["in_office"] else frozenset()
    elif kind == "incident_closed":
        relations = frozenset({"incident"}) if actor["in_office"] else frozenset()
    elif kind in PROPOSAL_KINDS:
        block = event["payload"]["block"]
        found = world.territory.block_docs.get(block)
        if found is None:
            raise Refused("block_unknown")
        relations = relations_to_block(actor, found, block)
    else:
        relations = _held(event, file, effective_at, actor_at, world, incidents)
    if not allowed(kind, role, relations):
        raise Refused("event_not_allowed", f"a {role} may not {kind} here; relations: {sorted(relations)}")
    if kind == "amended":
        members = forbidden_members(event["payload"], relations)
        if members:
            raise Refused("event_not_allowed", f"a {role} may not amend {', '.join(members)}")
    if kind == "marked_duplicate":
        _check_target(event, actor, world, incidents, others)


def _held(
    event: Event,
    file: CaseFile,
    effective_at: str,
    actor_at: Callable[[str], Scope],
    world: World,
    incidents: Mapping[str, Incident],
) -> frozenset[str]:
    """The relations at ``effective_at`` together with those at the newest event seen."""
    held: frozenset[str] = frozenset()
    moments: list[tuple[Report | None, str]] = [(file.as_of_instant(effective_at), effective_at)]
    admitted = [(n, seen) for seen in event["based_on"] if (n := file.admission_of(seen)) is not None]
    if admitted:
        number, newest = max(admitted)
        record = file.records[record_of(newest)]
        moments.append((file.as_of_admission(number), record["received_at"]))
    for report, instant in moments:
        if report is not None:
            held |= relations_to_report(actor_at(instant), report, keys_of(world, report, incidents))
    return held


def unexplained(event: Event, file: CaseFile, refused: Callable[[str], bool]) -> list[str]:
    """The events its author had seen that are not here and may yet come, where the event is well formed.

    ``refused`` tells of an event's id whether it came and was refused: nothing more is to come of it. Only
    events of the event's own report explain it (docs/documents.md), and no event explains itself.
    """
    subject = file.subject
    return [
        seen
        for seen in event["based_on"]
        if subject_of_id(seen) == subject
        and seen != event["_id"]
        and file.admission_of(seen) is None
        and not refused(seen)
    ]


def _check_target(
    event: Event, actor: Scope, world: World, incidents: Mapping[str, Incident], others: dict[str, CaseFile]
) -> None:
    """A report may only be joined to one its actor can see, and never to a confidential one."""
    of = event["payload"]["of"]
    if of == subject_of(event):
        return  # The fold flags it; nothing is leaked by it.
    target = others[of].report if of in others else None
    if target is None:
        raise Quarantined("report_unknown", f"{of}, to which it is joined, is not here", waits_for=of)
    relations = frozenset[str]()
    if not target["confidential"]:
        relations = relations_to_report(actor, target, keys_of(world, target, incidents))
    if not relations:
        raise Refused("duplicate_target")
