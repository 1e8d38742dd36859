"""Attachments by name: whole or a range, streamed both ways.

Law: bytes pass chunk by chunk; the ETag is the digest, so a client that has the bytes is sent none.
Source: CouchDB's API reference, "/{db}/{docid}/{attname}"; ranges: RFC 9110 section 14.
"""

from __future__ import annotations

import base64
import binascii
import re

from sync.attachments import plain
from sync.errors import BadRequest, RangeNotSatisfiable, TooLarge
from sync.http.context import Context
from sync.http.document import bounded, named_rev
from sync.http.reply import Headers, Reply, Stream, json_reply
from sync.http.request import Request
from sync.interface import AttachmentMeta, Database

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


async def get(context: Context, request: Request, db: Database, doc_id: str, name: str) -> Reply | Stream:
    rev = request.query.get("rev")
    attachment = await db.get_attachment(doc_id, name, rev=rev)
    meta = attachment.meta
    etag = b'"%s"' % meta.digest.removeprefix("md5-").encode()
    headers: Headers = [
        (b"etag", etag),
        (b"cache-control", b"must-revalidate"),
        # What a user stored must never run as a page of this server.
        (b"content-security-policy", b"sandbox"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if request.has_already(etag):
        return Reply(b"", 304, headers)
    headers.append((b"content-type", _header_value(meta.content_type)))
    if meta.encoding is None:
        headers += [(b"accept-ranges", b"bytes"), (b"content-md5", _md5(meta))]
        span = _span(request, meta.length, etag)
        if span is not None:
            start, end = span
            part = await db.get_attachment(doc_id, name, rev=rev, start=start, end=end)
            headers.append((b"content-range", b"bytes %d-%d/%d" % (start, end, meta.length)))
            return Stream(part.chunks, 206, headers, length=end - start + 1)
        return Stream(attachment.chunks, 200, headers, length=meta.length)
    # Stored compressed, as CouchDB stores text: no ranges then, and sent so to whoever can read it.
    headers.append((b"accept-ranges", b"none"))
    if request.wants_gzip:
        headers += [(b"content-encoding", meta.encoding.encode()), (b"vary", b"accept-encoding")]
        return Stream(attachment.chunks, 200, headers, length=meta.encoded_length)
    return Stream(plain(attachment), 200, headers, length=meta.length)


def _header_value(text: str) -> bytes:
    """A stored content type as a header: what cannot stand in one is left out."""
    return re.sub(r"[^\x20-\x7e]", "", text).encode() or b"application/octet-stream"


def _md5(meta: AttachmentMeta) -> bytes:
    return meta.digest.removeprefix("md5-").encode()


def _span(request: Request, length: int, etag: bytes) -> tuple[int, int] | None:
    """First and last byte asked for; None for the whole. Raises ``RangeNotSatisfiable``."""
    value = request.header(b"range")
    condition = request.headers.get(b"if-range")
    if not value or (condition is not None and condition != etag):
        return None
    match = _RANGE.fullmatch(value.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None  # several ranges or another unit: RFC 9110 lets a server answer with the whole
    first, last = match.groups()
    if first == "":
        start, end = max(0, length - int(last)), length - 1
    else:
        start, end = int(first), min(int(last), length - 1) if last else length - 1
        if start == 0 and not last:
            return None  # the whole, as CouchDB answers it
    if start >= length or end < start:
        raise RangeNotSatisfiable("Requested range not satisfiable")
    return start, end


async def put(context: Context, request: Request, db: Database, doc_id: str, name: str) -> Reply:
    length = request.content_length
    if length is not None and length > context.limits.attachment:
        raise TooLarge("attachment_too_large")
    rev = named_rev(request)
    new_rev = await db.put_attachment(
        doc_id,
        name,
        request.header(b"content-type") or "application/octet-stream",
        bounded(request.content(), context.limits.attachment),
        rev=rev,
        digest=_sent_digest(request),
    )
    headers = [(b"etag", b'"%s"' % new_rev.encode()), request.location()]
    return json_reply({"ok": True, "id": doc_id, "rev": new_rev}, 201, headers)


def _sent_digest(request: Request) -> str | None:
    """Content-MD5 as a digest. Raises ``BadRequest`` when it is no MD5."""
    value = request.header(b"content-md5").strip()
    if not value:
        return None
    try:
        if len(base64.b64decode(value, validate=True)) != 16:
            raise BadRequest("Invalid Content-MD5")
    except binascii.Error as error:
        raise BadRequest("Invalid Content-MD5") from error
    return f"md5-{value}"


async def delete(context: Context, request: Request, db: Database, doc_id: str, name: str) -> Reply:
    rev = named_rev(request)
    if rev is None:
        await db.get_attachment(doc_id, name)
        return json_reply({"error": "conflict", "reason": "Document update conflict."}, 409)
    new_rev = await db.delete_attachment(doc_id, name, rev)
    return json_reply({"ok": True, "id": doc_id, "rev": new_rev})
