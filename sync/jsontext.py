"""JSON text in and out without changing a value.

Law: a number is kept exactly or refused, never rounded; a string that is no Unicode text (a lone surrogate)
is refused; so is nesting deeper than ``MAX_DEPTH``. ``orjson`` reads and writes; it would round integers
beyond 64 bits and floats beyond a double, so texts that may hold one are read again by the exact reader,
which gives ``int`` of any size and, where a double would round, ``Decimal``.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import orjson

from sync.errors import BadRequest

#: orjson writes no deeper; what could not be written back must not be taken in.
MAX_DEPTH = 254

#: Digits and points become ``0`` and exponents ``e``, so that a plain search finds long and wide numbers.
_FLAT = bytes.maketrans(b"123456789.E", b"0000000000e")
#: A double carries 15 decimal digits faithfully, and exponents of two digits.
_LONG = b"0" * 16
_WIDE = (b"0e000", b"0e+000", b"0e-000")
_MARKS = (_LONG, *_WIDE)
#: A number's digits are looked back over this far; a longer run of them is one for certain.
_LOOK_BACK = 64


def loads(raw: bytes) -> Any:
    """The value of a JSON text. Raises ``BadRequest`` for what is not JSON or could not be kept."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"invalid UTF-8 JSON: {error}") from error
    flat = raw.translate(_FLAT)
    for mark in _MARKS:
        if mark in flat and _in_a_number(flat, mark):
            return value if _reads_back(value, raw) else _exact(raw)
    return value


def dumps(value: Any) -> bytes:
    """The JSON text of ``value``. Raises ``BadRequest`` for what JSON cannot carry."""
    try:
        raw = orjson.dumps(value, default=_number)
    except TypeError as error:
        if "64-bit" not in str(error):
            raise BadRequest(f"invalid UTF-8 JSON: {error}") from error
        try:
            raw = orjson.dumps(_spelled(value), default=_number)
        except (TypeError, RecursionError) as again:
            raise BadRequest(f"invalid UTF-8 JSON: {again}") from again
    # orjson writes NaN and infinity as null, which would change the value silently. What reads back equal has
    # neither (NaN is not even equal to itself); only the rest is searched.
    if b"null" in raw and orjson.loads(raw) != value and not _finite(value):
        raise BadRequest("invalid UTF-8 JSON: NaN and infinity are no JSON numbers")
    return raw


def _in_a_number(flat: bytes, mark: bytes) -> bool:
    """Whether a ``mark`` may stand outside strings: ids and hashes are full of digits, in quotes."""
    at = flat.find(mark)
    while at >= 0:
        before = flat[max(0, at - _LOOK_BACK) : at].rstrip(b"0e+-")[-1:]
        if before in (b"", b":", b",", b"[", b" ", b"\n", b"\r", b"\t"):
            return True
        at = flat.find(mark, at + len(mark))
    return False


def _reads_back(value: Any, raw: bytes) -> bool:
    """Whether ``value`` is written as this very text, so nothing was rounded. Coordinates have 17 digits."""
    try:
        return orjson.dumps(value) == raw
    except TypeError:  # nested deeper than orjson writes, or beyond 64 bits
        return False


def _exact(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_float=_double_or_decimal)
    except RecursionError as error:
        raise BadRequest("invalid UTF-8 JSON: nested too deep") from error
    except ValueError as error:  # an integer longer than Python converts (4,300 digits)
        raise BadRequest(f"invalid UTF-8 JSON: {error}") from error


def _double_or_decimal(token: str) -> float | Decimal:
    double, exact = float(token), Decimal(token)
    return double if Decimal(repr(double)) == exact else exact


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def _spelled(value: Any) -> Any:
    """``value`` with each integer that orjson cannot write replaced by its digits."""
    if isinstance(value, dict):
        return {key: _spelled(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(item) for item in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return orjson.Fragment(str(value))
    return value


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_finite, value))
    return not isinstance(value, float) or math.isfinite(value)
