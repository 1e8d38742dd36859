"""The folio ledger and the lock of the one writer."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.intake.running.lock import IntakeLock, IntakeRunning
from server.intake.writing.ledger import LEDGER_FILE, SKIPPED, Ledger
from sync.errors import StorageFull
from tests.server.intake.municipality import Municipality, inside

A, B, C = (f"018f0000-0000-7000-8000-00000000000{n}" for n in "abc")


def test_numbers_are_consecutive_and_a_reports_own_for_ever(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path, 0)
    assert ledger.reserve([A, B, A]) == {A: 1, B: 2}
    assert ledger.reserve([B, C]) == {B: 2, C: 3}
    ledger.close()
    again = Ledger.open(tmp_path, 3)
    assert (again.number_of(A), again.number_of(C), again.last) == (1, 3, 3)
    assert again.reserve([]) == {}


def test_what_the_disk_refused_is_given_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may have thrown away what it could not write: the same numbers are written once more."""
    ledger = Ledger.open(tmp_path, 0)
    ledger.reserve([A])
    synced = [ledger.is_synced]
    ledger.sync()
    synced.append(ledger.is_synced)
    assert synced == [False, True]
    ledger.reserve([B, A])
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "broken")))
        with pytest.raises(OSError, match="broken"):
            ledger.sync()
    assert (ledger.number_of(A), ledger.number_of(B), ledger.last) == (1, None, 1)
    assert ledger.reserve([C, B]) == {C: 2, B: 3}
    ledger.sync()
    ledger.close()
    assert (tmp_path / LEDGER_FILE).read_text() == f"1 {A}\n2 {C}\n3 {B}\n"


def test_a_line_cut_short_was_never_told_to_anyone(tmp_path: Path) -> None:
    Ledger.open(tmp_path, 0).reserve([A])
    with (tmp_path / LEDGER_FILE).open("ab") as file:
        file.write(f"2 {B}".encode())
    ledger = Ledger.open(tmp_path, 1)
    assert ledger.number_of(B) is None
    assert ledger.reserve([C]) == {C: 2}
    ledger.close()
    assert Ledger.open(tmp_path, 2).number_of(C) == 2


@pytest.mark.anyio
async def test_intake_waits_for_a_disk_that_refuses_folios(
    town: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for an engine that is full: nothing is told, nothing lost, and the report gets the next number."""
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises(StorageFull):
            await town.capture("lucia", "lampara", **inside(1))
    town.intake.line.forget()  # as the loop does before it tries again
    await town.intake.run_until_idle()
    assert [item[2] for item in (await town.ack("lucia"))["items"]] == ["VP-000001"]
    await town.assert_sound()


@pytest.mark.parametrize("lost", [True, False])
def test_a_lost_or_older_ledger_skips(tmp_path: Path, lost: bool) -> None:
    if not lost:
        Ledger.open(tmp_path, 0).reserve([A])
    ledger = Ledger.open(tmp_path, 40)
    assert ledger.reserve([B]) == {B: 40 + SKIPPED + 1}
    ledger.close()
    assert Ledger.open(tmp_path, 40 + SKIPPED + 1).last == 40 + SKIPPED + 1


def test_a_second_intake_refuses_to_start_and_a_dead_one_holds_nothing(tmp_path: Path) -> None:
    with IntakeLock(tmp_path), pytest.raises(IntakeRunning, match="holds"):
        IntakeLock(tmp_path).take()
    holder = (
        "import sys, pathlib; from server.intake.running.lock import IntakeLock; "
        "IntakeLock(pathlib.Path(sys.argv[1])).take(); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[4],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(IntakeRunning, match=str(process.pid)):
            IntakeLock(tmp_path).take()
        process.kill()
        process.wait()
        with IntakeLock(tmp_path):
            pass
