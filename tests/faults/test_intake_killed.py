"""killed_at_every_write: intake dies before and after each of its writes, in turn, at the shipped sizes.

Whatever the moment, the next intake ends with the same documents, no folio twice and nothing written when
everything is repeated.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from server.clock import new_uuid7
from server.instants import say
from server.intake.memory import chain as chains
from server.intake.running.intake import BATCH
from sync.embedded import open_engine
from sync.interface import AllDocsQuery
from tests.device import Pen, subject_of
from tests.faults.everywhere import Manners, killed_everywhere, one_life
from tests.faults.mortal import Pieces
from tests.server.intake.municipality import ACCOUNTS, Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


@dataclass
class Story:
    """A municipality that stands ready in ``template``, and what is pushed to it, the same in every life."""

    template: Path
    pens: dict[str, Pen] = field(default_factory=dict)
    pushes: list[list[Json]] = field(default_factory=list)
    #: Per account and for ``cases``, every document without its revision, as the first life ended.
    end: dict[str, Json] = field(default_factory=dict)
    #: Whether a number may fall to another record than in the first life: what is cut short leaves holes.
    renumbered: bool = False
    #: Whether the whole inbox is taken in once more at the end.
    repeats: bool = True

    async def live(self, town: Municipality) -> AsyncIterator[None]:
        town.pens = self.pens
        for receipts in self.pushes:
            rows = await town.databases.inbox.bulk_docs(receipts)
            assert all(row.ok for row in rows)
            yield
        await town.assert_sound()
        assert not self.repeats or await repeats_nothing(town)
        found = await documents(town)
        self.end = self.end or found
        assert differences(plain(found, self.renumbered), plain(self.end, self.renumbered)) == []


def differences(mine: dict[str, Json], theirs: dict[str, Json]) -> list[tuple[str, Any]]:
    """Documents that are not the same, with the members in which they differ."""
    found: list[tuple[str, Any]] = []
    for key in sorted(mine.keys() | theirs.keys()):
        one, other = mine.get(key), theirs.get(key)
        if one is None or other is None:
            found.append((key, "only in one"))
        elif one != other:
            names = sorted(n for n in one.keys() | other.keys() if one.get(n) != other.get(n))
            found.append((key, {name: (one.get(name), other.get(name)) for name in names}))
    return found


async def documents(town: Municipality) -> dict[str, Json]:
    """Everything in ``cases``, the proposals and every mailbox, without revisions."""
    found: dict[str, Json] = {}
    for account in ACCOUNTS:
        found |= {f"{account} {key}": doc for key, doc in (await town.mailbox(account)).items()}
    query = AllDocsQuery(startkey="proposal:", endkey="proposal:\uffff", include_docs=True)
    rows = [
        *(await town.databases.registry.all_docs(query)).rows,
        *(await town.databases.cases.all_docs(AllDocsQuery(include_docs=True))).rows,
    ]
    found |= {row.id: orjson.loads(row.doc) for row in rows if row.doc}
    return {key: {name: v for name, v in doc.items() if name != "_rev"} for key, doc in found.items()}


#: What is, or is made of, an admission number.
NUMBERS = frozenset({"admission", "version", "paged"})
#: A fact about another report is named by that one's version.
LINK = re.compile(r"(:fact:(?:duplicate|report)_(?:joined|left):[0-9a-f-]{36}):[0-9]+")

PAGE = re.compile(r"(?<=[0-9a-f]):[0-9]+\Z")


def plain(found: dict[str, Json], renumbered: bool) -> dict[str, Json]:
    """The documents to compare; where numbers may differ, without them and what they put in order."""
    if not renumbered:
        return found

    def bare(value: Any) -> Any:
        match value:
            case str():
                return LINK.sub(r"\1", value)
            case list() if value and isinstance(value[0], dict):
                return sorted(
                    map(bare, value), key=lambda one: orjson.dumps(one, option=orjson.OPT_SORT_KEYS)
                )
            case list():
                return [bare(item) for item in value]
            case dict():
                return {name: bare(member) for name, member in value.items() if name not in NUMBERS}
        return value

    listed = {LINK.sub(r"\1", key): doc for key, doc in found.items() if not key.startswith("void:")}
    told: dict[str, list[list[Any]]] = {}
    for key, doc in listed.items():
        if "events" in doc:
            listed[key] = {**doc, "events": sorted(doc["events"])}
        if "items" in doc:
            # Which page lists an event goes by the order, too: a device's are compared together.
            told.setdefault(PAGE.sub("", key), []).extend([event, folio] for event, _, folio in doc["items"])
            listed[key] = {**doc, "items": len(doc["items"])}
    listed |= {f"{key} items": {"all": sorted(items)} for key, items in told.items()}
    return {key: bare(doc) for key, doc in listed.items()}


async def repeats_nothing(town: Municipality) -> bool:
    """The whole inbox over again, from the first receipt, writes no document."""
    before = {**await town.sequences(), "cases": (await town.databases.cases.info()).update_seq}
    local = await town.databases.cases.get_local("intake")
    await town.databases.cases.put_local("intake", {**local, "inbox": "0"})
    await town.restart()
    await town.intake.run_until_idle()
    return before == {**await town.sequences(), "cases": (await town.databases.cases.info()).update_seq}


async def story(folder: Path, make: Any) -> Story:
    """A municipality with the phones of the story, which ``make`` writes: events by push."""
    told = Story(folder / "template")
    async with (
        await open_engine(told.template / "engine") as engine,
        Municipality(engine, told.template) as town,
    ):
        await town.intake.run_until_idle()
        for events in await make(town):
            docs = [event if "wanted" in event else town.receipt(event) for event in events]
            told.pushes.append(docs)
        told.pens = town.pens
    return told


async def a_day(town: Municipality) -> list[list[Json]]:
    """Reports come, move, are taken away and given back; a leader is proposed; what may not be is refused,
    what comes too early waits, for what comes or for what is refused; an office asks.
    """
    lucia, luz, pc, norma = [await town.pen(name) for name in ("lucia", "luz1", "pc", "norma")]
    lamp = lucia.capture("lampara", **inside(1))
    flood = lucia.capture("inundacion", **inside(2))
    report, wet, seen = subject_of(lamp), subject_of(flood), [flood["_id"]]
    incident = pc.event("incident_opened", None, {"name": "Lluvia"})
    early = lucia.capture("lampara", **inside(1))
    proposed = {"block": "b2", "action": "appoint", "text": "se mudó"}
    forged = {**norma.capture("lampara", **inside(1)), "kind": "noted"}
    asked = {"do": "review", "report": wet, "flags": ["returned"]}
    request = {"_id": new_uuid7(town.clock), "schema": "request.v1", "at": say(town.clock.now())}
    bache = await town.pen("bache1")
    vain = bache.event("assigned", report, {"agency": "obras", "brigade": "bache-1"}, based_on=[lamp["_id"]])
    rests = luz.event("finished", report, {"done": "x"}, based_on=[vain["_id"]])
    return [
        [lamp, flood],
        [luz.event("returned", report, {"reason": "not_ours"}, based_on=[lamp["_id"]])],
        [pc.event("assigned", wet, {"agency": "obras", "brigade": "bache-1"}, based_on=seen)],
        [incident, pc.event("incident_joined", wet, {"incident": subject_of(incident)}, based_on=seen)],
        [
            norma.event("leader_proposed", None, proposed),
            luz.event("verified", report, {"solved": True}),
            forged,
        ],
        [norma.event("noted", subject_of(early), {"text": "sigue"}, based_on=[early["_id"]]), rests],
        [pc.event("prioritized", wet, {"priority": 3, "seen_priority": 1}, based_on=seen)],
        [lucia.event("noted", report, {"text": "sigue"}, based_on=[lamp["_id"]]), lamp, early, vain],
        [{**request, "by": "mesa", "wanted": asked}, pc.event("incident_closed", subject_of(incident))],
    ]


async def a_long_week(town: Municipality) -> list[list[Json]]:
    """A phone that has filled every page that is kept, and then brings more than one batch takes."""
    lucia = await town.pen("lucia")
    captures = [lucia.capture("lampara", **inside(1)) for _ in range(8)]
    reports = [subject_of(event) for event in captures]
    notes = [
        lucia.event("noted", reports[n % 8], {"text": f"sigue {n}"})
        for n in range(chains.PAGE * chains.PAGES + BATCH + chains.PAGE)
    ]
    await town.push(*captures, *notes[: chains.PAGE * chains.PAGES])
    assert (await town.databases.cases.get(f"chain:{lucia.id}"))["pages"] == chains.PAGES
    return [notes[chains.PAGE * chains.PAGES :]]


async def lived_through(told: Story, folder: Path) -> None:
    """The story without a death, to compare with."""
    shutil.copytree(told.template, folder)
    assert not await one_life(folder, told.live, Pieces.TRANSACTIONS, 0, "before")


@pytest.mark.parametrize("pieces", [Pieces.TRANSACTIONS, Pieces.DOCUMENTS])
async def test_intake_1_killed_at_every_write_of_a_day(tmp_path: Path, pieces: Pieces) -> None:
    told = await story(tmp_path, a_day)
    await lived_through(told, tmp_path / "whole")
    told.renumbered = pieces is Pieces.DOCUMENTS
    manners: Manners = ((pieces, "before", False), (pieces, "after", told.renumbered))
    deaths = await killed_everywhere(tmp_path, told.live, template=told.template, manners=manners)
    assert deaths[0] == deaths[1] > len(told.pushes)


async def test_killed_at_every_write_of_two_batches_that_close_pages(tmp_path: Path) -> None:
    told = await story(tmp_path, a_long_week)
    told.repeats = False
    await lived_through(told, tmp_path / "whole")
    manners: Manners = ((Pieces.TRANSACTIONS, "after", False), (Pieces.REQUESTS, "before", False))
    deaths = await killed_everywhere(tmp_path, told.live, template=told.template, manners=manners)
    assert deaths[0] >= 2
    assert deaths[1] > 2 * 5
