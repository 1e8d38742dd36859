"""What one batch decided and has not written yet.

Law: everything a batch is going to write stands here first, so that the writing is nothing but copying,
in the order record, report, mailboxes, acknowledgement; and so that a batch that fails leaves nothing
behind: memory is looked at, and changed by ``remember`` alone, once the draft is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from server.cases.deadlines import month_of
from server.documents import reading
from server.documents.device_chain import Chain
from server.documents.shapes import Fact, Record
from server.documents.trouble import Trouble
from server.intake.judging.admission import Unnumbered
from server.intake.judging.receipt import Raw
from server.intake.memory import chain as chains
from server.intake.memory.casefile import CaseFile
from server.intake.memory.memory import Memory


@dataclass(slots=True)
class Draft:
    """``next_admission`` is the number the next record gets; ``now`` is text, the batch's instant."""

    memory: Memory
    next_admission: int
    now: str
    #: ``YYYY-MM`` of ``now`` in the municipality: the period of what the server itself decides.
    month: str
    #: The case files this batch has opened, as it leaves them.
    files: dict[str, CaseFile] = field(default_factory=dict)
    #: Records, refusals and quarantine documents, by id: the first write.
    truth: dict[str, Any] = field(default_factory=dict)
    #: Case files whose report may differ from what is stored, by subject.
    touched: dict[str, CaseFile] = field(default_factory=dict)
    #: Subjects met again after a crash: which mailboxes have them is not known.
    doubtful: set[str] = field(default_factory=set)
    #: Subjects that no document existed of before this batch.
    fresh: set[str] = field(default_factory=set)
    #: Device chains as they shall be, by device.
    chains: dict[str, Chain] = field(default_factory=dict)
    #: Incidents that may have changed, and proposals made, by uuid.
    incidents: set[str] = field(default_factory=set)
    proposals: dict[str, Record] = field(default_factory=dict)
    #: Reports captured here that still need a folio, in order.
    unnumbered: list[str] = field(default_factory=list)
    #: Uuids under which another event was refused or held before.
    shared: set[str] = field(default_factory=set)
    #: Refusals and quarantine documents the desk's mailboxes must show or lose.
    troubles: set[str] = field(default_factory=set)
    #: Quarantine documents of what waits for its report or incident, written now or before.
    waiting: list[Trouble] = field(default_factory=list)
    #: Events that stand refused, now or since before: what waits for them waits in vain.
    declined: set[str] = field(default_factory=set)
    #: Receipts that brought back what was redacted, with the members to take out of them again.
    erase: list[tuple[Raw, list[str]]] = field(default_factory=list)
    #: Device, event id and record id of what is to be acknowledged as admitted.
    accepted: list[tuple[str, str, str]] = field(default_factory=list)
    admitted: int = 0
    refused: int = 0
    quarantined: int = 0

    @classmethod
    def begin(cls, memory: Memory, now: str) -> Draft:
        """An empty one, of this instant."""
        return cls(memory, memory.admission + 1, now, month_of(now, memory.world.timezone))

    def open(self, subject: str) -> CaseFile | None:
        """A subject's file as this batch leaves it, to look at and to add to; None where none was read."""
        found = self.files.get(subject)
        if found is None:
            known = self.memory.files.get(subject)
            if known is None:
                return None
            found = self.files[subject] = known.fork()
        return found

    def admit(self, file: CaseFile, record: Unnumbered) -> Record:
        """Number a record, put it into its file (one that was ``open``ed) and among what is written."""
        assert self.files[file.subject] is file, "memory's own is never changed"
        numbered = reading.record({**record, "admission": self.next_admission})
        self.next_admission += 1
        self.truth[numbered["_id"]] = numbered
        file.add(numbered)
        self.touched[file.subject] = file
        return numbered

    def fact(self, file: CaseFile, key: str, fact: Fact, *, at: str, month: str, flags: list[str]) -> None:
        """Record something the server decided, once: ``key`` names it, and a second time writes nothing."""
        record_id = f"record:{file.subject}:fact:{key}"
        if record_id in file.records:
            return
        self.admit(
            file,
            {
                "_id": record_id,
                "schema": "record.v1",
                "report": file.subject,
                "received_at": self.now,
                "effective_at": at,
                "month": month,
                "fact": fact,
                "late": False,
                "flags": flags,
            },
        )

    def chain(self, device: str) -> Chain:
        """The chain to change, a copy of what is stored."""
        if device not in self.chains:
            stored = self.memory.chains.stored.get(device)
            self.chains[device] = stored.copy() if stored else chains.new_chain(device)
        return self.chains[device]

    def is_shared(self, own: str) -> bool:
        """Whether more than one event was refused or held under this uuid."""
        return own in self.shared or own in self.memory.shared

    def stands(self, name: str) -> Trouble | None:
        """A refusal or quarantine document as this batch leaves it; deleted ones too."""
        found: Trouble | None = self.truth.get(name) or self.memory.known.get(name)
        return found


def remember(draft: Draft) -> None:
    """Take in what was written. Chains and incidents were, each when its revision was told."""
    memory = draft.memory
    for file in draft.files.values():
        memory.files.put(file)
    memory.admission = draft.next_admission - 1
    memory.shared |= draft.shared
    for doc in draft.waiting:
        memory.waiting.note(doc)
