"""The padrón as the desk sees it: each block with its sector and its leader, or without one. Pure.

Law: a block is ``active`` under a leader in office, ``pending`` under one who is not yet (no account, or a
term still to begin) and ``vacant`` otherwise; a leader whose term is over leads nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from server.documents.ground import Ground
from server.documents.shapes import Leader, LeaderStatus, Term

Status = LeaderStatus

#: Words as people read them (es-MX).
STATUS_NAMES: Mapping[str, str] = {"active": "Con jefa o jefe", "pending": "Pendiente", "vacant": "Vacante"}
ACTION_NAMES: Mapping[str, str] = {
    "appoint": "Nombrar",
    "change": "Cambiar los datos",
    "vacate": "Dejar vacante",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A block of the padrón. ``leader`` is the entry's document."""

    block: str
    name: str
    sector: str | None
    sector_name: str
    colonia: str | None
    status: Status
    leader: Leader | None


def term_state(term: Term | None, today: str) -> Literal["before", "in", "over"]:
    """Where ``today`` (``YYYY-MM-DD``) lies to a term; without one, always in."""
    if term is None:
        return "in"
    if today < term["from"]:
        return "before"
    if term["until"] and today > term["until"]:
        return "over"
    return "in"


def leader_status(leader: Leader | None, today: str) -> Status:
    """The status of the blocks of an entry."""
    if leader is None or leader["status"] == "vacant":
        return "vacant"
    state = term_state(leader.get("term"), today)
    if state == "over":
        return "vacant"
    if leader["status"] == "pending" or state == "before" or not leader.get("account"):
        return "pending"
    return "active"


def rows(
    blocks: Mapping[str, Ground], sectors: Mapping[str, Ground], leaders: Mapping[str, Leader], today: str
) -> list[Row]:
    """Every block, by sector and name. Keys are ids without their kind.

    A block is led by the entry that lists it; of several, the one in office, then the newest term.
    """
    by_block: dict[str, list[Leader]] = {}
    for entry in leaders.values():
        for held in entry["blocks"]:
            by_block.setdefault(held, []).append(entry)
    order = {"active": 0, "pending": 1, "vacant": 2}
    found = []
    for block_id, block in blocks.items():
        entries = by_block.get(block_id, [])
        entries.sort(key=_begun, reverse=True)
        entries.sort(key=lambda entry: order[leader_status(entry, today)])
        leader = entries[0] if entries else None
        sector = block.get("sector")
        found.append(
            Row(
                block=block_id,
                name=block.get("name") or block_id,
                sector=sector,
                sector_name=_name_of(sectors.get(sector or "")) or sector or "Sin sector",
                colonia=block.get("colonia"),
                status=leader_status(leader, today),
                leader=leader,
            )
        )
    return sorted(found, key=lambda row: (row.sector_name, natural(row.name)))


def _begun(entry: Leader) -> str:
    term = entry.get("term")
    return (term["from"] if term else None) or ""


def _name_of(sector: Ground | None) -> str | None:
    return sector.get("name") if sector else None


def natural(text: str) -> list[tuple[int, int | str]]:
    """A sort key in which ``Manzana 9`` precedes ``Manzana 10``."""
    parts = re.split(r"([0-9]+)", text.casefold())
    return [(1, int(part)) if part.isascii() and part.isdigit() else (2, part) for part in parts if part]


def counts(found: Iterable[Row]) -> dict[str, int]:
    """How many blocks of each status."""
    totals = {"active": 0, "pending": 0, "vacant": 0}
    for row in found:
        totals[row.status] += 1
    return totals


def slug(name: str, taken: Iterable[str]) -> str:
    """An account id for a person: ``maria.lopez``, and ``maria.lopez.2`` where that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)[:3]
    base = ".".join(words)[:56] or "cuenta"
    known = set(taken)
    if base not in known:
        return base
    number = 2
    while f"{base}.{number}" in known:
        number += 1
    return f"{base}.{number}"
