"""killed_between_any_two_steps: intake dies after each of its steps, and after each of its writes, in turn.

Whatever the moment, the next intake ends with the same truth, the same mailboxes, no folio twice and
nothing written when everything is repeated. A kill is an exception that nothing catches, after which
only the disk counts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.intake.memory import chain as chains
from server.intake.writing.writer import STEPS
from sync.embedded import open_engine
from tests.device import subject_of
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Killed(BaseException):
    """Nothing catches it."""


async def a_day(town: Municipality) -> list[list[Json]]:
    """Pushes of a short day, in which reports come, move, are taken away and given back."""
    lucia, luz, pc = await town.pen("lucia"), await town.pen("luz1"), await town.pen("pc")
    lamp = lucia.capture("lampara", **inside(1))
    flood = lucia.capture("inundacion", **inside(2))
    report, wet, seen = subject_of(lamp), subject_of(flood), [flood["_id"]]
    incident = pc.event("incident_opened", None, {"name": "Lluvia"})
    return [
        [lamp, flood],
        [luz.event("returned", report, {"reason": "not_ours"}, based_on=[lamp["_id"]])],
        [pc.event("assigned", wet, {"agency": "obras", "brigade": "bache-1"}, based_on=seen)],
        [incident, pc.event("incident_joined", wet, {"incident": subject_of(incident)}, based_on=seen)],
        [pc.event("prioritized", wet, {"priority": 3, "seen_priority": 1}, based_on=seen)],
        [lucia.event("noted", report, {"text": "sigue"}, based_on=[lamp["_id"]]), lamp],
        [pc.event("incident_closed", subject_of(incident))],
    ]


async def run(folder: Path, kill_at: int | None) -> tuple[dict[str, Json], int]:
    """The day's end: what mailboxes and reports hold; and how many steps there were."""
    steps = 0

    async def count(step: str) -> None:
        nonlocal steps
        steps += 1
        if steps == kill_at:
            raise Killed(step)

    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        await town.restart(count)
        for events in await a_day(town):
            await town.append(*events)
            try:
                await town.intake.run_until_idle()
            except Killed:
                await town.restart()
                await town.intake.run_until_idle()
        await town.assert_sound()
        assert await repeats_nothing(town)
        ends: dict[str, Json] = {}
        for account in ("lucia", "marta", "norma", "luz1", "bache1", "pc", "mesa"):
            for key, doc in (await town.mailbox(account)).items():
                kind = key.partition(":")[0]
                own = key if kind in ("block", "colleague", "leader") else doc.get("folio")
                if kind == "ack":
                    own = key.rpartition("~")[2][36:]  # the page
                ends[f"{account} {kind} {own}"] = shape(doc)
        folios = [doc["folio"] for key, doc in (await town.truth()).items() if key.startswith("report:")]
        assert sorted(folios) == ["VP-000001", "VP-000002"]
        return ends, steps


def shape(doc: Json) -> Json:
    """What of a document does not depend on random ids: enough to tell two ends apart."""
    names = (
        "status",
        "priority",
        "folio",
        "view",
        "flags",
        "version",
        "through",
        "gaps",
        "name",
        "closed_at",
    )
    listed = {"items": len(doc["items"])} if "items" in doc else {}
    return {name: doc[name] for name in names if name in doc} | listed


async def repeats_nothing(town: Municipality) -> bool:
    """The whole inbox over again, from the first receipt, writes no document."""
    before = {**await town.sequences(), "cases": (await town.databases.cases.info()).update_seq}
    local = await town.databases.cases.get_local("intake")
    await town.databases.cases.put_local("intake", {**local, "inbox": "0"})
    await town.restart()
    await town.intake.run_until_idle()
    return before == {**await town.sequences(), "cases": (await town.databases.cases.info()).update_seq}


async def test_killed_between_any_two_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Acknowledgements so small that pages are closed, and the oldest dropped, between any two steps too.
    monkeypatch.setattr(chains, "PAGE", 1)
    monkeypatch.setattr(chains, "PAGES", 2)
    expected, steps = await run(tmp_path / "whole", None)
    assert steps >= 7 * len(STEPS)
    for kill_at in range(1, steps + 1):
        ends, _ = await run(tmp_path / str(kill_at), kill_at)
        assert ends == expected, f"killed after step {kill_at}"
