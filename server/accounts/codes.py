"""One-time enrolment codes: eight digits a person can read out, write down or scan.

Law: a code enrols one installation once. Stored is only its scrypt hash: with 10^8 codes a fast hash could be
walked in a second from a stolen copy; this one costs tens of milliseconds a guess (RFC 7914), and codes end
after days. Guessing at the door is held by the rate limits.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets

#: Public on purpose: the code is looked up by its hash, so the salt cannot be the code's own.
_SALT = b"manzana enrolment code v1"


def new_code() -> str:
    """Eight digits; never beginning with 0, so that no program reading a sheet of codes drops one."""
    return str(10_000_000 + secrets.randbelow(90_000_000))


def tidy(text: object) -> str | None:
    """The eight digits a person typed, without spaces, dots or hyphens; None for anything else."""
    if not isinstance(text, str) or len(text) > 32:
        return None
    digits = text.translate(str.maketrans("", "", " .-\u00a0\u2009"))
    return digits if len(digits) == 8 and digits.isascii() and digits.isdigit() else None


def say_code(code: str) -> str:
    """As printed: ``1234 5678``."""
    return f"{code[:4]} {code[4:]}"


def _hash(code: str) -> str:
    return hashlib.scrypt(code.encode(), salt=_SALT, n=2**14, r=8, p=1, dklen=32).hex()


async def code_id(code: str) -> str:
    """The id of the code's document, ``code:<hash>``."""
    return "code:" + await asyncio.to_thread(_hash, code)
