"""Whether a municipality is a demonstration, and which of its accounts it shows.

Law: it is one only if it was marked so when it was made.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict

from sync.errors import NotFound
from sync.interface import Database

_ID = "demonstration"


class Offered(TypedDict):
    """An account that visitors may enter as; an office's with its password."""

    account: str
    note: str
    password: NotRequired[str]


async def mark_demonstration(accounts: Database, listed: list[Offered]) -> None:
    """Mark a municipality as a demonstration. ``listed``: ``{account, note}`` with what the account shows.

    An office account's entry may carry its ``password``: a demonstration's is public by nature.
    """
    await accounts.put_local(_ID, {"accounts": listed})


async def demonstration(accounts: Database) -> list[Offered] | None:
    """What ``mark_demonstration`` stored, or None."""
    try:
        doc = await accounts.get_local(_ID)
    except NotFound:
        return None
    listed: list[Offered] = doc["accounts"]
    return listed
