"""What carries a message out: one seam for WhatsApp, Messenger, SMS and mail.

Law: a carrier says one of four things of a message: it has it (the carrier's own id), it will never take it
(``NotTaken``), it did not get it (``TryLater``), or nobody can tell (``Unknown``); only the third is tried
again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """``id``: of its document, told to a carrier that tells it back. ``step``: which notice it is (``folio``,
    ``in_progress``, ``finished``, ``survey``), empty for a word of a conversation. ``values``: of a template.
    ``open``: the citizen wrote within the last 24 hours.
    """

    id: str
    to: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()
    ask: str = "text"
    step: str = ""
    values: tuple[str, ...] = ()
    open: bool = True


class NotTaken(Exception):
    """Refused for good; the text says why, for the desk."""


class TryLater(Exception):
    """It was not taken, and may be later. ``seconds``: not before, where the carrier says so."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class Unknown(Exception):
    """It may have been taken: never sent again."""


class Carrier(Protocol):
    """One channel's way out."""

    async def send(self, message: Outgoing) -> str | None:
        """Hand it over; the carrier's own id. Raises ``NotTaken``, ``TryLater``, ``Unknown``."""
        ...
