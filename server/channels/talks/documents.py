"""Documents of conversations in ``office``: their ids and first forms.

Law: no id holds a telephone, a name or a cookie: a talk's key is a keyed hash of who writes, a message's of
the channel's own id for it, so that the same message again is the same document. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NotRequired, TypedDict

from server.documents.shapes import Rating, Said, SaidAsk, SaidFresh, SaidMessage, Sending, Talk

#: Messages whose ids a talk remembers as applied; a replay finds them, an older one finds its document.
REMEMBERED = 60


class Due(TypedDict):
    """``due:…``: a mark that a message ``of`` a talk waits."""

    _id: str
    _rev: NotRequired[str]
    of: str
    at: str


def key_of(secret: bytes, channel: str, sender: str) -> str:
    """Who writes, as ids tell it: 32 hex digits."""
    return hmac.new(secret, f"talk:{channel}:{sender}".encode(), hashlib.sha256).hexdigest()[:32]


def message_key(text: str) -> str:
    """A channel's id of a message as documents' ids tell it."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def talk_id(channel: str, key: str) -> str:
    return f"talk:{channel}:{key}"


def said_id(talk: str, key: str) -> str:
    """``said:<channel>:<talk's key>:<message's key>``."""
    return f"said:{talk.removeprefix('talk:')}:{key}"


def talk_of(said: str) -> str:
    """The talk that a message belongs to."""
    return f"talk:{said.removeprefix('said:').rpartition(':')[0]}"


def new_talk(talk: str, sender: str, at: str) -> Talk:
    """A conversation before its first word was heard. ``sender``: the channel's address to answer to."""
    return {
        "_id": talk,
        "schema": "talk.v1",
        "channel": talk.removeprefix("talk:").partition(":")[0],
        "sender": sender,
        "opened_at": at,
        "heard_at": at,
        "mode": "bot",
        "urgent": False,
        "unread": 0,
        "desk": None,
        "state": None,
        "reports": [],
        "citizens": [],
        "applied": [],
        "counts": {},
        "number": 0,
    }


def heard(said: str, sender: str, at: str, sent_at: str, message: SaidMessage, fresh: SaidFresh) -> Said:
    """A citizen's message as it came; ``number`` is given when it is applied."""
    return {
        "_id": said,
        "schema": "said.v1",
        "by": "citizen",
        "at": at,
        "sent_at": sent_at,
        "sender": sender,
        "number": None,
        "message": message,
        "fresh": fresh,
    }


def reply(
    said: str, by: str, at: str, number: int, text: str, choices: list[list[str]], ask: SaidAsk
) -> Said:
    """What was answered: by ``bot``, or by an account of the desk. ``sending``: where a channel sends it."""
    return {
        "_id": said,
        "schema": "said.v1",
        "by": by,
        "at": at,
        "number": number,
        "text": text,
        "choices": choices,
        "ask": ask,
        "sending": None,
    }


def due_heard(said: str, sent_at: str) -> Due:
    """Marks a message that waits to be applied."""
    return {"_id": f"due:heard:{said.removeprefix('said:')}", "of": said, "at": sent_at}


def due_send(of: str, at: str, number: int = 0) -> Due:
    """Marks a message that waits to be sent; the first one made is the first, by its number in its talk."""
    return {"_id": f"due:send:{at}:{number:08}:{message_key(of)}", "of": of, "at": at}


def rating_id(report: str) -> str:
    return f"rating:{report}"


def rating(report: str, talk: str | None, stars: int, at: str) -> Rating:
    """How a report was left, in its citizen's eyes; the first stands. ``talk``: None, the folio page."""
    return {
        "_id": rating_id(report),
        "schema": "rating.v1",
        "report": report,
        "talk": talk,
        "stars": stars,
        "at": at,
    }


def waits(epoch: str) -> Sending:
    """``sending`` of what is to go out. Of another epoch (a restore) it is not sent: it may have been."""
    return {"state": "waiting", "epoch": epoch, "attempts": [], "not_before": None, "remote": None}
