"""What the Cloud API's webhook brings, as messages of conversations and states of what was sent.

Law: nothing is read of a body whose signature is not ours. What is of another number or of no kind that is
known is left out, and one broken entry takes nothing else with it. Pure. (Cloud API, Webhooks: payload
reference; Graph API, Webhooks: validating payloads.)
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from server.documents.shapes import SaidMessage
from server.instants import say

Json = dict[str, Any]

#: Bytes of a payload (Cloud API, Webhooks: up to 3 MB).
MOST = 3_145_728
#: Letters of a message that is kept.
_TEXT = 65_536
_PHOTOS = ("image/jpeg", "image/png", "image/webp")
_STATES = ("sent", "delivered", "read", "failed")


@dataclass(frozen=True, slots=True)
class Came:
    """A citizen's message. ``sender``: their WhatsApp id; ``sent_at``: an instant."""

    id: str
    sender: str
    sent_at: str
    message: SaidMessage


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a message of ours: ``of`` is the document's id that was sent along."""

    of: str
    remote: str
    state: str
    why: str = ""


def is_signed(secret: str, body: bytes, header: str) -> bool:
    """Whether ``X-Hub-Signature-256`` is the HMAC of these very bytes under the app's secret."""
    wanted = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), header.encode("utf-8", "replace"))


def read(payload: Json, number: str) -> tuple[list[Came], list[Became]]:
    """The messages and states of a payload that are of the telephone number id ``number``."""
    came: list[Came] = []
    became: list[Became] = []
    for value in _values(payload):
        metadata = value.get("metadata")
        if not isinstance(metadata, dict) or str(metadata.get("phone_number_id")) != number:
            continue
        for message in _objects(value.get("messages")):
            found = _message(message)
            if found is not None:
                came.append(found)
        for status in _objects(value.get("statuses")):
            state = status.get("status")
            of = status.get("biz_opaque_callback_data")
            if state in _STATES and isinstance(of, str):
                errors = _objects(status.get("errors"))
                why = next((f"{one.get('code')} {one.get('title') or ''}".strip() for one in errors), "")
                became.append(Became(of, str(status.get("id") or ""), str(state), why[:300]))
    return came, became


def _values(payload: Json) -> Iterator[Json]:
    for entry in _objects(payload.get("entry")):
        for change in _objects(entry.get("changes")):
            value = change.get("value")
            if change.get("field") == "messages" and isinstance(value, dict):
                yield value


def _objects(value: Any) -> Iterator[Json]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _message(message: Json) -> Came | None:
    own, sender = message.get("id"), message.get("from")
    if not isinstance(own, str) or not isinstance(sender, str) or not own or not sender.isdecimal():
        return None
    said = _said(message)
    return None if said is None else Came(own, sender[:32], _instant(message.get("timestamp")), said)


def _said(message: Json) -> SaidMessage | None:
    """The message as conversations keep it; None for what asks for no answer."""
    kind = message.get("type")
    part = message.get(kind) if isinstance(kind, str) else None
    part = part if isinstance(part, dict) else {}
    if kind == "text":
        return {"kind": "text", "text": _text(part.get("body"))}
    if kind == "button":
        return {"kind": "choice", "text": _text(part.get("payload") or part.get("text"))[:256]}
    if kind == "interactive":
        reply = part.get(str(part.get("type")))
        reply = reply if isinstance(reply, dict) else {}
        return {
            "kind": "choice",
            "text": _text(reply.get("id"))[:256],
            "title": _text(reply.get("title"))[:256],
        }
    if kind == "location":
        lat, lon = part.get("latitude"), part.get("longitude")
        if not isinstance(lat, int | float) or not isinstance(lon, int | float):
            return {"kind": "other"}
        words = ", ".join(filter(None, (_text(part.get("name")), _text(part.get("address")))))
        return {"kind": "location", "lat": float(lat), "lon": float(lon), "text": words[:1_000]}
    if kind == "image" or (kind == "document" and part.get("mime_type") in _PHOTOS):
        media = {"id": str(part.get("id") or "")[:200]}
        return {"kind": "photo", "text": _text(part.get("caption")), "media": media}
    if kind == "audio":
        return {"kind": "voice"}
    # A thumb up, or a change of number, is no message.
    return None if kind in ("reaction", "system") else {"kind": "other"}


def _text(value: Any) -> str:
    return value[:_TEXT] if isinstance(value, str) else ""


def _instant(value: Any) -> str:
    """Seconds since 1970, as text; what is none sorts first."""
    text = str(value)
    seconds = int(text) if text.isdecimal() and len(text) <= 11 else 0
    return say(datetime.fromtimestamp(min(seconds, 4_102_444_800), UTC))
