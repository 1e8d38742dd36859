"""Passwords of the office roles: argon2id, and a wait that grows with each failure.

Law: a wrong user and a wrong password cost the same time and say the same. The wait belongs to the account,
survives a restart, and never blocks a device that is already enrolled.
Parameters are RFC 9106's second recommended option (64 MiB, 3 passes, 4 lanes), the library's default.
"""

from __future__ import annotations

import asyncio
import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.problems import Problem

#: At least this many characters (NIST SP 800-63B asks for 8; offices share screens, so 12).
MINIMUM = 12
MAXIMUM = 200
#: Failures before the first wait; then each doubles it, up to the longest.
FREE_FAILURES = 4
FIRST_WAIT = 15
LONGEST_WAIT = 1_800

_COMMON = frozenset(
    {"contraseña", "contrasena", "password", "manzana", "municipio", "administrador", "ayuntamiento"}
)
_hasher = PasswordHasher()
#: One at a time: each takes 64 MiB, and two cores gain nothing from more.
_turn = asyncio.Semaphore(2)


def check_strength(password: str, *own: str) -> None:
    """Raises ``password_weak``. ``own``: the user's id, name and so on, which a password must not be."""
    if not MINIMUM <= len(password) <= MAXIMUM:
        raise Problem("password_weak", f"between {MINIMUM} and {MAXIMUM} characters")
    plain = password.casefold().strip()
    bare = plain.strip("0123456789!.*-_ ")
    if bare in _COMMON or len(set(plain)) < 5 or plain in {text.casefold() for text in own}:
        raise Problem("password_weak", "a common word, few different characters, or the account's own data")


async def hash_password(password: str) -> str:
    """The PHC string to store."""
    async with _turn:
        return await asyncio.to_thread(_hasher.hash, password)


@functools.cache
def _decoy() -> str:
    """Verified where there is no account or no password, so that the answer takes as long.

    Not made on import: it takes a third of a second of processor time, and most commands ask no password.
    """
    return _hasher.hash("a password that nobody has")


def _verify(stored: str | None, password: str) -> bool:
    # Made for whoever comes first, known or not: who is made to wait for it says nothing.
    decoy = _decoy()
    try:
        return _hasher.verify(stored or decoy, password)
    except (VerificationError, InvalidHashError):
        return False


async def password_matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one of ``stored``; without one, False after the same time."""
    if len(password) > MAXIMUM:
        password = ""
    async with _turn:
        matches = await asyncio.to_thread(_verify, stored, password)
    return matches and stored is not None


def wait_after(failures: int) -> int:
    """Seconds to wait after so many failures in a row."""
    if failures < FREE_FAILURES:
        return 0
    return int(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - FREE_FAILURES)))
