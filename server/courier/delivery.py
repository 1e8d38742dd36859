"""Delivering a courier file: opened, pushed and its photos received, as if its phone had sent them.

Law: what is in the file goes through the same doors as a push and an upload, and nothing else; delivering it
again is harmless. The answer is counts: whoever carries the file learns nothing of its content.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

from server.accounts.sessions import Session
from server.courier.envelope import new_key, public_part, unseal
from server.documents.ids import EVENT_ID, SHA256
from server.evidence.uploads import TYPES, Uploads
from server.inbox.taking import MOST_DOCS, Inbox
from server.problems import Problem
from server.store.scan import scan
from sync.errors import Conflict, NotFound
from sync.interface import Database

#: Bytes of a file: two weeks of a busy leader's work with its photos.
MOST_BYTES = 48_000_000


@dataclass(frozen=True, slots=True)
class Delivered:
    received: int
    refused: int
    photos: int
    photos_refused: int


async def municipal_keys(accounts: Database) -> dict[str, dict[str, Any]]:
    """The private keys by ``kid``: the present one and those of files that may still be on their way."""
    docs = [row.read() async for row in scan(accounts, "key:courier:")]
    return {doc["jwk"]["kid"]: doc["jwk"] for doc in docs}


async def ensure_key(accounts: Database, reference: Database) -> None:
    """Give the municipality its courier key, once: private in ``accounts``, public in the settings.

    Without a settings document there is no municipality yet, and nothing is done.
    """
    while True:
        try:
            settings = await reference.get("settings")
        except NotFound:
            return
        known = await municipal_keys(accounts)
        if (settings.get("courier_key") or {}).get("kid") in known:
            return
        jwk = next(iter(known.values()), None) or new_key()
        if jwk["kid"] not in known:
            await accounts.put({"_id": f"key:courier:{jwk['kid']}", "jwk": jwk})
        try:
            await reference.put({**settings, "courier_key": public_part(jwk)})
            return
        except Conflict:
            continue


class Courier:
    """Opens files with the keys in ``accounts``; a photo has at most ``photo_bytes``."""

    def __init__(self, accounts: Database, inbox: Inbox, uploads: Uploads, photo_bytes: int) -> None:
        self._accounts = accounts
        self._inbox = inbox
        self._uploads = uploads
        self._photo_bytes = photo_bytes

    async def deliver(self, session: Session, file: bytes) -> Delivered:
        """Deliver a file. Raises ``courier_unreadable``, ``courier_key_unknown``, ``unavailable``."""
        content = unseal(file, await municipal_keys(self._accounts))
        docs = content["docs"]
        good = 0
        for start in range(0, len(docs), MOST_DOCS):
            rows = await self._inbox.take(session, docs[start : start + MOST_DOCS])
            good += sum(1 for row in rows if row.get("ok"))
        photos = content.get("photos")
        photos = photos if isinstance(photos, list) else []
        kept = 0
        for photo in photos:
            kept += await self._photo(session, photo)
        return Delivered(good, len(docs) - good, kept, len(photos) - kept)

    async def _photo(self, session: Session, photo: Any) -> bool:
        """Receive one photo; False for one that is not what it says."""
        if not isinstance(photo, dict) or photo.get("type") not in TYPES:
            return False
        sha256, event, coded = photo.get("sha256"), photo.get("event"), photo.get("data")
        if not isinstance(sha256, str) or not SHA256.match(sha256):
            return False
        if not isinstance(event, str) or not EVENT_ID.match(event):
            return False
        try:
            data = base64.b64decode(coded if isinstance(coded, str) else "!", validate=True)
        except (binascii.Error, ValueError):
            return False
        if not 0 < len(data) <= self._photo_bytes or hashlib.sha256(data).hexdigest() != sha256:
            return False
        device = session.device or f"{session.account}~page"
        upload = await self._uploads.create(session.account, device, sha256, photo["type"], event, len(data))
        try:
            await self._uploads.append(upload, 0, _once(data), None)
        except Problem:
            return False
        return True


async def _once(data: bytes) -> Any:
    yield data
