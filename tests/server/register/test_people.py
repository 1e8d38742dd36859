"""Who may be the same is found among the right ones; a person's reports are those of a recount."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.register.checking import check
from server.register.filters import Filter
from server.register.groups import citizens_of, family_of, root_of
from server.register.lists import page_of
from server.register.people import Likely, likely
from server.register.register import Register
from server.register.scope import Scope
from server.store.databases import Databases
from tests.device import citizen_document
from tests.server.register.town import NOW, make, report

Json = dict[str, Any]

pytestmark = pytest.mark.anyio
ALL = Scope(everything=True, confidential=True)


def person(number: int, citizens: list[str], into: int | None = None, phones: tuple[str, ...] = ()) -> Json:
    entries = [{"citizen": citizen, "at": "2026-11-23T16:05:09.123Z", "by": "mesa"} for citizen in citizens]
    return {
        "_id": f"person:{number:08d}", "number": number, "citizens": entries, "phones": list(phones),
        "merged_into": into,
    }  # fmt: skip


async def meant(register: Register, wanted: Filter) -> set[str]:
    listed = await register.ask(lambda db, columns: page_of(db, columns, wanted, ALL, NOW, size=1_000))
    return {row.id for row in listed.rows}


async def test_a_persons_reports_follow_every_join_and_parting(databases: Databases, tmp_path: Path) -> None:
    reports, citizens = make(21, 120)
    await databases.citizens.bulk_docs(citizens)
    await databases.cases.bulk_docs(reports)
    register = Register(tmp_path / "register", databases)
    await register.catch_up()
    rng = random.Random(21)
    ids = [citizen["_id"] for citizen in citizens]
    docs: dict[int, Json] = {}
    for step in range(30):
        number = rng.randrange(1, 6)
        into = rng.choice([None, *(other for other in docs if other != number)])
        doc = person(number, rng.sample(ids, rng.randrange(0, 4)), into)
        known = await databases.office.get_many([doc["_id"]])
        await databases.office.put({**doc, **({"_rev": known[doc["_id"]]["_rev"]} if known else {})})
        docs[number] = doc
        await register.catch_up()
        for asked in docs:
            root = _root(docs, asked)
            family = {one for one in docs if _root(docs, one) == root}
            mine = {entry["citizen"] for one in family for entry in docs[one]["citizens"]}
            expected = {entry["_id"][7:] for entry in reports if entry["citizen"] in mine}
            assert await meant(register, Filter(citizen=(str(asked),))) == expected, (step, asked)
            assert await register.ask(lambda db, _, n=asked: root_of(db, n)) == root  # type: ignore[misc]
            assert set(await register.ask(lambda db, _, n=asked: family_of(db, n))) == family  # type: ignore[misc]
            assert set(await register.ask(lambda db, _, n=asked: citizens_of(db, n))) == mine  # type: ignore[misc]
    assert await check(tmp_path / "register", databases) == []
    await register.stop()


def _root(docs: dict[int, Json], number: int) -> int:
    seen = [number]
    while (into := docs[seen[-1]]["merged_into"]) is not None:
        if into in seen:
            return min(seen[seen.index(into) :])
        seen.append(into)
    return seen[-1]


@pytest.fixture
async def near(databases: Databases, tmp_path: Path) -> AsyncIterator[tuple[Register, dict[str, str]]]:
    """People with one report each: name, telephone, colonia, whether it is confidential."""
    rng = random.Random(5)
    people = {
        "lupe": ("Guadalupe Ortiz Luna", "477 123 0987", "centro", False),
        "swapped": ("Ortiz Luna, Guadalupe", "477 000 0001", "centro", False),
        "accents": ("GUADALÚPE ORTÍZ LUNA", "477 000 0002", "centro", False),
        "far": ("Guadalupe Ortiz Luna", "477 000 0003", "obregon", False),
        "phone": ("Ramón Peña", "044 477 123 0987", "obregon", False),
        "secret": ("Guadalupe Ortiz Luna", "477 123 0987", "centro", True),
        "other": ("Ramón Peña", "477 000 0004", "centro", False),
    }
    made: dict[str, str] = {}
    for number, (name, (said, phone, colonia, confidential)) in enumerate(people.items()):
        citizen = citizen_document(NOW, name=said, phone=phone)
        await databases.citizens.put(citizen)
        doc = report(rng, number, [citizen])
        place = {"source": "gps", "lat": 21.1, "lon": -101.6, "colonia": colonia}
        own = {"citizen": citizen["_id"], "place": place, "confidential": confidential, "agency": "obras"}
        await databases.cases.put({**doc, **own})
        made[name] = citizen["_id"]
    register = Register(tmp_path / "register", databases)
    await register.catch_up()
    yield register, made
    await register.stop()


async def _suggested(register: Register, own: list[str], scope: Scope) -> list[Likely]:
    return await register.ask(lambda db, columns: likely(db, columns, own, scope))


async def test_the_same_telephone_or_a_name_alike_in_the_same_colonia(
    near: tuple[Register, dict[str, str]], databases: Databases
) -> None:
    register, made = near
    found = await _suggested(register, [made["lupe"]], Scope(everything=True))
    names = {citizen: name for name, citizen in made.items()}
    assert {names[one.known.citizen] for one in found} == {"phone", "swapped", "accents"}
    assert names[found[0].known.citizen] == "phone"
    everybody = await _suggested(register, [made["lupe"]], ALL)
    assert names[everybody[0].known.citizen] == "secret", "of the same telephone and name"
    # Who has another number stands once, for all of their documents; who is joined is suggested no more.
    await databases.office.put(person(1, [made["swapped"], made["accents"]]))
    await register.catch_up()
    found = await _suggested(register, [made["lupe"]], Scope(everything=True))
    assert [one.known.number for one in found if one.known.number] == [1]
    await databases.office.put(person(2, [made["lupe"], made["phone"]], into=1))
    await register.catch_up()
    found = await _suggested(register, [made["lupe"], made["phone"]], Scope(everything=True))
    assert {names[one.known.citizen] for one in found} == {"far", "other"}, "by the other's name and colonia"
    assert await _suggested(register, [made["other"]], Scope(everything=True)) == []
