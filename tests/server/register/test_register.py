"""The register is derived: followed, killed, damaged or thrown away, it holds what the truth holds."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from server.register.checking import check, content, persons
from server.register.register import Register
from server.register.schema import PERSONS_FILE, REPORTS_FILE, connect
from server.store import epoch
from server.store.databases import Databases
from tests.server.register.town import make, report

FOLLOWING = Path(__file__).with_name("following.py")


def held(folder: Path) -> tuple[object, object]:
    db = connect(folder, writer=False)
    try:
        return content(db), persons(db)
    finally:
        db.close()


@pytest.mark.anyio
async def test_register_1_followed_step_by_step_it_is_what_grows_at_once(
    databases: Databases, tmp_path: Path
) -> None:
    reports, citizens = make(3, 40)
    register = Register(tmp_path / "followed", databases)
    rng = random.Random(3)
    await databases.citizens.bulk_docs(citizens)
    for start in range(0, 40, 8):
        await databases.cases.bulk_docs(reports[start : start + 8])
        await register.catch_up()
        # Some are changed, one goes.
        for known in rng.sample(reports[: start + 8], 3):
            stored = await databases.cases.get_many([known["_id"]])
            if known["_id"] in stored:
                again = report(rng, known["version"] + 100, citizens)
                await databases.cases.put(
                    {**again, "_id": known["_id"], "_rev": stored[known["_id"]]["_rev"]}
                )
        gone = (await databases.cases.get_many([reports[start]["_id"]]))[reports[start]["_id"]]
        await databases.cases.put({"_id": gone["_id"], "_rev": gone["_rev"], "_deleted": True})
        await register.catch_up()
    assert await check(tmp_path / "followed", databases) == []
    before = held(tmp_path / "followed")
    await register.rebuild()
    assert held(tmp_path / "followed") == before
    # The columns are the file's: what is loaded is what was followed.
    living = int(register.columns.living.sum())
    await register.stop()
    loaded = Register(tmp_path / "followed", databases)
    await loaded.catch_up()
    assert int(loaded.columns.living.sum()) == living == 35
    await loaded.stop()


@pytest.mark.anyio
async def test_another_epoch_time_zone_or_delegacion_makes_it_anew(
    databases: Databases, tmp_path: Path
) -> None:
    reports, _ = make(4, 10)
    await databases.cases.bulk_docs(reports)
    register = Register(tmp_path / "register", databases)
    await register.catch_up()
    gone = (await databases.cases.get_many([reports[0]["_id"]]))[reports[0]["_id"]]
    await databases.cases.put({"_id": gone["_id"], "_rev": gone["_rev"], "_deleted": True})
    await epoch.renew(databases.cases)
    await register.catch_up()
    await databases.registry.put({"_id": "sector:norte", "name": "Norte", "delegation": "cerrito"})
    await databases.reference.put({"_id": "settings", "timezone": "America/Tijuana"})
    await register.catch_up()
    assert await check(tmp_path / "register", databases) == []
    assert register.columns.codes["delegation"].texts == [None, "cerrito"]
    await register.stop()


@pytest.mark.anyio
async def test_a_damaged_file_is_thrown_away_and_grows_again(databases: Databases, tmp_path: Path) -> None:
    reports, _ = make(5, 20)
    await databases.cases.bulk_docs(reports)
    folder = tmp_path / "register"
    register = Register(folder, databases)
    await register.catch_up()
    await register.stop()
    (folder / REPORTS_FILE).write_bytes(b"no database at all" * 500)
    register = Register(folder, databases)
    await register.start()
    await register.caught_up.wait()
    assert await check(folder, databases) == []
    await register.stop()


@pytest.mark.anyio
async def test_what_the_law_erased_is_in_no_byte(databases: Databases, tmp_path: Path) -> None:
    reports, citizens = make(6, 30)
    secret = reports[0]
    secret |= {"text": "esmeralda vivía aquí", "citizen": citizens[0]["_id"]}
    await databases.citizens.bulk_docs(citizens)
    await databases.cases.bulk_docs(reports)
    folder = tmp_path / "register"
    register = Register(folder, databases)
    await register.catch_up()
    stored = await databases.cases.get(secret["_id"])
    await databases.cases.put({**stored, "text": None, "version": stored["version"] + 1})
    person = await databases.citizens.get(citizens[0]["_id"])
    await databases.citizens.put({**person, "content": {}, "redacted_at": "2026-11-23T16:05:09.123Z"})
    await register.catch_up()
    for file in folder.iterdir():
        for word in (b"esmeralda", b"Amatista", b"amatista", b"4771234567"):
            assert word not in file.read_bytes(), (file.name, word)
    assert {PERSONS_FILE, REPORTS_FILE} <= {file.name for file in folder.iterdir()}
    await register.stop()


@pytest.mark.parametrize("at", [1, 2, 3, 5, 8])
def test_killed_at_any_batch_it_grows_to_the_same(tmp_path: Path, at: int) -> None:
    """A process of its own grows it and is killed after so many batches; the next one goes on."""
    folder = tmp_path / "register"
    command = [sys.executable, str(FOLLOWING), str(tmp_path / "there"), str(folder), str(at)]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    command[-1] = "0"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.mark.anyio
async def test_files_are_nobody_elses(databases: Databases, tmp_path: Path) -> None:
    register = Register(tmp_path / "register", databases)
    await register.catch_up()
    assert (tmp_path / "register").stat().st_mode & 0o777 == 0o700
    for file in (tmp_path / "register").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file.name
    with pytest.raises(apsw.Error):
        connect(tmp_path / "elsewhere", writer=False)
    await register.stop()
