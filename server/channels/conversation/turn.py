"""What a conversation does next: replies, acts for whoever runs it, and the steps that are counted.

Law: a reply is words and choices; how a channel shows them is the channel's. An act names all it needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from server.channels.conversation.state import Draft, State
from server.documents.shapes import Photo

Ask = Literal["text", "location", "photo"]


@dataclass(frozen=True, slots=True)
class Reply:
    """``choices``: id and title of each; ``ask``: what would answer best."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()
    ask: Ask = "text"


@dataclass(frozen=True, slots=True)
class Register:
    """Make the captured event of this draft; answer with ``Registered``."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class AddPhoto:
    """A photo for a report made here: ``of`` its captured event, ``own`` the new event's uuid."""

    report: str
    of: str
    own: str
    photo: Photo


@dataclass(frozen=True, slots=True)
class LookUp:
    """Answer with ``LookedUp``."""

    folio: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How a finished report was left, in its citizen's eyes: 1 to 5."""

    report: str
    stars: int


Act = Register | AddPhoto | LookUp | Rate


@dataclass(slots=True)
class Turn:
    """``steps``: names of what happened, counted for the figures."""

    state: State
    replies: list[Reply] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.replies.append(Reply(text))

    def ask(self, step: str, text: str, choices: tuple[tuple[str, str], ...] = (), ask: Ask = "text") -> None:
        """Ask for the answer of a step: from now on a message is one."""
        self.state.step = step
        self.state.offered = [list(pair) for pair in choices]
        self.replies.append(Reply(text, choices, ask))
        self.steps.append(step.partition(":")[0])
