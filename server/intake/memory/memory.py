"""Everything intake remembers between receipts, in one place.

Law: this is the only owner of what is remembered. Deciding looks at it and changes nothing; what was decided
is taken in when it is written (``remember`` in ``deciding/draft.py``), and where the writing fails all of it
that may be ahead of the store is thrown away and read again. Values only: no engine, no clock, no file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.accounts.model import Device
from server.cases.scope import Scope
from server.documents.redacted import Redacted
from server.documents.shapes import Incident
from server.evidence.blob import Blob
from server.intake.memory.casefile import CaseFiles
from server.intake.memory.chains import Chains
from server.intake.memory.keys import Keys
from server.intake.memory.waiting import Waiting
from server.municipality.world import World


@dataclass(slots=True)
class Memory:
    """``device`` finds an enrolled device, ``actor`` an account's scope at an instant: in memory, both."""

    world: World
    device: Callable[[str], Device | None]
    actor: Callable[[str], Callable[[str], Scope]]
    #: Incidents as stored, by uuid.
    incidents: dict[str, Incident] = field(default_factory=dict)
    #: Whether they are as stored: after a writing that failed nobody knows.
    incidents_known: bool = False
    files: CaseFiles = field(default_factory=CaseFiles)
    chains: Chains = field(default_factory=Chains)
    waiting: Waiting = field(default_factory=Waiting)
    keys: Keys = field(default_factory=Keys)
    #: The highest admission number given.
    admission: int = 0
    #: What the law had removed from which event.
    redacted: dict[str, Redacted] = field(default_factory=dict)
    #: From when to when a restore lost what was admitted.
    lost: tuple[str, str] | None = None
    #: Uuids under which more than one event was refused or held (``judging/held.py``).
    shared: set[str] = field(default_factory=set)
    #: Until the inbox was read to its end once: what is met again may have been left half done.
    recovering: bool = True

    #: Of the receipts at hand: what ``cases`` says under their events' names, and photos that came already.
    known: dict[str, Any] = field(default_factory=dict)
    blobs: dict[str, Blob] = field(default_factory=dict)
    #: Those that failed too often to be tried again, by ``key_of``, and why.
    given_up: dict[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """Throw away what may be ahead of the stored truth, and look twice at what comes again."""
        self.chains.forget()
        self.files.forget()
        self.incidents_known = False
        self.recovering = True
