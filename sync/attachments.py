"""Which attachments of a document a reader still lacks, and their content whatever encoding they rest in.

Law: a document is looked into only if it may have attachments; bytes pass chunk by chunk.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from sync.errors import BadRequest
from sync.interface import Attachment, JsonBytes

#: Inflating more than this at once would let a small compressed body take much memory.
_INFLATE_STEP = 1 << 20

_NAMED = b'"_attachments":{'


def has_attachments(doc: JsonBytes) -> bool:
    """False for certain; True may be a member of the body deeper down, which costs only a parse."""
    return _NAMED in doc


def wanted(doc: Mapping[str, Any], atts_since: Sequence[str] | None) -> list[str]:
    """The attachments a reader lacks who has the revisions ``atts_since``.

    Those added after the newest of these revisions in the document's own history (CouchDB's API,
    ``GET /{db}/{docid}``, "atts_since"); all of them when none is an ancestor.
    """
    stubs: dict[str, Any] = doc.get("_attachments", {})
    known = 0
    if atts_since:
        history = doc.get("_revisions", {"start": 0, "ids": []})
        path = {
            f"{history['start'] - at}-{rev}": history["start"] - at for at, rev in enumerate(history["ids"])
        }
        known = max((path[rev] for rev in atts_since if rev in path), default=0)
    return [name for name, stub in stubs.items() if stub.get("revpos", 0) > known]


async def plain(attachment: Attachment) -> AsyncIterator[bytes]:
    """The content itself, whatever encoding it is stored in."""
    chunks = attachment.chunks if attachment.meta.encoding is None else inflate(attachment.chunks)
    async for chunk in chunks:
        yield chunk


async def inflate(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Undo gzip in steps of bounded size. Raises ``BadRequest`` for damaged or truncated data."""
    inflater = zlib.decompressobj(31)
    try:
        async for chunk in chunks:
            if inflater.eof:
                raise BadRequest("Data after the end of the gzip body")
            while chunk:
                yield inflater.decompress(chunk, _INFLATE_STEP)
                chunk = inflater.unconsumed_tail
    except zlib.error as error:
        raise BadRequest("The body is not valid gzip") from error
    if not inflater.eof:
        raise BadRequest("The gzip body is truncated")
