"""The fault ``killed_during_replication``: the target's process dies in the middle, and is started again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sync.couchdb import open_couchdb
from sync.embedded import open_engine
from sync.errors import Unavailable
from sync.replicator import Options, Progress, Replication, replicate

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
DOCS = 600
BATCH = 50


def start(folder: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "sync", "--data", str(folder), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        return process, process.stdout.readline().strip()


@pytest.mark.parametrize("batches", [1, 4])
async def test_the_next_run_goes_on_from_the_last_checkpoint(tmp_path: Path, batches: int) -> None:
    async with await open_engine(tmp_path / "source") as engine:
        source = await engine.create("city")
        await source.bulk_docs([{"_id": f"{n:04}", "n": n} for n in range(DOCS)])
        process, url = start(tmp_path / "target")

        def kill_after(progress: Progress) -> None:
            if progress.missing_checked == batches * BATCH:
                process.kill()

        async with await open_couchdb(url) as peer:
            run = Replication(
                source, await peer.create("city"), Options(batch=BATCH, tries=1), on_progress=kill_after
            )
            with pytest.raises(Unavailable):
                await run.run()
        process.wait(20)

        # Another port, the same data folder: it is the same database.
        process, url = start(tmp_path / "target")
        try:
            async with await open_couchdb(url) as peer:
                target = await peer.open("city")
                result = await replicate(source, target)
                assert result.progress.missing_checked == DOCS - batches * BATCH
                assert (await target.info()).doc_count == DOCS
        finally:
            process.terminate()
            process.wait(20)
