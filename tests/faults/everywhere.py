"""What intake does, cut short at every single write in turn.

Law: only the engine knows that it dies (``mortal``). A scenario is a story told to a municipality: where
it yields, intake does all there is to do, and somewhere in the story, at one write, it dies; the next intake
opens what is stored and goes on. The scenario then says what must hold, the same whatever the moment.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import cast

from sync.embedded import open_engine
from sync.interface import Engine
from tests.faults.mortal import Killed, MortalEngine, Pieces, When
from tests.server.intake.municipality import Municipality

Scenario = Callable[[Municipality], AsyncIterator[None]]

Manners = tuple[tuple[Pieces, When, bool], ...]

#: Every engine there is, and what goes together in either order.
MANNERS: Manners = (
    (Pieces.TRANSACTIONS, "before", False),
    (Pieces.TRANSACTIONS, "after", False),
    (Pieces.DOCUMENTS, "before", False),
    (Pieces.DOCUMENTS, "after", True),
)


async def killed_everywhere(
    folder: Path,
    scenario: Scenario,
    *,
    template: Path | None = None,
    manners: Manners = MANNERS,
) -> list[int]:
    """Live the scenario in municipalities of their own under ``folder`` (copies of ``template``), dying at
    the first write, the second, … until one lives through it; gives how many died in each manner.
    """
    deaths = []
    for number, (pieces, when, backwards) in enumerate(manners):
        for at in count(1):
            place = folder / f"{number}-{at}"
            if template is not None:
                shutil.copytree(template, place)
            died = await one_life(place, scenario, pieces, at, when, backwards=backwards)
            shutil.rmtree(place)
            if not died:
                deaths.append(at - 1)
                break
    return deaths


async def one_life(
    folder: Path, scenario: Scenario, pieces: Pieces, at: int, when: When, *, backwards: bool = False
) -> bool:
    """The scenario once, dying at write ``at``; whether it did."""
    died = False
    async with await open_engine(folder / "engine") as real:
        mortal = MortalEngine(real, pieces)
        fate = mortal.fate
        async with Municipality(cast(Engine, mortal), folder) as town:
            fate.die(at, when, backwards=backwards)
            try:
                async for _ in scenario(town):
                    fate.counting = True
                    try:
                        await town.intake.run_until_idle()
                    except Killed:
                        died = True
                    fate.counting = False
                    if fate.dead:
                        fate.revive()
                        await town.restart()
                        await town.intake.run_until_idle()
            except AssertionError as error:
                where = f"{pieces.value}, killed {when} write {at}{', backwards' if backwards else ''}"
                raise AssertionError(f"{where}: {error}") from error
    return died
