"""``blob:<sha256>``, the document of a photo: who brought its bytes, and what was found of them.

Law: the server alone reads it, so no schema is published; the bytes are in the store (``blobstore.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict


class BlobDelivery(TypedDict):
    """The device that brought the bytes, and the event they are for."""

    device: str
    event: str


class Blob(TypedDict):
    """``verdict`` is ``pending`` from the moment the bytes are durable; ``width`` and ``height`` are
    pixels.
    """

    _id: str
    _rev: NotRequired[str]
    schema: str
    sha256: str
    bytes: int
    type: str
    received_at: str
    verdict: Literal["pending", "ok", "refused"]
    code: NotRequired[str | None]
    width: NotRequired[int | None]
    height: NotRequired[int | None]
    judged_at: NotRequired[str]
    redacted_at: NotRequired[str]
    redaction: NotRequired[str]
    deliveries: list[BlobDelivery]


def blob(stored: Mapping[str, Any]) -> Blob:
    """A document of ``evidence`` as what it is."""
    found: Any = stored
    read: Blob = found
    return read
