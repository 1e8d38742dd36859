"""Persons and their citizen numbers: which citizen documents are one human's, as a human confirmed.

Law: nobody is joined to anybody but by a person who says so, and all of it can be taken back: a join is one
write, and so is its undoing. A number is given once; a person joined to another keeps theirs, which leads on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.clock import Clock
from server.instants import say
from server.persons.telephones import stored
from server.problems import Problem
from server.store.databases import Databases
from server.store.scan import scan
from sync.errors import Conflict, NotFound

Json = Any

#: Tries at a number, or over somebody else's revision.
_ATTEMPTS = 8
#: Lines of a person's own history, the newest last.
_LOG = 200
SEXES = {"f": "Mujer", "m": "Hombre", "x": "Otro"}


def person_id(number: int) -> str:
    """Eight digits, so that ids sort as numbers."""
    return f"person:{number:08d}"


class Persons:
    def __init__(self, databases: Databases, clock: Clock) -> None:
        self._office = databases.office
        self._clock = clock

    async def get(self, number: int) -> Json:
        """Raises ``not_found``."""
        try:
            return await self._office.get(person_id(number))
        except NotFound:
            raise Problem("not_found", "no person has that number") from None

    async def root(self, number: int) -> int:
        """The number that a number leads to: its own where the person was joined to nobody."""
        seen = [number]
        while (into := (await self.get(seen[-1]))["merged_into"]) is not None:
            if into in seen:
                # Two joined to each other at once: the lower one stands, for whoever asks.
                return min(seen[seen.index(into) :])
            seen.append(into)
        return seen[-1]

    async def make(self, citizen: str, by: str) -> int:
        """Give a number to whoever a citizen document is about."""
        for _ in range(_ATTEMPTS):
            last = [found.id async for found in scan(self._office, "person:", most=1, backwards=True)]
            number = int(last[0].removeprefix("person:")) + 1 if last else 1
            at = say(self._clock.now())
            doc: Json = {
                "_id": person_id(number),
                "schema": "person.v1",
                "number": number,
                "at": at,
                "by": by,
                "citizens": [{"citizen": citizen, "at": at, "by": by}],
                "phones": [],
                "merged_into": None,
                "log": [{"at": at, "by": by, "did": "made", "citizen": citizen}],
            }
            try:
                await self._office.put(doc)
            except Conflict:
                continue
            return number
        raise Problem("edit_conflict", "numbers are given too fast")

    async def join(self, number: int, citizen: str, by: str) -> None:
        """This document is that person's too. Repeating it changes nothing."""

        def change(doc: Json) -> Json:
            if citizen in {entry["citizen"] for entry in doc["citizens"]}:
                return doc
            entry = {"citizen": citizen, "at": say(self._clock.now()), "by": by}
            return self._logged({**doc, "citizens": [*doc["citizens"], entry]}, by, "joined", citizen=citizen)

        await self._update(number, change)

    async def part(self, number: int, citizen: str, by: str) -> None:
        """It was not: the document is nobody's again."""

        def change(doc: Json) -> Json:
            left = [entry for entry in doc["citizens"] if entry["citizen"] != citizen]
            if len(left) == len(doc["citizens"]):
                return doc
            return self._logged({**doc, "citizens": left}, by, "parted", citizen=citizen)

        await self._update(number, change)

    async def merge(self, number: int, into: int, by: str) -> int:
        """Two persons are one; gives the number that stands. Both documents stay as they are."""
        number, into = await self.root(number), await self.root(into)
        if number == into:
            return into
        await self._update(
            number, lambda doc: self._logged({**doc, "merged_into": into}, by, "merged", number=into)
        )
        return into

    async def unmerge(self, number: int, by: str) -> None:
        """They were not: the number stands for itself again, with what it had."""

        def change(doc: Json) -> Json:
            if doc["merged_into"] is None:
                return doc
            was = doc["merged_into"]
            return self._logged({**doc, "merged_into": None}, by, "unmerged", number=was)

        await self._update(number, change)

    async def edit(self, number: int, by: str, phones: list[str], sex: str, birth_year: str) -> None:
        """What is known besides the documents. Raises ``form_invalid`` with the field's name."""
        kept = [stored(phone) for phone in phones]
        if None in kept or len(kept) > 8:
            raise Problem("form_invalid", "telefonos")
        if sex and sex not in SEXES:
            raise Problem("form_invalid", "sexo")
        this_year = self._clock.now().year
        if birth_year and not (birth_year.isascii() and birth_year.isdecimal() and len(birth_year) == 4
                               and this_year - 120 <= int(birth_year) <= this_year):  # fmt: skip
            raise Problem("form_invalid", "nacimiento")

        def change(doc: Json) -> Json:
            bare = {name: value for name, value in doc.items() if name not in ("sex", "birth_year")}
            changed = {**bare, "phones": list(dict.fromkeys(kept))}
            if sex:
                changed["sex"] = sex
            if birth_year:
                changed["birth_year"] = int(birth_year)
            return doc if changed == doc else self._logged(changed, by, "edited")

        await self._update(number, change)

    def _logged(self, doc: Json, by: str, did: str, **more: Any) -> Json:
        line = {"at": say(self._clock.now()), "by": by, "did": did, **more}
        return {**doc, "log": [*doc["log"], line][-_LOG:]}

    async def _update(self, number: int, change: Callable[[Json], Json]) -> None:
        for _ in range(_ATTEMPTS):
            doc = await self.get(number)
            changed = change(doc)
            if changed == doc:
                return
            try:
                await self._office.put(changed)
            except Conflict:
                continue
            return
        raise Problem("edit_conflict", "the person changes too fast")
