"""one_event_ends_the_process: at the fourth start it is put aside, and the line moves on."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.delivery.audit import check
from server.intake.writing.attempts import DEATHS_FILE, FLIGHT_FILE, PATIENCE, Attempts
from tests.device import subject_of
from tests.faults.dying import POISON
from tests.faults.lives import moves_on, opened
from tests.server.intake.municipality import inside

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("where", ["judging", "writing"])
async def test_the_line_moves_on_at_the_fourth_start(tmp_path: Path, where: str) -> None:
    async with opened(tmp_path) as town:
        lucia, marta = await town.pen("lucia"), await town.pen("marta")
        innocent = [lucia.capture("lampara", text="foco", **inside(1)) for _ in range(5)]
        poison = marta.capture("lampara", text=POISON, **inside(2))
        after = [lucia.capture("lampara", text="farol", **inside(1)) for _ in range(5)]
        await town.append(*innocent, poison, *after)
    moves_on(tmp_path, where)
    async with opened(tmp_path) as town:
        town.pens = {"lucia": lucia, "marta": marta}
        for event in [*innocent, *after]:
            assert (await town.report(subject_of(event)))["folio"]
        truth = await town.truth()
        held = {key: doc["code"] for key, doc in truth.items() if key.startswith(("quarantine:", "refusal:"))}
        assert held == {f"quarantine:{poison['_id'].rpartition(':')[2]}": "event_failed"}
        assert len((await town.ack("lucia"))["items"]) == 10
        assert [e["code"] for e in (await town.ack("marta"))["quarantined"]] == ["event_failed"]
        if where == "judging":
            assert await check(town.databases, town.directory, town.clock) == []
    assert not (tmp_path / DEATHS_FILE).exists()
    assert not (tmp_path / FLIGHT_FILE).read_bytes().strip()


def begun(folder: Path) -> Attempts:
    attempts = Attempts(folder)
    attempts.open()
    return attempts


def test_a_batch_is_taken_apart_only_after_it_ended_the_process_twice(tmp_path: Path) -> None:
    ids = [f"{n:036}" for n in range(4)]
    for count in range(PATIENCE + 1):
        attempts = begun(tmp_path)
        assert attempts.one_by_one == (count >= PATIENCE)
        assert [attempts.judging(one) for one in ids] == [0] * 4, "nobody is named yet"
        attempts.begin(ids)
        attempts.judged()
        attempts.close()
    attempts = begun(tmp_path)
    attempts.begin(ids[1:2])
    attempts.judging(ids[1])
    attempts.judged()
    attempts.close()
    attempts = begun(tmp_path)
    assert attempts.judging(ids[1]) == PATIENCE + 2
    assert attempts.judging(ids[2]) == 0
    attempts.begin(ids)
    attempts.passed(ids)
    assert not attempts.one_by_one
    assert attempts.judging(ids[1]) == 0
    attempts.close()


def test_an_orderly_end_accuses_nobody(tmp_path: Path) -> None:
    attempts = begun(tmp_path)
    attempts.begin(["a" * 36])
    attempts.idle()
    attempts.close()
    attempts = begun(tmp_path)
    assert attempts.judging("a" * 36) == 0
    attempts.idle()
    attempts.close()
    assert not (tmp_path / DEATHS_FILE).exists()


def test_a_file_cut_short_by_a_power_failure_accuses_nobody(tmp_path: Path) -> None:
    for left in (b"", b"x" * 20, b"\0" * 74):
        (tmp_path / FLIGHT_FILE).write_bytes(left)
        (tmp_path / DEATHS_FILE).write_bytes(b'{"batch"')
        attempts = begun(tmp_path)
        assert not attempts.one_by_one
        attempts.idle()
        attempts.close()
