"""What does not grow with what is stored, counted in steps of SQLite's machine: no clock, no luck."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from sync.embedded import open_engine
from sync.interface import ChangesQuery

pytestmark = pytest.mark.anyio


@contextmanager
def counted() -> Iterator[list[int]]:
    """The steps of every connection opened meanwhile."""
    steps = [0]

    def step() -> bool:
        steps[0] += 1
        return False

    def hook(db: apsw.Connection) -> None:
        db.set_progress_handler(step, 1)

    apsw.connection_hooks.append(hook)
    try:
        yield steps
    finally:
        apsw.connection_hooks.remove(hook)


async def costs(folder: Path, documents: int) -> dict[str, int]:
    async with await open_engine(folder) as engine:
        db = await engine.create("db")
        await db.bulk_docs([{"_id": f"{n:06}"} for n in range(documents)])
        await db.put({"_id": "penúltimo"})
        since = (await db.info()).update_seq
        await db.put({"_id": "último"})
    found = {}
    with counted() as steps:
        async with await open_engine(folder) as engine:
            db = await engine.open("db")
            found["opening"] = steps[0]
            page = await db.changes(ChangesQuery(since=since, include_docs=True))
            assert [row.id for row in page.rows] == ["último"]
            found["what is new"] = steps[0] - found["opening"]
            rest = (await db.changes(ChangesQuery(limit=documents))).rows
            assert len(rest) == documents
            found["everything"] = steps[0] - found["what is new"]
    return found


async def test_opening_and_what_is_new_cost_the_same_at_any_size(tmp_path: Path) -> None:
    small, large = await costs(tmp_path / "small", 100), await costs(tmp_path / "large", 5000)
    assert large["opening"] == small["opening"]
    assert large["what is new"] == small["what is new"]
    # The count is one that grows where the work does.
    assert large["everything"] > 10 * small["everything"]
