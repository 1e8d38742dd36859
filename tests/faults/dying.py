"""Intake in processes that end where they meet one word: ``dying.py FOLDER WHERE MINUTES LIVES``.

``WHERE`` is ``judging`` (the record is being made), ``writing`` (the batch goes into the mailboxes), or one
of intake's chores: ``verdict`` (a photo's), ``clock`` (what is due), ``calling`` (the operator's hook) and
``requesting`` (what an office asked). The process says nothing before it ends, as a crash in a library would
not. Each of the ``LIVES``, one after another, is a process forked before anything was opened, so that what an
import costs is paid once; their statuses are printed, one a line.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from server.delivery.delivery import Delivery
from server.intake.chores import alarm
from server.intake.chores.chores import Chores
from server.intake.deciding import admitting, photos
from server.intake.judging import admission
from sync.embedded import open_engine
from tests.server.intake.municipality import Municipality

POISON = "veneno"
STATUS = 9


def ending(real: Callable[..., Any]) -> Callable[..., Any]:
    """The function, but for the word."""

    def call(*arguments: Any, **named: Any) -> Any:
        if POISON in repr(arguments[:2]):
            os._exit(STATUS)
        return real(*arguments, **named)

    return call


async def hook(message: dict[str, Any]) -> str:
    """The operator's, which the word is the end of."""
    return str(ending(lambda _: 200)(message))


async def main(folder: Path, minutes: int) -> None:
    """One life, so many minutes after the municipality began."""
    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        town.clock.advance(minutes=minutes)
        town.intake.timers._hook = hook
        async for report in town.intake.delivery.stored_reports():
            town.intake.timers.note(report)
        await town.intake.run_until_idle()
        await town.intake.timers.settled()
        await town.intake.run_until_idle()


def life(folder: Path, minutes: int) -> int:
    """One process from its beginning to its end; gives its status."""
    child = os.fork()
    if child == 0:
        # Its log goes where errors go: standard output is for the statuses.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        asyncio.run(main(folder, minutes))
        sys.exit()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    match sys.argv[2]:
        case "judging":
            vars(admitting)["record_of_event"] = ending(admission.record_of)
        case "writing":
            Delivery.reports = ending(Delivery.reports)  # type: ignore[method-assign]
        case "verdict":
            photos.record_verdict = ending(photos.record_verdict)
        case "clock":
            alarm.message = ending(alarm.message)
        case "requesting":
            Chores.do = ending(Chores.do)  # type: ignore[method-assign]
    for _ in range(int(sys.argv[4])):
        print(life(Path(sys.argv[1]), int(sys.argv[3])), flush=True)
