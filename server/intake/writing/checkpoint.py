"""How far intake has come, and what it must know to go on.

Law: the checkpoint never claims what is not wholly done: everything before it in the inbox is in records,
reports, mailboxes and acknowledgements. Being behind is harmless; being ahead would lose work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import orjson

from server.documents import reading
from server.documents.ids import device_of
from server.documents.shapes import Record
from server.documents.trouble import Trouble
from sync.errors import NotFound
from sync.interface import ChangesQuery, Database

_DOC = "intake"
_PAGE = 2_000
_NUMBER = re.compile(r"(\d+)\Z")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``inbox`` and ``evidence`` are sequences; ``cases`` the one up to which ``admission`` was counted.

    ``admission`` is the highest number given, ``folio`` the highest folio number.
    """

    inbox: str = "0"
    evidence: str = "0"
    cases: str = "0"
    admission: int = 0
    folio: int = 0


async def read(cases: Database) -> Checkpoint:
    """The stored checkpoint; the beginning where there is none (a new municipality, another engine)."""
    try:
        doc = await cases.get_local(_DOC)
    except NotFound:
        return Checkpoint()
    return Checkpoint(doc["inbox"], doc["evidence"], doc["cases"], doc["admission"], doc["folio"])


async def write(cases: Database, checkpoint: Checkpoint) -> None:
    """Store it. Only intake does."""
    doc = {
        "inbox": checkpoint.inbox,
        "evidence": checkpoint.evidence,
        "cases": checkpoint.cases,
        "admission": checkpoint.admission,
        "folio": checkpoint.folio,
    }
    try:
        doc["_rev"] = (await cases.get_local(_DOC))["_rev"]
    except NotFound:
        pass
    await cases.put_local(_DOC, doc)


@dataclass(slots=True)
class Recent:
    """What stands in ``cases`` above the checkpoint: written, and perhaps not brought to its end."""

    #: In the order of their numbers. From the beginning on there are none: the whole inbox is read again.
    records: list[Record] = field(default_factory=list)
    #: Refusals and quarantine documents, by id; None where it was taken away.
    troubles: dict[str, Trouble | None] = field(default_factory=dict)
    #: Devices whose chains were written.
    devices: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.records or self.troubles or self.devices)


async def count_on(cases: Database, checkpoint: Checkpoint) -> tuple[Checkpoint, list[int], Recent]:
    """Bring the counters up to what ``cases`` holds; the numbers below that no record has; and what else is
    found above the checkpoint.

    A write cut short on an engine without transactions leaves such holes; ``void`` documents account
    for them.
    """
    highest, folio, since = checkpoint.admission, checkpoint.folio, checkpoint.cases
    seen: set[int] = set()
    recent = Recent()
    while True:
        page = await cases.changes(ChangesQuery(since=since, limit=_PAGE, include_docs=True))
        for row in page.rows:
            if checkpoint.inbox != "0" and row.id.startswith("chain:"):
                recent.devices.add(device_of(row.id))
            if row.id.startswith(("refusal:", "quarantine:")):
                gone = row.deleted or row.doc is None
                recent.troubles[row.id] = None if gone else reading.trouble(row.doc or b"")
            if row.deleted or row.doc is None or not row.id.startswith(("record:", "void:")):
                continue
            doc = orjson.loads(row.doc)
            seen.add(doc["admission"])
            if checkpoint.inbox != "0" and row.id.startswith("record:"):
                recent.records.append(doc)
            fact = doc.get("fact") or {}
            if fact.get("kind") == "folio":
                found = _NUMBER.search(fact["folio"])
                folio = max(folio, int(found[1]) if found else 0)
        since = page.last_seq
        if len(page.rows) < _PAGE:
            break
    highest = max(seen, default=highest) if max(seen, default=0) > highest else highest
    holes = sorted(set(range(checkpoint.admission + 1, highest + 1)) - seen)
    recent.records.sort(key=lambda doc: doc["admission"])
    return replace(checkpoint, cases=since, admission=highest, folio=folio), holes, recent


def void(admission: int) -> dict[str, object]:
    """The document that accounts for a number that no record got."""
    return {"_id": f"void:{admission}", "schema": "void.v1", "admission": admission}
