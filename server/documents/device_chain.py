"""``chain:<device>`` of ``cases``: what intake knows of one device, and whole pages of what it listed before.

Law: the server alone reads it, so no schema is published; what a device is told of it is ``ack.v1``
(``server/delivery/acknowledgement.py``).
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from server.documents.shapes import AcknowledgementPhoto, Refused


class ListedTrouble(Refused):
    """A refused or quarantined event; ``seq``: its number, None where that is none of the chain's own."""

    seq: NotRequired[int | None]


class Head(TypedDict):
    """The event with the highest number that came."""

    seq: int
    hash: str
    effective_at: str


class Chain(TypedDict):
    """Ranges are ``[low, high]``, both within. ``items``: ``[event id, admission, folio]``.

    ``unlisted``: numbers that came and are listed no more. ``gapped``: ``[number, event id]`` of records that
    say one before them is missing. ``pages``: how many were closed; ``paged``: the highest admission in them.
    """

    _id: str
    _rev: NotRequired[str]
    schema: str
    through: int
    gaps: list[list[int]]
    unlisted: list[list[int]]
    merging: bool
    head: Head | None
    items: list[list[str | int | None]]
    refused: list[ListedTrouble]
    quarantined: list[ListedTrouble]
    photos: list[AcknowledgementPhoto]
    gapped: list[Any]
    pages: int
    paged: int
