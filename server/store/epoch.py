"""The epoch of the municipality's truth, and how far a backup reaches into it.

Law CUSTODY-2: an epoch changes when what the server held may have gone back in time (a restore, a move to
another engine). A phone lets go of nothing that the present epoch has not accepted and backed up.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sync.errors import Conflict, NotFound
from sync.interface import Database

_DOC = "epoch"
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Epoch:
    """``admission``: every record up to this number is in a backup; 0 before the first."""

    epoch: str
    admission: int


async def read(cases: Database) -> Epoch:
    """The present epoch. A municipality's first is named after its database and needs no writing."""
    try:
        doc = await cases.get_local(_DOC)
    except NotFound:
        info = await cases.info()
        name = hashlib.sha256(f"{info.uuid} {info.instance_start_time}".encode()).hexdigest()[:16]
        return Epoch(name, 0)
    return Epoch(doc["epoch"], doc["admission"])


async def renew(cases: Database) -> Epoch:
    """Begin a new epoch: nothing of it is backed up, and every feed changes its name."""
    return await _write(cases, Epoch(secrets.token_hex(8), 0))


async def lost(cases: Database) -> tuple[str, str] | None:
    """From when to when the last restore lost what was admitted; None where there was none."""
    try:
        doc = await cases.get_local(_DOC)
    except NotFound:
        return None
    return (doc["lost"][0], doc["lost"][1]) if doc.get("lost") else None


async def note_lost(cases: Database, since: str, until: str) -> None:
    """A restore lost what was admitted between these instants; phones bring it back."""
    doc = await cases.get_local(_DOC)
    await cases.put_local(_DOC, {**doc, "lost": [since, until]})


async def backed_up(cases: Database, admission: int) -> Epoch:
    """Note that every record up to ``admission`` is in a backup; never lowers what was noted."""
    current = await read(cases)
    return await _write(cases, Epoch(current.epoch, max(current.admission, admission)))


async def _write(cases: Database, wanted: Epoch) -> Epoch:
    for _ in range(_ATTEMPTS):
        doc = {"epoch": wanted.epoch, "admission": wanted.admission}
        try:
            doc = {**await cases.get_local(_DOC), **doc}
        except NotFound:
            pass
        try:
            await cases.put_local(_DOC, doc)
        except Conflict:
            continue
        return wanted
    raise Conflict("the epoch could not be written")
