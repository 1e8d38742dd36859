"""Photos that come with an act of a page: delivered for its event before the event is sealed.

Law: a photo that is not delivered is not named by the event; what a picture is, its first bytes say.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from server.documents.shapes import Photo, PhotoType
from server.evidence.uploads import Uploads
from server.problems import Problem

#: First bytes of what phones and cameras send (ISO/IEC 10918-1 B.1.1.3; PNG 5.2; RFC 9649 2.4).
_BEGINNINGS: tuple[tuple[bytes, PhotoType], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)


def type_of(data: bytes) -> PhotoType | None:
    """The picture's media type, or None for what is none that is taken."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


async def deliver(uploads: Uploads, account: str, device: str, event: str, data: bytes) -> Photo:
    """Deliver a photo for ``event``; its entry in the event's ``photos``. Raises ``photo_type_unknown``."""
    kind = type_of(data)
    if kind is None:
        raise Problem("photo_type_unknown", "no JPEG, PNG or WebP")
    sha256 = hashlib.sha256(data).hexdigest()
    upload = await uploads.create(account, device, sha256, kind, event, len(data))
    await uploads.append(upload, 0, _once(data), None)
    return {"sha256": sha256, "origin": "gallery", "bytes": len(data), "type": kind}


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
