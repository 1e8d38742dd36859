"""The canonical form of a document: RFC 8785 (JSON Canonicalization Scheme), and the hashes taken over it.

Law: equal JSON values give equal bytes, here and in the browser, whatever the order of members, the spacing
or the way a number was written. Every number is the IEEE 754 double that a browser reads in its place
(RFC 8785, section 3.2.2.3); what has no such form (NaN, infinities, lone surrogates) is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import rfc8785

_SAFE = 2**53 - 1
#: What the two writers raise over a value that has no form.
_FAILURES = (
    OverflowError, orjson.JSONEncodeError, rfc8785.CanonicalizationError, UnicodeError, RecursionError,
)  # fmt: skip


def _is_plain(value: Any) -> bool:
    """Whether orjson's spelling of a value is the RFC's: ASCII names, safe integers, everyday fractions.

    Names: by code unit (3.2.3) and by code point is the same order in ASCII. Fractions from 1e-5 on are
    spelled without an exponent by both; a whole double has a ``.0`` in orjson, and none in the RFC.
    """
    kind = type(value)
    if kind is str:
        return True
    if kind is dict:
        if not all(type(name) is str and name.isascii() for name in value):
            return False
        return all(map(_is_plain, value.values()))
    if kind is list:
        return all(map(_is_plain, value))
    if kind is int:
        return bool(-_SAFE <= value <= _SAFE)
    if kind is float:
        return bool(1e-5 <= abs(value) < 1e15 and not value.is_integer())
    return value is None or kind is bool


class CanonicalError(ValueError):
    """The value has no canonical form; the message says which part."""


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value. Raises ``CanonicalError``."""
    try:
        if not _is_plain(value):
            value = _whole(value)
        if _is_plain(value):
            # What orjson writes as the RFC wants it, ten times faster: nearly every event there is.
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        try:
            return rfc8785.dumps(value)
        except rfc8785.IntegerDomainError:  # beyond 2^53 Python holds digits that no browser does
            return rfc8785.dumps(_doubles(value))
    except _FAILURES as error:
        raise CanonicalError(str(error)) from error


def _whole(value: Any) -> Any:
    """Whole doubles as the integers the RFC spells them as: ``8.0`` is ``8``."""
    if isinstance(value, dict):
        return {name: _whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, float) and abs(value) <= _SAFE and value.is_integer():
        return int(value)
    return value


def _doubles(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _doubles(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_doubles(item) for item in value]
    if isinstance(value, int) and abs(value) > _SAFE:
        return float(value)
    return value


def event_hash(event: Mapping[str, Any]) -> str:
    """Hex SHA-256 of an event with ``_id`` and ``sig``: the ``prev`` of that device's next event."""
    return hashlib.sha256(canonical({k: v for k, v in event.items() if k != "_rev"})).hexdigest()


def signed_bytes(event: Mapping[str, Any]) -> bytes:
    """What a device signs: the event with ``_id``, without ``sig`` (``_rev`` is the database's)."""
    return canonical({k: v for k, v in event.items() if k not in ("sig", "_rev")})


def citizen_hash(content: Mapping[str, Any], salt: str) -> str:
    """Hex SHA-256 of ``{"content": …, "salt": …}``: the last part of a citizen document's id."""
    return hashlib.sha256(canonical({"content": content, "salt": salt})).hexdigest()
