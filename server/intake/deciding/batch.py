"""From receipts to what shall be written: one batch, decided in memory.

Law: receipts are judged in the order they are given, each against what the ones before it made. Deciding
a batch twice decides the same; what an earlier run already wrote is met as a repetition and only
completed.
"""

from __future__ import annotations

from typing import Any

from server.accounts.directory import Directory
from server.cases.canonical import Seal, event_hash, seal
from server.cases.effective import effective_at
from server.documents.ids import subject_of as subject_of_id
from server.intake.deciding import explained, photos
from server.intake.deciding.draft import Draft
from server.intake.deciding.erasure import met_again
from server.intake.deciding.links import cycle, link
from server.intake.deciding.paging import Chains
from server.intake.deciding.telling import tell
from server.intake.judging import held
from server.intake.judging.admission import record_of
from server.intake.judging.bounds import check_room
from server.intake.judging.judge import (
    IMPORT,
    Keys,
    authenticate,
    authorize,
    check_form,
    check_subject,
    subject_of,
    unexplained,
)
from server.intake.judging.outcome import (
    EXPLICABLE,
    UNNUMBERED,
    UNSIGNED,
    WAITING,
    Quarantined,
    Refused,
    document,
)
from server.intake.judging.receipt import has_id, key_of, point_of
from server.intake.memory import chain as chains
from server.intake.memory import needs
from server.intake.memory.casefile import CaseFile, CaseFiles
from server.intake.writing.attempts import DEFECTS, FAILURES, Attempts
from server.municipality.scopes import Scopes
from server.municipality.world import World
from sync.interface import Database

Json = dict[str, Any]


