"""Telling gateways which feeds changed; those in other processes through the ``wake`` database.

Law: a round of intake is one document, however many feeds it reached, so that waking costs the same on a
quiet day and in a storm. Rounds are numbered and go round ``SLOTS`` documents; whoever missed one sees it by
the numbers and looks at every feed. A ring says only "look": one too many is an empty answer. A neighbour's
card wakes nobody's phone by itself: it goes with what is urgent, or a moment later.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import NamedTuple

import orjson

from sync.interface import BulkRow, ChangeRow, Database, Write

#: Documents used in turn: a gateway may be this many rounds behind before it must look at everything.
SLOTS = 64
#: Names of one round; more are told as "everything", which is cheaper than reading them.
NAMED = 2_000


class Woken(NamedTuple):
    """Feeds that changed: in something that is waited for, or only in ``cards``."""

    names: Set[str]
    cards: Set[str] = frozenset()


class Wake:
    """The writing side. Only the holder of the intake lock has one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        #: Revisions of the slots; None until they were read.
        self._revs: dict[str, str] | None = None
        self._round = 0

    async def write(self, woken: Woken) -> Write:
        """What is to be written so that whoever waits for these feeds looks; ``wrote`` must follow."""
        if self._revs is None:
            slots = [f"round:{slot}" for slot in range(SLOTS)]
            stored = await self._database.get_many(slots)
            self._revs = {slot: doc["_rev"] for slot, doc in stored.items()}
            self._round = max([self._round, *(doc.get("round", 0) for doc in stored.values())])
        self._round += 1
        slot = f"round:{self._round % SLOTS}"
        doc = {"_id": slot, "round": self._round, "names": None, "cards": []}
        if len(woken.names) + len(woken.cards) <= NAMED:
            doc |= {"names": sorted(woken.names), "cards": sorted(woken.cards)}
        return Write(self._database, doc, self._revs.get(slot), keep=False)

    def wrote(self, row: BulkRow) -> None:
        """What became of it. After a refusal the slots are read again; gateways see that one is missing."""
        if row.rev is None or self._revs is None:
            self._revs = None
        else:
            self._revs[row.id] = row.rev

    async def ring(self, woken: Woken) -> None:
        """Write a round by itself."""
        write = await self.write(woken)
        (row,) = await self._database.bulk_docs([write.whole()])
        self.wrote(row)


class Rounds:
    """The reading side: what the rounds say that a gateway has not heard yet."""

    def __init__(self) -> None:
        self._heard: int | None = None

    def woken(self, rows: Iterable[ChangeRow]) -> Woken | None:
        """The feeds to look at after these changes; None for every one there is."""
        docs = [orjson.loads(row.doc) for row in rows if row.doc is not None and not row.deleted]
        rounds = {doc["round"]: doc for doc in docs if "round" in doc}
        found: set[str] = set()
        cards: set[str] = set()
        everything = False
        for number in sorted(rounds):
            names = rounds[number]["names"]
            # What came before the first one heard is not known.
            missed = self._heard is None or number > self._heard + 1
            everything = everything or missed or names is None
            self._heard = number
            found.update(names or ())
            cards.update(rounds[number]["cards"])
        return None if everything else Woken(found, cards - found)
