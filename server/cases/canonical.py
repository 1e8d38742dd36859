"""The canonical form of a document: RFC 8785 (JSON Canonicalization Scheme), and the hashes taken over it.

Law: equal JSON values give equal bytes, here and in the browser, whatever the order of members, the spacing
or the way a number was written. What has no such form (NaN, infinities, integers beyond 2^53, lone
surrogates) is refused, never rounded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


class CanonicalError(ValueError):
    """The value has no canonical form; the message says which part."""


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value. Raises ``CanonicalError``."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise CanonicalError(str(error)) from error


def event_hash(event: Mapping[str, Any]) -> str:
    """Hex SHA-256 of an event with ``_id`` and ``sig``: the ``prev`` of that device's next event."""
    return hashlib.sha256(canonical({k: v for k, v in event.items() if k != "_rev"})).hexdigest()


def signed_bytes(event: Mapping[str, Any]) -> bytes:
    """What a device signs: the event with ``_id``, without ``sig`` (``_rev`` is the database's)."""
    return canonical({k: v for k, v in event.items() if k not in ("sig", "_rev")})


def citizen_hash(content: Mapping[str, Any], salt: str) -> str:
    """Hex SHA-256 of ``{"content": …, "salt": …}``: the last part of a citizen document's id."""
    return hashlib.sha256(canonical({"content": content, "salt": salt})).hexdigest()
