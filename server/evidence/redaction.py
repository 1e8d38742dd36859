"""A photo is erased: its bytes and derivatives go, the fact that there was one stays.

Law: the document is marked first, so that nobody is shown a photo whose bytes are going; erasing again is
harmless. Backups lose it when they are deleted.
"""

from __future__ import annotations

from server.clock import Clock
from server.documents.ids import blob_id
from server.evidence.blobstore import BlobStore, derivative
from server.evidence.examination import WIDTHS
from server.instants import say
from sync.errors import Conflict, NotFound
from sync.interface import Database


async def redact_photo(evidence: Database, blobs: BlobStore, clock: Clock, sha256: str, reason: str) -> bool:
    """Erase a photo; False where there is none."""
    while True:
        try:
            doc = await evidence.get(blob_id(sha256))
        except NotFound:
            return False
        if "redacted_at" in doc:
            break
        try:
            await evidence.put({**doc, "redacted_at": say(clock.now()), "redaction": reason})
            break
        except Conflict:
            continue
    for name in (*(derivative(sha256, width) for width in WIDTHS), sha256):
        await blobs.delete(name)
    return True
