"""Documents with their attachments' bytes, as base64 in JSON or as multipart parts, made while they are sent.

Law: an attachment is never whole in memory: its bytes go from the engine to the client chunk by chunk.
A document without attachments passes through as the bytes it is stored in.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sync import jsontext
from sync.attachments import has_attachments, plain, wanted
from sync.interface import Attachment, AttachmentMeta, Database, DocOptions, JsonBytes
from sync.multipart import closing, disposition, opening

Json = dict[str, Any]


async def _lacking(db: Database, doc: Json, atts_since: Sequence[str] | None) -> list[str]:
    """``wanted``, with the history read where the document does not carry it."""
    if atts_since and "_revisions" not in doc:
        history = await db.get(doc["_id"], DocOptions(rev=doc["_rev"], revs=True))
        doc = {**doc, "_revisions": history["_revisions"]}
    return wanted(doc, atts_since)


async def inlined(
    db: Database, raw: JsonBytes, *, atts_since: Sequence[str] | None = None, encoded: bool = False
) -> AsyncIterator[bytes]:
    """A document's JSON with ``data`` in place of stubs; ``encoded`` keeps gzip (att_encoding_info)."""
    if not has_attachments(raw):
        yield raw
        return
    doc = jsontext.loads(raw)
    stubs: Json = doc.pop("_attachments", {})
    if not stubs:
        yield raw
        return
    send = await _lacking(db, {**doc, "_attachments": stubs}, atts_since)
    yield jsontext.dumps(doc)[:-1] + b',"_attachments":{'
    for at, (name, stub) in enumerate(stubs.items()):
        yield (b"," if at else b"") + jsontext.dumps(name) + b":"
        if name not in send:
            yield jsontext.dumps(stub)
            continue
        attachment = await db.get_attachment(doc["_id"], name, rev=doc["_rev"])
        entry = {
            key: value
            for key, value in stub.items()
            if key not in ("stub", "length", "encoding", "encoded_length")
        }
        if encoded and attachment.meta.encoding is not None:
            entry["encoding"] = attachment.meta.encoding
        yield jsontext.dumps(entry)[:-1] + b',"data":"'
        carry = b""
        async for chunk in attachment.chunks if encoded else plain(attachment):
            chunk = carry + chunk
            whole = len(chunk) - len(chunk) % 3
            carry = chunk[whole:]
            yield base64.b64encode(chunk[:whole])
        yield base64.b64encode(carry) + b'"}'
    yield b"}}"


async def as_parts(
    db: Database, raw: JsonBytes, boundary: str, *, atts_since: Sequence[str] | None = None
) -> tuple[str, AsyncIterator[bytes]]:
    """A document and what its reader lacks: the content type, and the bytes.

    multipart/related where attachments follow, plain JSON where none does; an empty one stands in the
    document. A CouchDB that is sent a multipart document whose parts have no bytes waits for them for ever.
    """
    if not has_attachments(raw):
        return "application/json", _whole(raw)
    doc = jsontext.loads(raw)
    attachments: list[Attachment] = []
    for name in await _lacking(db, doc, atts_since):
        stub = doc["_attachments"][name]
        attachment = await db.get_attachment(doc["_id"], name, rev=doc["_rev"])
        meta = attachment.meta
        del stub["stub"]
        if not stored_length(meta):
            del stub["length"]
            stub["data"] = ""
            continue
        attachments.append(attachment)
        stub["follows"] = True
        if meta.encoding is not None:
            stub["encoding"] = meta.encoding
            stub["encoded_length"] = meta.encoded_length
    if not attachments:
        return "application/json", _whole(jsontext.dumps(doc))
    return f'multipart/related; boundary="{boundary}"', _related(doc, attachments, boundary)


def stored_length(meta: AttachmentMeta) -> int:
    """Bytes of an attachment as it is stored and travels."""
    return meta.length if meta.encoded_length is None else meta.encoded_length


async def _whole(raw: JsonBytes) -> AsyncIterator[bytes]:
    yield raw


async def _related(doc: Json, attachments: list[Attachment], boundary: str) -> AsyncIterator[bytes]:
    """The document's JSON with ``follows``, then each attachment as it is stored."""
    yield opening(boundary, "application/json", first=True) + jsontext.dumps(doc)
    for attachment in attachments:
        meta = attachment.meta
        headers = [disposition(meta.name), ("Content-Length", str(stored_length(meta)))]
        if meta.encoding is not None:
            headers.append(("Content-Encoding", meta.encoding))
        yield opening(boundary, meta.content_type, *headers)
        async for chunk in attachment.chunks:
            yield chunk
    yield closing(boundary)
