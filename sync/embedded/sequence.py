"""Sequences as they are shown: ``<number>-<tag>``, where the tag is the database's own.

Law: a sequence from another database, or from one of the same name that was deleted or restored, means the
beginning. Its reader is sent everything again rather than nothing it lacks.
"""

from __future__ import annotations

import re

from sync.embedded.record import Header
from sync.errors import BadRequest

#: Digits of the database's uuid that tell it apart from its namesakes.
TAG = 8

_SEQ = re.compile(r"([0-9]{1,15})(?:-([0-9a-f]{8}))?")


def show(head: Header, seq: int) -> str:
    return f"{seq}-{head.uuid[:TAG]}"


def read(head: Header, since: str) -> int:
    """Raises ``BadRequest`` for what is no sequence."""
    if since == "now":
        return head.update_seq
    match = _SEQ.fullmatch(since)
    if match is None:
        raise BadRequest("Malformed sequence supplied in 'since' parameter.")
    return int(match[1]) if match[2] in (None, head.uuid[:TAG]) else 0
