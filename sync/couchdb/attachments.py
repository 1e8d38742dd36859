"""Attachments of one CouchDB database, streamed over HTTP.

Law: bytes pass chunk by chunk, as stored; what breaks off on the way is stored nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from sync import jsontext
from sync.couchdb import wire
from sync.couchdb.confirm import written
from sync.couchdb.connection import Connection, doc_path
from sync.errors import NotFound, PreconditionFailed
from sync.interface import Attachment
from sync.multipart import closing, disposition, opening

Json = dict[str, Any]


class Attachments:
    """``path`` is the database's name on the server, escaped for a URL."""

    def __init__(self, connection: Connection, path: str) -> None:
        self._connection = connection
        self._path = path

    def read(self, doc: Json, name: str, start: int, end: int | None) -> Attachment:
        """An attachment of ``doc``, read with att_encoding_info. Raises ``NotFound``."""
        stub = doc.get("_attachments", {}).get(name)
        if stub is None:
            raise NotFound("Document is missing attachment")
        meta = wire.attachment_meta(name, stub)
        return Attachment(meta, self._chunks(doc["_id"], name, doc["_rev"], meta.encoding, start, end))

    async def _chunks(
        self, doc_id: str, name: str, rev: str, encoding: str | None, start: int, end: int | None
    ) -> AsyncIterator[bytes]:
        """The bytes as stored; the range is cut out of what a server sends that ignores ranges."""
        headers = {"accept": "*/*", "accept-encoding": encoding or "identity"}
        ranged = (start > 0 or end is not None) and encoding is None
        if ranged:
            headers["range"] = f"bytes={start}-{'' if end is None else end}"
        async with self._connection.stream(
            self._path + "/" + doc_path(doc_id) + _below(name), params={"rev": rev}, headers=headers
        ) as got:
            at = start if got.status_code == 206 else 0
            async for chunk in got.aiter_raw():
                first, last = max(start - at, 0), len(chunk) if end is None else min(end + 1 - at, len(chunk))
                at += len(chunk)
                if first < last:
                    yield chunk if (first, last) == (0, len(chunk)) else chunk[first:last]

    async def put(
        self, doc_id: str, name: str, content_type: str, chunks: AsyncIterator[bytes],
        rev: str | None, digest: str | None,
    ) -> str:  # fmt: skip
        headers = {"content-type": content_type}
        if digest is not None:
            headers["content-md5"] = digest.removeprefix("md5-")
            chunks = _checked(chunks, digest)
        params: wire.Params = {} if rev is None else {"rev": rev}
        return await written(
            self._connection, self._path, "PUT", doc_id,
            below=_below(name), params=params, content=chunks, headers=headers,
        )  # fmt: skip

    async def delete(self, doc_id: str, name: str, rev: str) -> str:
        return await written(
            self._connection, self._path, "DELETE", doc_id, below=_below(name), params={"rev": rev}
        )

    async def put_multipart(
        self,
        doc: Json,
        attachments: AsyncIterator[tuple[str, AsyncIterator[bytes]]],
        *,
        new_edits: bool = True,
    ) -> str:
        params: wire.Params = {} if new_edits else {"new_edits": False}
        history = doc.get("_revisions")
        rev = doc.get("_rev") or (f"{history['start']}-{history['ids'][0]}" if history else None)
        known = None if new_edits else rev
        entries: Json = {name: _within_if_empty(entry) for name, entry in doc.get("_attachments", {}).items()}
        sent = jsontext.dumps({**doc, "_attachments": entries})
        follows = [name for name, entry in entries.items() if entry.get("follows")]
        boundary = secrets.token_hex(16)
        head = opening(boundary, "application/json", first=True) + sent
        parts = {
            name: opening(
                boundary, entries[name].get("content_type", "application/octet-stream"), disposition(name)
            )
            for name in follows
        }

        async def body() -> AsyncIterator[bytes]:
            yield head
            async for name, chunks in attachments:
                yield parts.get(name, b"")
                async for chunk in chunks:
                    yield chunk
            yield closing(boundary)

        headers = {"content-type": f'multipart/related; boundary="{boundary}"'}
        content: bytes | AsyncIterator[bytes] = body()
        lengths = [entries[name].get("encoded_length", entries[name].get("length")) for name in parts]
        if not follows:
            headers, content = {}, sent
        elif all(isinstance(length, int) for length in lengths):
            # CouchDB reads a body of known length with less buffering.
            size = len(head) + sum(map(len, parts.values())) + sum(lengths) + len(closing(boundary))
            headers["content-length"] = str(size)
        return await written(
            self._connection, self._path, "PUT", doc["_id"],
            params=params, content=content, headers=headers, known=known,
        )  # fmt: skip


def _within_if_empty(entry: Json) -> Json:
    """An attachment without bytes stands in the document: a CouchDB waits for its part without end.

    So it does (3.5.0, between two CouchDBs too) for any multipart document whose parts have no bytes.
    """
    if not entry.get("follows") or entry.get("encoded_length", entry.get("length")) != 0:
        return entry
    return {name: value for name, value in entry.items() if name not in ("follows", "length")} | {"data": ""}


def _below(name: str) -> str:
    return f"/{quote(name, safe='')}"


async def _checked(chunks: AsyncIterator[bytes], digest: str) -> AsyncIterator[bytes]:
    """The chunks; breaks them off if they differ, for CouchDB compares no digest of a stream."""
    md5 = hashlib.md5(usedforsecurity=False)
    async for chunk in chunks:
        md5.update(chunk)
        yield chunk
    if f"md5-{base64.b64encode(md5.digest()).decode()}" != digest:
        raise PreconditionFailed("The attachment does not have the digest that was named.")
