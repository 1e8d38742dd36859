"""A pen's chain has no gap and no fork: two forms, two processes, killed at any point."""

from __future__ import annotations

import hashlib
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

from server.cases.canonical import canonical
from server.cases.signature import load_key
from server.channels.outbox import PenOutbox, Sealed
from tests.server.signed import verify_event

SEALING = Path(__file__).with_name("sealing.py")


def opened(folder: Path) -> PenOutbox:
    return PenOutbox(folder, lambda: "019ac000-0000-7000-8000-000000000001")


def draft(outbox: PenOutbox, event: str, account: str = "mesa") -> Any:
    return {"_id": event, "device": f"{account}~{outbox.installation}", "kind": "noted"}


def whole(outbox: PenOutbox, kept: list[Sealed]) -> None:
    """Numbers without gap, each naming the one before by its hash, each signed."""
    key = load_key(outbox.public_key)
    by_device: dict[str, list[Sealed]] = {}
    for sealed in kept:
        by_device.setdefault(sealed.device, []).append(sealed)
    for sealeds in by_device.values():
        prev = None
        for number, sealed in enumerate(sealeds, 1):
            event = sealed.docs[-1]
            assert (event["device_seq"], event["prev"]) == (number, prev)
            assert verify_event(key, event)
            prev = hashlib.sha256(canonical(event)).hexdigest()


def test_acts_are_numbered_chained_and_signed(tmp_path: Path) -> None:
    outbox = opened(tmp_path)
    for number in range(3):
        outbox.seal(draft(outbox, f"event:a:{number}"))
        outbox.seal(draft(outbox, f"event:b:{number}", "obras"))
    kept = outbox.waiting(10)
    assert len(kept) == 6
    whole(outbox, kept)
    outbox.close()


def test_a_form_sent_twice_is_one_act(tmp_path: Path) -> None:
    outbox = opened(tmp_path)
    first = outbox.seal(draft(outbox, "event:a:1"))
    other = draft(outbox, "event:a:1")
    other["kind"] = "finished"
    again = outbox.seal(other)
    assert again == first
    assert len(outbox.waiting(10)) == 1
    outbox.close()


def test_what_the_inbox_has_waits_no_more_until_the_epoch_changes(tmp_path: Path) -> None:
    outbox = opened(tmp_path)
    assert not outbox.in_epoch("one")
    outbox.seal(draft(outbox, "event:a:1"))
    outbox.appended(["event:a:1"], "2026-11-23T16:05:09.123Z")
    assert outbox.waiting(10) == []
    assert [sealed.event for sealed in outbox.held()] == ["event:a:1"]
    outbox.close()
    outbox = opened(tmp_path)
    assert not outbox.in_epoch("one")
    assert outbox.in_epoch("two")
    assert [sealed.event for sealed in outbox.waiting(10)] == ["event:a:1"]
    outbox.let_go(["event:a:1"])
    assert outbox.find("event:a:1") is None
    # What was let go leaves no gap behind: the chain goes on.
    outbox.seal(draft(outbox, "event:a:2"))
    assert outbox.waiting(10)[0].docs[-1]["device_seq"] == 2
    outbox.close()


def test_nobody_else_reads_the_key(tmp_path: Path) -> None:
    folder = tmp_path / "pen"
    outbox = opened(folder)
    outbox.seal(draft(outbox, "event:a:1"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    outbox.close()


def test_a_transaction_that_failed_leaves_nothing(tmp_path: Path) -> None:
    outbox = opened(tmp_path)
    outbox.seal(draft(outbox, "event:a:1"))
    beside = apsw.Connection(str(tmp_path / "pen.sqlite3"))
    beside.execute(
        "CREATE TRIGGER full BEFORE INSERT ON sealed BEGIN SELECT RAISE(ABORT, 'disk'); END"
    ).fetchall()
    with pytest.raises(apsw.ConstraintError):
        outbox.seal(draft(outbox, "event:a:2"))
    beside.execute("DROP TRIGGER full").fetchall()
    outbox.seal(draft(outbox, "event:a:2"))
    whole(outbox, outbox.waiting(10))
    beside.close()
    outbox.close()


@pytest.mark.parametrize("told", [0, 1, 7, 30])
def test_killed_at_any_point_two_processes_leave_one_whole_chain(tmp_path: Path, told: int) -> None:
    command = [sys.executable, str(SEALING), str(tmp_path), "mesa"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said: list[int] = []
    for process in running:
        assert process.stdout is not None
        said += [int(process.stdout.readline()) for _ in range(told)]
    for process in running:
        process.send_signal(signal.SIGKILL)
    for process in running:
        said += [int(line) for line in process.communicate()[0].split()]
        assert process.returncode == -signal.SIGKILL
    outbox = opened(tmp_path)
    kept = outbox.waiting(100_000)
    whole(outbox, kept)
    # Everything told durable is there, once.
    assert len(said) == len(set(said))
    assert set(said) <= {sealed.docs[-1]["device_seq"] for sealed in kept}
    outbox.close()
