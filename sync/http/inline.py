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
from sync.interface import Attachment, Database, DocOptions, JsonBytes
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


async def related(
    db: Database, raw: JsonBytes, boundary: str, *, atts_since: Sequence[str] | None = None
) -> AsyncIterator[bytes]:
    """A document as multipart/related: its JSON with ``follows``, then each attachment as it is stored."""
    doc = jsontext.loads(raw)
    names = await _lacking(db, doc, atts_since)
    attachments: list[Attachment] = []
    for name in names:
        stub = doc["_attachments"][name]
        attachment = await db.get_attachment(doc["_id"], name, rev=doc["_rev"])
        attachments.append(attachment)
        del stub["stub"]
        stub["follows"] = True
        if attachment.meta.encoding is not None:
            stub["encoding"] = attachment.meta.encoding
            stub["encoded_length"] = attachment.meta.encoded_length
    yield opening(boundary, "application/json", first=True) + jsontext.dumps(doc)
    for name, attachment in zip(names, attachments, strict=True):
        meta = attachment.meta
        headers = [disposition(name), ("Content-Length", str(meta.encoded_length or meta.length))]
        if meta.encoding is not None:
            headers.append(("Content-Encoding", meta.encoding))
        yield opening(boundary, meta.content_type, *headers)
        async for chunk in attachment.chunks:
            yield chunk
    yield closing(boundary)
