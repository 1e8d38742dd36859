"""Follows a register and is killed: ``following.py DATA FOLDER BATCHES``; with 0 batches to the end.

The data are made the first time: reports, changed ones, and citizens.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

from server.register import register as module
from server.register.checking import check
from server.register.writing import Writing
from server.store.databases import Databases
from sync.embedded import open_engine
from tests.server.register.town import make


async def main(data: Path, folder: Path, batches: int) -> None:
    module._PAGE, module._BULK = 7, 7
    async with await open_engine(data) as engine:
        databases = await Databases.open(engine)
        if not (await databases.cases.info()).doc_count:
            reports, citizens = make(8, 40)
            await databases.citizens.bulk_docs(citizens)
            await databases.cases.bulk_docs(reports)
        left = batches

        def counted(name: str) -> None:
            inner = getattr(Writing, name)

            def take(self: Writing, *arguments: Any) -> Any:
                nonlocal left
                found = inner(self, *arguments)
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return found

            setattr(Writing, name, take)

        counted("take")
        counted("take_persons")
        register = module.Register(folder, databases)
        await register.catch_up()
        await register.stop()
        print(await check(folder, databases))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