class Decider:
    """Decides batches. ``known`` holds what ``cases`` already says of a batch's events."""

    def __init__(
        self,
        cases: Database,
        evidence: Database,
        directory: Directory,
        world: World,
        files: CaseFiles,
        scopes: Scopes,
        incidents: dict[str, Json],
        attempts: Attempts,
    ) -> None:
        self._cases = cases
        self._evidence = evidence
        self._blobs: dict[str, Json] = {}
        self._directory = directory
        self._world = world
        self._files = files
        self._scopes = scopes
        self._incidents = incidents
        self._keys = Keys()
        self._attempts = attempts
        self._known: dict[str, Json] = {}
        #: What the law had removed from which event (``erasure.load``).
        self.redacted: dict[str, Json] = {}
        #: From when to when a restore lost what was admitted (``epoch.lost``).
        self.lost: tuple[str, str] | None = None
        self.chains = Chains(cases)
        #: Uuids under which more than one event was refused or held (``held``).
        self.shared: set[str] = set()
        #: Until the inbox was read to its end once: what is met again may have been left half done.
        self.recovering = True

    def forget(self) -> None:
        """Throw away what may be ahead of the stored truth, and look twice at what comes again."""
        self.chains.forget()
        self._files.forget()
        self.recovering = True

    async def prepare(self, receipts: list[Json]) -> None:
        """Read all that deciding these receipts needs."""
        events = [receipt["event"] for receipt in receipts if has_id(receipt)]
        await self._load_blobs(events)
        subjects = list(dict.fromkeys(subject_of(event) for event in events))
        unknown = [subject for subject in subjects if self._files.get(subject) is None]
        devices = {d for e in events if isinstance(d := e.get("device"), str)}
        devices |= {d for r in receipts if isinstance(d := r["session"].get("device"), str)}
        new_devices = self.chains.unknown(devices)
        ids = [f"report:{subject}" for subject in unknown] + [f"chain:{device}" for device in new_devices]
        for event in events:
            subject, own = event["_id"].split(":")[1:]
            ids += [f"record:{subject}:{own}", f"refusal:{own}", f"quarantine:{own}"]
            if own in self.shared:
                ids += held.places(event, seal(event))
        self._known = await self._cases.get_many(list(dict.fromkeys(ids)))
        for device in new_devices:
            self.chains.take(device, self._known.get(f"chain:{device}"))
        # A report's capture is its first record: where neither is stored, nothing is.
        captures = {subject_of(e): e["_id"] for e in events if e.get("kind") == "captured"}
        absent = frozenset(
            subject
            for subject in unknown
            if subject in captures
            and f"report:{subject}" not in self._known
            and f"record:{captures[subject].removeprefix('event:')}" not in self._known
        )
        await self._files.load(unknown, absent=absent)
        gapped = [event for device in devices for _, event in self.chains.stored[device]["gapped"]]
        await self._files.load([*needs.referenced(self._files, events), *map(subject_of_id, gapped)])
        await self._load_refusals(events)
        self._world.territory.look_ahead([point for event in events if (point := point_of(event))])
        for device in devices:
            if self._directory.device(device) is None:
                await self._directory.find(f"device:{device}")

    async def _load_refusals(self, events: list[Json]) -> None:
        """Whether what an event names as seen, and is no record, was refused: it does not wait for that."""
        named = {f"refusal:{seen[-36:]}" for seen in needs.bases(self._files, events)}
        if missing := sorted(named - self._known.keys()):
            self._known |= await self._cases.get_many(missing)

    async def _load_blobs(self, events: list[Json]) -> None:
        """Photos that came before the event that declares them may have been judged already."""
        listed = [photo for event in events for photo in _list(event.get("photos"))]
        named = [photo.get("sha256") for photo in listed if isinstance(photo, dict)]
        ids = [f"blob:{sha256}" for sha256 in named if isinstance(sha256, str)]
        found = await self._evidence.get_many(list(dict.fromkeys(ids))) if ids else {}
        self._blobs = {doc["sha256"]: doc for doc in found.values()}

    def decide(self, receipts: list[Json], draft: Draft) -> None:
        """Judge every receipt into ``draft``."""
        for receipt in receipts:
            if not has_id(receipt):
                continue  # Only the gateway and the importer append, and both insist on an id.
            event = receipt["event"]
            ends = self._attempts.judging(key_of(receipt))
            if ends >= FAILURES:
                trouble = Quarantined("event_failed", f"{ends} processes ended over it")
                self._put_aside(trouble, event, receipt, draft)
                continue
            try:
                self._decide_one(event, receipt, draft)
            except DEFECTS as defect:
                if self._attempts.failed(key_of(receipt)) < FAILURES:
                    raise
                trouble = Quarantined("event_failed", f"{type(defect).__name__}: {defect}"[:300])
                self._put_aside(trouble, event, receipt, draft)

    def complete(self, record: Json, draft: Draft) -> None:
        """What a stopped run may have left undone about a record. ``prepare`` its event first."""
        file = self._files.get(record["report"])
        assert file is not None, "the caller loads every subject"
        draft.doubtful.add(file.subject)
        draft.touched[file.subject] = file
        if "event" in record:
            self._repeat(record["event"], record, file, draft)

    def _decide_one(self, event: Json, receipt: Json, draft: Draft) -> None:
        sealed = seal(event)
        file = self._files.get(subject_of(event))
        assert file is not None, "prepare() loads every subject"
        record = file.records.get(f"record:{event['_id'].removeprefix('event:')}")
        gone = self.redacted.get(event["_id"])
        if record is not None:
            known, members = met_again(event, record["event"], gone)
            if members:
                draft.erase.append((receipt, members))
            if known:
                self._repeat(record["event"], record, file, draft)
            else:
                self._put_aside(Quarantined("event_content"), event, receipt, draft)
            return
        earlier = self._earlier(event, sealed, draft)
        stays = "retry" not in receipt and earlier is not None and earlier["code"] not in WAITING
        if gone is not None and earlier is not None and sealed.names & {gone["digest"], gone.get("masked")}:
            draft.erase.append((receipt, gone["members"]))
            stays = True  # Held or refused, and erased since: its words do not come back.
        elif earlier is not None and earlier["digest"] not in sealed.names:
            earlier = None
        if earlier is not None and stays:
            tell(earlier, receipt, draft, self._directory)
            return
        numbered = earlier is not None and earlier["code"] not in UNNUMBERED
        asked = receipt.get("retry") or {}
        try:
            if asked.get("refuse"):
                raise Refused("event_let_go", f"{asked.get('by')} has looked at it")
            self._admit(event, receipt, sealed, file, draft, again=numbered)
        except Refused as trouble:
            self._put_aside(trouble, event, receipt, draft, sealed)

    def _admit(
        self, event: Json, receipt: Json, sealed: Seal, file: CaseFile, draft: Draft, *, again: bool
    ) -> None:
        """``again``: it was held before; its number was taken when it first came."""
        device = event.get("device")
        known = self._directory.device(device) if isinstance(device, str) else None
        authenticate(event, receipt, sealed.message, known, self._keys)
        imported = receipt.get("trusted") == IMPORT
        seq = event.get("device_seq")
        chain = chains.new_chain("") if imported or known is None else draft.chain(known.id)
        try:
            check_form(event, receipt, sealed.size)
        except Refused:
            if not imported and type(seq) is int and seq > 0:
                self._advance(chain, seq, sealed.hash, receipt["received_at"], draft)
            raise
        seq = event["device_seq"]
        flags = [] if imported else chains.flags_of(chain, seq, event["prev"], again=again)
        instant, odd = effective_at(
            event["occurred_at"],
            receipt["received_at"],
            known.skew_ms if known else None,
            None if imported else chains.previous_effective(chain, seq),
            event["based_on"],
            file.effective_times() if event["based_on"] else {},
            known.enrolled_at if known else None,
            first=seq == 1,
        )
        try:
            # An incident opened earlier in this very batch is known too.
            check_subject(event, file, self._incidents.keys() | draft.incidents)
            actor_at = self._scopes.actor(event["actor"])
            if not imported:
                others = self._others(event)
                try:
                    authorize(event, file, instant, actor_at, self._world, self._incidents, others)
                except Refused as refusal:
                    self._wait_or_refuse(refusal, event, receipt, file, draft)
                check_room(event, file.records, others.values(), receipt)
                flags += cycle(self._files, file.subject, others.values())
        except Refused:
            if not imported:
                # Authentic and numbered: its place in the chain is taken, whatever becomes of it.
                self._advance(chain, seq, sealed.hash, instant, draft)
            raise
        record = record_of(
            event,
            receipt,
            file,
            actor_at(instant),
            self._world,
            effective_at=instant,
            flags=flags + odd,
            incidents=self._incidents,
            month=draft.month,
            lost=self.lost,
        )
        if not file.records:
            draft.fresh.add(file.subject)
        admitted = draft.admit(file, record)
        draft.admitted += 1
        if not imported:
            self._advance(chain, seq, sealed.hash, instant, draft, admitted)
            draft.accepted.append((event["device"], event["_id"], admitted["_id"]))
        self._settle(event, file, draft)
        self._lift(event, sealed, draft)

    def _advance(
        self, chain: Json, seq: int, own: str, instant: str, draft: Draft, record: Json | None = None
    ) -> None:
        """The number is taken; what was flagged for its absence is settled."""
        chains.advance(chain, seq, own, instant)
        if record is not None and chains.GAP in record["flags"]:
            chains.note_gap(chain, seq, record["event"]["_id"])
        for event in chains.take_filled(chain):
            explained.gap_filled(self._files.get(subject_of_id(event)), event, draft)

    def _wait_or_refuse(
        self, refusal: Refused, event: Json, receipt: Json, file: CaseFile, draft: Draft
    ) -> None:
        """Returns where a person insists on what only lacks its explanation; raises in every other case."""
        missing = unexplained(event, file, lambda seen: self._is_refused(seen, draft))
        if refusal.code not in EXPLICABLE or not missing:
            raise refusal
        if not (receipt.get("retry") or {}).get("force"):
            raise Quarantined("basis_unknown", refusal.reason, waits_for=missing) from None

    def _is_refused(self, event: str, draft: Draft) -> bool:
        name = f"refusal:{event[-36:]}"
        doc = draft.truth.get(name) or self._known.get(name)
        return doc is not None and not doc.get("_deleted") and doc["event"] == event

    def _others(self, event: Json) -> dict[str, CaseFile]:
        if event["kind"] != "marked_duplicate":
            return {}
        file = self._files.get(event["payload"]["of"])
        return {file.subject: file} if file is not None else {}

    def _settle(self, event: Json, file: CaseFile, draft: Draft) -> None:
        """What follows from an admitted event, here and where it points. Repeating adds nothing."""
        kind = event["kind"]
        explained.bases_came(file, draft)
        for photo in event["photos"]:
            if photo["sha256"] in self._blobs:
                photos.record_verdict(file, self._blobs[photo["sha256"]], draft)
        if kind == "captured" and file.needs_folio:
            if file.subject not in draft.unnumbered:
                draft.unnumbered.append(file.subject)
        elif kind in ("incident_opened", "incident_closed"):
            draft.incidents.add(file.subject)
        elif kind == "leader_proposed":
            draft.proposals[file.subject] = file.records[f"record:{event['_id'].removeprefix('event:')}"]
        elif kind in ("marked_duplicate", "unmerged", "withdrawn", "reopened"):
            link(self._files, file, draft, "duplicate_of", "marked_duplicate", "of", "duplicate")
        elif kind == "incident_joined":
            link(self._files, file, draft, "incident", "incident_joined", "incident", "report")

    def _repeat(self, event: Json, record: Json, file: CaseFile, draft: Draft) -> None:
        """An event that is already a record: complete what an interrupted run left, and acknowledge again."""
        if self.recovering and record["_id"] not in draft.truth:
            draft.doubtful.add(file.subject)
            draft.touched[file.subject] = file
            draft.troubles.update(held.places(event, seal(event)))  # they may be lifted, the desk not told
        if isinstance(event.get("device"), str) and event.get("sig"):
            chain = draft.chain(event["device"])
            seq, effective = event["device_seq"], record["effective_at"]
            self._advance(chain, seq, event_hash(event), effective, draft, record)
            draft.accepted.append((event["device"], event["_id"], record["_id"]))
        self._settle(event, file, draft)
        self._lift(event, seal(event), draft)

    def _stands(self, name: str, draft: Draft) -> Json | None:
        """A document as this batch leaves it; deleted ones too."""
        return draft.truth.get(name) or self._known.get(name)

    def _earlier(self, event: Json, sealed: Seal, draft: Draft) -> Json | None:
        for name in held.places(event, sealed):
            doc = self._stands(name, draft)
            if held.is_known_by(doc, event, sealed):
                return doc
        return None

    def _lift(self, event: Json, sealed: Seal, draft: Draft, *, unsigned: bool = False) -> None:
        """An admitted event is no longer refused or quarantined; ``unsigned``: it lifts but its own bytes."""
        for name in held.places(event, sealed):
            doc = self._stands(name, draft)
            if doc is None or not held.is_of(doc, event) or doc["code"] == "event_content":
                continue
            if unsigned and not held.fits(doc, event, sealed, unsigned=True):
                continue
            draft.truth.pop(name, None)
            stored = self._known.get(name)
            if stored is not None:
                draft.truth[name] = {"_id": name, "_rev": stored["_rev"], "_deleted": True}
            draft.troubles.add(name)

    def _put_aside(
        self, trouble: Refused, event: Json, receipt: Json, draft: Draft, sealed: Seal | None = None
    ) -> None:
        sealed = sealed or seal(event)
        # Whose signature it is was not found: what another signature turns it into is another matter.
        unsigned = trouble.code in UNSIGNED
        doc = document(trouble, event, receipt, sealed.whole if unsigned else sealed.digest, draft.now)
        kind, own = doc["_id"].split(":")
        names = (doc["_id"], f"{kind}:{held.beside(event, sealed, unsigned=unsigned)}")
        for name in names:
            stored = self._stands(name, draft)
            if stored is None or not held.fits(stored, event, sealed, unsigned=unsigned):
                continue
            if stored["code"] == doc["code"] and stored["digest"] in sealed.names:
                if trouble.code in WAITING:
                    draft.waiting.append({**doc, "_id": name})
                tell(stored, receipt, draft, self._directory)
                return
        if trouble.code != "event_content":
            # Held before and refused now, or the other way: it is listed once.
            self._lift(event, sealed, draft, unsigned=unsigned)
        there = [self._stands(f"{other}:{own}", draft) for other in held.KINDS]  # the desk asks by uuid alone
        theirs = [known for known in there if known is not None and not known.get("_deleted")]
        if not all(held.fits(known, event, sealed, unsigned=unsigned) for known in theirs):
            doc["_id"] = names[1]
            self.shared.add(own)
        if trouble.code in WAITING:
            draft.waiting.append(doc)
        stored = self._known.get(doc["_id"])
        if stored is not None:
            doc["_rev"] = stored["_rev"]
        draft.truth[doc["_id"]] = doc
        draft.troubles.add(doc["_id"])
        if isinstance(trouble, Quarantined):
            draft.quarantined += 1
        else:
            draft.refused += 1
        tell(doc, receipt, draft, self._directory)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
