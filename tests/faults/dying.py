"""Intake in a process of its own that ends at once where it meets one word: ``dying.py FOLDER WHERE``.

``WHERE`` is ``judging`` (the record is being made) or ``writing`` (the batch goes into the mailboxes). The
process says nothing before it ends, as a crash in a library would not.
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
from server.intake import batch
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


async def main(folder: Path) -> None:
    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        await town.intake.run_until_idle()


if __name__ == "__main__":
    if sys.argv[2] == "judging":
        batch.record_of = ending(batch.record_of)
    else:
        Delivery.reports = ending(Delivery.reports)  # type: ignore[method-assign]
    asyncio.run(main(Path(sys.argv[1])))
