"""Numbers, joins and their undoing; telephones; what is put right shows, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.cases.validation import reasons
from server.persons.persons import Persons, person_id
from server.persons.rectifying import citizen_id, contents, read_content, rectified_id, rectify, shown
from server.persons.telephones import said, stored
from server.problems import Problem
from server.store.databases import Databases
from sync.embedded import open_engine
from tests.device import citizen_document
from tests.server.intake.municipality import TestClock

Json = dict[str, Any]

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def databases(tmp_path: Path) -> AsyncIterator[Databases]:
    async with await open_engine(tmp_path) as engine:
        yield await Databases.open(engine)


CITIZENS = [f"citizen:0192f3a0-000{n}-7000-8000-000000000002:" + "ab" * 32 for n in range(4)]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("477 123 0987", "+524771230987"),
        ("044 477 123 0987", "+524771230987"),
        ("045-477-123-0987", "+524771230987"),
        ("+52 1 477 123 0987", "+524771230987"),
        ("(477) 123 0987", "+524771230987"),
        ("123", None),
        ("", None),
        ("+1 202 555 0100", None),
    ],
)
async def test_a_telephone_is_kept_in_one_form(written: str, kept: str | None) -> None:
    assert stored(written) == kept
    if kept:
        assert said(written) == said(kept) == "477 123 0987"


async def test_numbers_are_given_once_also_to_many_at_once(databases: Databases) -> None:
    persons = Persons(databases, TestClock())
    given = await asyncio.gather(*(persons.make(citizen, "mesa") for citizen in CITIZENS))
    assert sorted(given) == [1, 2, 3, 4]
    for number in given:
        assert reasons("person.v1", await persons.get(number)) == []


async def test_a_join_is_one_write_and_so_is_its_undoing(databases: Databases) -> None:
    persons = Persons(databases, TestClock())
    one, two, three = [await persons.make(citizen, "mesa") for citizen in CITIZENS[:3]]
    before = await persons.get(two)
    assert await persons.merge(two, one, "mesa") == one
    assert await persons.merge(three, two, "mesa") == one, "to whom the other leads"
    assert [await persons.root(number) for number in (one, two, three)] == [one, one, one]
    # Repeated, or the other way round, nothing more happens.
    revisions = [(await persons.get(number))["_rev"] for number in (one, two, three)]
    await persons.merge(two, one, "mesa")
    await persons.merge(one, three, "mesa")
    assert [(await persons.get(number))["_rev"] for number in (one, two, three)] == revisions
    await persons.unmerge(two, "mesa")
    after = await persons.get(two)
    assert {**after, "_rev": "", "log": []} == {**before, "_rev": "", "log": []}
    assert await persons.root(three) == one
    await persons.join(one, CITIZENS[3], "mesa")
    await persons.join(one, CITIZENS[3], "mesa")
    assert [entry["citizen"] for entry in (await persons.get(one))["citizens"]] == [CITIZENS[0], CITIZENS[3]]
    await persons.part(one, CITIZENS[3], "mesa")
    assert [entry["citizen"] for entry in (await persons.get(one))["citizens"]] == [CITIZENS[0]]
    assert [line["did"] for line in (await persons.get(one))["log"]] == ["made", "joined", "parted"]


async def test_two_joined_to_each_other_at_once_are_the_lower_one(databases: Databases) -> None:
    persons = Persons(databases, TestClock())
    one, two = [await persons.make(citizen, "mesa") for citizen in CITIZENS[:2]]
    for number, into in ((one, two), (two, one)):
        doc = await databases.office.get(person_id(number))
        await databases.office.put({**doc, "merged_into": into})
    assert [await persons.root(number) for number in (one, two)] == [one, one]


async def test_what_is_put_right_shows_and_two_at_once_do_not_overwrite(databases: Databases) -> None:
    clock = TestClock()
    citizen = citizen_document(clock.now(), name="Lupe", phone="477 1")
    await databases.citizens.put(citizen)
    key = citizen["_id"]
    assert citizen_id(rectified_id(key)) == citizen_id(key) == key

    async def right(name: str, seen: str) -> None:
        await rectify(databases, clock, "mesa", key, {"name": name}, reason="x", notice=None, seen=seen)

    await right("Guadalupe", "")
    assert await contents(databases, [key, CITIZENS[0]]) == {key: {"name": "Guadalupe"}}
    for seen in ("", "1-beef"):
        with pytest.raises(Problem, match="edit_conflict"):
            await right("Otra", seen)
    stored_ = await databases.citizens.get(rectified_id(key))
    assert stored_["notice"] == citizen["notice"], "no new notice was given"
    assert reasons("rectified.v1", stored_) == []
    original = await databases.citizens.get(key)
    await databases.citizens.put({**original, "content": {}})
    assert await contents(databases, [key]) == {key: {}}, "an erased original shows nothing beside it"
    with pytest.raises(Problem, match="not_found"):
        await right("Otra vez", stored_["_rev"])


async def test_a_content_says_what_is_wrong_with_it() -> None:
    assert read_content("Lupe", "477 123 0987", "", "") == ({"name": "Lupe", "phone": "477 123 0987"}, {})
    assert read_content("", "12", "a b@c", "")[1].keys() == {"telefono", "correo"}
    assert read_content("", "", "", "")[1].keys() == {"nombre"}
    assert shown({"content": {"name": "a"}}, {"content": {}}) == {"name": "a"}
