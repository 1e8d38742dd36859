"""The canonical form of a document: RFC 8785 (JSON Canonicalization Scheme), and the hashes taken over it.

Law: equal JSON values give equal bytes, here and in the browser, whatever the order of members, the spacing
or the way a number was written. Every number is the IEEE 754 double that a browser reads in its place
(RFC 8785, section 3.2.2.3); what has no such form (NaN, infinities, lone surrogates) is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
import rfc8785

_SAFE = 2**53 - 1
#: Every digit becomes ``0``, so that a plain search finds what orjson may spell otherwise than the RFC once
#: strings are taken out: exponents, integers that may be beyond 2**53; and minus zero.
_FLAT = bytes.maketrans(b"123456789", b"000000000")
_EXPONENT, _LONG, _MINUS_ZERO = b"0e", b"0" * 16, b"-0.0"
#: A whole double: orjson spells ``8.0``, the RFC ``8``.
_WHOLE = re.compile(rb"\.0(?![0-9])")
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
#: What the two writers raise over a value that has no form.
_FAILURES = (
    OverflowError, orjson.JSONEncodeError, rfc8785.CanonicalizationError, UnicodeError, RecursionError,
)  # fmt: skip


def _fast(value: Any) -> bytes | None:
    """The canonical bytes by orjson, ten times faster, where its spelling is nearly the RFC's: nearly every
    event there is. None where it is not, or where it could not be told.
    """
    return _spelled(orjson.dumps(value, option=_OPTIONS), value)


def _spelled(raw: bytes, value: Any) -> bytes | None:
    """``raw``, which orjson wrote of ``value``, as the RFC spells it."""
    if b"\\" in raw:
        return None
    # Without escapes every second part is the inside of a string.
    parts = raw.split(b'"')
    # By code unit (3.2.3) and by code point, as orjson sorts, is the same order only in ASCII.
    if not raw.isascii():
        beyond = [place for place in range(1, len(parts), 2) if not parts[place].isascii()]
        if any(parts[place + 1].startswith(b":") for place in beyond):
            return None
    bare = b"".join(parts[::2])
    flat = bare.translate(_FLAT)
    if _EXPONENT in flat or _LONG in flat or _MINUS_ZERO in bare:
        return None
    # orjson writes NaN and infinity as null; what reads back equal has neither.
    if b"null" in bare and orjson.loads(raw) != value:
        return None
    if _WHOLE.search(bare):
        parts[::2] = _WHOLE.sub(b"", b"\0".join(parts[::2])).split(b"\0")
        return b'"'.join(parts)
    return raw


class CanonicalError(ValueError):
    """The value has no canonical form; the message says which part."""


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value. Raises ``CanonicalError``."""
    try:
        fast = _fast(value)
    except orjson.JSONEncodeError:  # beyond 64 bits, a lone surrogate: the RFC's writer decides
        fast = None
    if fast is not None:
        return fast
    try:
        try:
            return rfc8785.dumps(value)
        except rfc8785.IntegerDomainError:  # beyond 2^53 Python holds digits that no browser does
            return rfc8785.dumps(_doubles(value))
    except _FAILURES as error:
        raise CanonicalError(str(error)) from error


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


class Seal(NamedTuple):
    """All that is ever asked of an event's bytes, from writing it once: ``seal`` makes it.

    ``digest`` names what was signed (``content_digest``) and ``whole`` that with its signature; ``names`` are
    all the digests by which the same content may be known. ``size`` is its compact JSON's length in bytes,
    ``hash`` is ``event_hash`` and ``message`` ``signed_bytes``; without a canonical form they are empty and
    None.
    """

    digest: str
    whole: str
    names: frozenset[str]
    size: int
    hash: str
    message: bytes | None


def content_digest(event: Mapping[str, Any]) -> str:
    """Hex SHA-256 that names an event's content: equal for equal JSON values, whoever signed them.

    One content has any number of good signatures: whoever holds one can compute its twin (r, n - s).
    """
    return seal(event).digest


def seal(event: Mapping[str, Any]) -> Seal:
    """The event's ``Seal``; the event has an ``_id``, and anything may stand in its other members."""
    raw = orjson.dumps(event, option=_OPTIONS)
    written = hashlib.sha256(raw).hexdigest()
    form = _spelled(raw, event) if "_rev" not in event else None
    if form is None:
        try:
            own, message = event_hash(event), signed_bytes(event)
        except CanonicalError:
            return Seal(written, written, frozenset({written}), len(raw), "", None)
    else:
        own = written if form is raw else hashlib.sha256(form).hexdigest()
        message = _unsigned(form, event)
    digest = hashlib.sha256(message).hexdigest()
    return Seal(digest, own, frozenset({written, own, digest}), len(raw), own, message)


def _unsigned(form: bytes, event: Mapping[str, Any]) -> bytes:
    """``signed_bytes`` out of the canonical form of the whole event, which has no escapes."""
    sig = event.get("sig")
    if isinstance(sig, str):
        # ``_id`` stands before it, so a comma does. Where another member inside says the same, it could not
        # be told which one to take out.
        member = b',"sig":"' + sig.encode() + b'"'
        if form.count(member) == 1:
            return form.replace(member, b"")
    return signed_bytes(event)


def citizen_hash(content: Mapping[str, Any], salt: str) -> str:
    """Hex SHA-256 of ``{"content": …, "salt": …}``: the last part of a citizen document's id."""
    return hashlib.sha256(canonical({"content": content, "salt": salt})).hexdigest()
