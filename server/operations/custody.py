"""How far the municipality's work is backed up, and which life of its databases this is.

Law: a phone frees an item only when it is told that the item's admission is backed up in this very epoch. The
number is raised after a backup is whole and never before; a restore or a migration begins a new epoch, in
which every phone offers again what it still holds.
Kept in a ``_local`` document of ``cases``: it belongs to this life and must not replicate into another.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sync.errors import Conflict, NotFound
from sync.interface import Database

_ID = "custody"


@dataclass(frozen=True, slots=True)
class Custody:
    """``admission``: records up to this number are in a finished backup (0: none). ``at``: when it ended."""

    epoch: str
    admission: int
    at: str | None = None


async def read_custody(cases: Database) -> Custody:
    """What holds now; a new municipality's epoch begins at the first question."""
    while True:
        try:
            doc = await cases.get_local(_ID)
            return Custody(doc["epoch"], doc["admission"], doc.get("at"))
        except NotFound:
            pass
        try:
            await cases.put_local(_ID, {"epoch": secrets.token_hex(8), "admission": 0, "at": None})
        except Conflict:
            continue


async def mark_backed_up(cases: Database, epoch: str, admission: int, at: str) -> Custody:
    """A backup of ``epoch`` up to ``admission`` ended at ``at``. Never lowers; another epoch's changes
    nothing.
    """
    while True:
        known = await read_custody(cases)
        if known.epoch != epoch:
            return known
        doc = await cases.get_local(_ID)
        new = {**doc, "admission": max(doc["admission"], admission), "at": at}
        try:
            await cases.put_local(_ID, new)
        except Conflict:
            continue
        return Custody(epoch, new["admission"], at)


async def begin_epoch(cases: Database, admission: int, at: str) -> Custody:
    """A new life of the databases, whose records up to ``admission`` are in the backup it was made from."""
    epoch = secrets.token_hex(8)
    while True:
        try:
            doc = await cases.get_local(_ID)
        except NotFound:
            doc = {}
        try:
            await cases.put_local(_ID, {**doc, "epoch": epoch, "admission": admission, "at": at})
            return Custody(epoch, admission, at)
        except Conflict:
            continue
