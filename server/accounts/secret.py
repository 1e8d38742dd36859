"""The secret that an installation's processes share, for challenges, form tokens and tickets' codes.

Law: it is made once, kept in a ``_local`` document (which never replicates and is in no feed) and in every
backup. Losing it costs a renewed challenge, a reloaded form, and the codes on the tickets given out so far.
"""

from __future__ import annotations

import secrets

from sync.errors import Conflict, NotFound
from sync.interface import Database

_ID = "installation-secret"


async def installation_secret(accounts: Database) -> bytes:
    """32 bytes, the same for every process on this database."""
    while True:
        try:
            return bytes.fromhex((await accounts.get_local(_ID))["secret"])
        except NotFound:
            pass
        try:
            await accounts.put_local(_ID, {"secret": secrets.token_hex(32)})
        except Conflict:
            continue
