"""Folios: the definitive one, and the provisional one a device shows before the municipality has answered.

Law: a provisional folio is a pure function of the report's id, so phone and server say the same without
asking; one wrong character, or any two exchanged, is always noticed. Eight Crockford characters (no I, L,
O, U) are the last 40 bits of the uuid7, which are random (RFC 9562 §5.7); the ninth checks them.

The check is a linear code over GF(32): the sum of alpha^i times character i over all nine positions is
zero. Every coefficient is nonzero, so one wrong character never cancels; all nine differ, so exchanging two
positions never does.
"""

from __future__ import annotations

import re
from functools import lru_cache

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_VALUE = {letter: number for number, letter in enumerate(ALPHABET)}
# What people write for what they heard or read; U is no Crockford letter and stays an error.
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_LENGTH = 9
_FOLIO_DIGITS = 6


def _powers() -> list[int]:
    """Powers of alpha = x in GF(2)[x] / (x^5 + x^2 + 1), a primitive polynomial: the first 31 all differ."""
    powers = [1]
    while len(powers) < 31:
        doubled = powers[-1] << 1
        powers.append(doubled ^ 0b100101 if doubled & 0b100000 else doubled)
    return powers


_EXP = _powers()
_LOG = {value: exponent for exponent, value in enumerate(_EXP)}


def _times_alpha(value: int, exponent: int) -> int:
    return 0 if value == 0 else _EXP[(_LOG[value] + exponent) % 31]


def _check(values: list[int]) -> int:
    """The ninth value: position 8 carries alpha^0, position i alpha^(8-i)."""
    total = 0
    for position, value in enumerate(values):
        total ^= _times_alpha(value, _LENGTH - 1 - position)
    return total


@lru_cache(maxsize=8_192)
def provisional(report: str) -> str:
    """``K7Q-M2R-9TX`` for a report's uuid. Raises ``ValueError`` where the id holds no 32 hex digits."""
    digits = report.replace("-", "")
    if len(digits) != 32:
        raise ValueError(f"{report!r} is not a uuid")
    number = int(digits[22:], 16)
    values = [(number >> shift) & 31 for shift in range(35, -1, -5)]
    text = "".join(ALPHABET[value] for value in [*values, _check(values)])
    return f"{text[:3]}-{text[3:6]}-{text[6:]}"


def read_provisional(text: str) -> str | None:
    """The provisional folio a person wrote, in its form, or None where it cannot be one.

    Case, spaces and hyphens do not matter; O reads as 0, I and L as 1.
    """
    letters = re.sub(r"[\s\u2010-\u2015-]", "", text).upper().translate(_READ_AS)
    if len(letters) != _LENGTH or any(letter not in _VALUE for letter in letters):
        return None
    values = [_VALUE[letter] for letter in letters]
    if _check(values[:-1]) != values[-1]:
        return None
    return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"


def definitive(prefix: str, number: int) -> str:
    """``HMO-000123``; from a million on, as many digits as it takes. Numbers start at 1."""
    if number < 1:
        raise ValueError(f"a folio's number is at least 1, not {number}")
    return f"{prefix}-{number:0{_FOLIO_DIGITS}d}"


def number_of(prefix: str, folio: str) -> int | None:
    """The number of a definitive folio of this prefix, or None where it is none."""
    match = re.fullmatch(re.escape(prefix) + r"-([0-9]{6,})", folio)
    return int(match[1]) if match else None
