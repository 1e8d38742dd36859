"""What a conversation is told: a citizen's message, and what became of an act.

Law: whatever a channel sends is one of these before any rule sees it; no rule knows by which channel. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from server.documents.shapes import Photo

Kind = Literal["text", "choice", "location", "photo", "voice", "other"]


@dataclass(frozen=True, slots=True)
class Message:
    """``text``: what was written, a photo's caption, or the id of a choice. ``photo``: its entry in an
    event's ``photos``, None where it was refused, and ``refused`` says why (es-MX). ``late``: sent before
    the last question was asked, so no answer to it.
    """

    kind: Kind
    text: str = ""
    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None
    photo: Photo | None = None
    refused: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Fresh:
    """Two new uuid7, which a message may need: of a report, and of an event."""

    report: str
    own: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a report. ``folio`` None: received, intake has not answered yet.
    ``trouble``: refused, why.
    """

    report: str
    event: str
    folio: str | None
    provisional: str
    code: str
    promised: str | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What is told of a folio: lines (es-MX), none where it is unknown. ``limited``: too many were asked."""

    folio: str
    lines: tuple[str, ...] = ()
    limited: bool = False
