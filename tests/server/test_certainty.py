"""A clock that jumped is doubted until others agree with it, within a run and between runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.certainty import EVERY, FAR, PATIENCE, PHONES, SEEN_FILE, WatchedClock
from server.instants import parse, say

START = datetime(2026, 11, 23, 16, tzinfo=UTC)
YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)


class Machine:
    """A clock somebody may set, and one nobody can; ``start`` is a process on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wall = START
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.wall

    def run(self, clock: WatchedClock, **duration: float) -> datetime:
        """Time goes by, looked at every half hour."""
        left = timedelta(**duration)
        while left > timedelta(0):
            step = min(left, timedelta(minutes=30))
            self.wall += step
            self.seconds += step.total_seconds()
            left -= step
            clock.now()
        return clock.now()

    def start(self, off: timedelta = timedelta(0)) -> WatchedClock:
        """A new process, after the machine was off for so long; its seconds begin anew."""
        self.wall += off
        self.seconds = 5.0
        return WatchedClock(self.folder, self, lambda: self.seconds)

    @property
    def seen(self) -> datetime:
        return parse((self.folder / SEEN_FILE).read_text().strip())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_clock_that_goes_is_believed(machine: Machine) -> None:
    clock = machine.start()
    assert clock.now() == START
    assert machine.run(clock, days=40) == machine.wall
    assert machine.wall - machine.seen <= timedelta(seconds=EVERY)
    later = machine.start(off=timedelta(days=3))
    assert (later.now(), later.doubted) == (machine.wall, False)


def test_a_year_ahead_for_half_a_minute_makes_nothing_a_year_old(machine: Machine) -> None:
    machine.run(machine.start(), hours=1)
    right = machine.wall
    clock = machine.start(off=YEAR)
    assert clock.doubted
    assert machine.run(clock, seconds=25) - right < timedelta(minutes=1)
    assert machine.seen <= right
    machine.wall = right + timedelta(minutes=2)
    assert (clock.now(), clock.doubted) == (machine.wall, False)
    machine.wall += YEAR  # within the run
    assert clock.doubted
    assert clock.now() - right < timedelta(minutes=3)


def test_set_back_makes_nothing_older_and_ahead_of_that_is_no_year(machine: Machine) -> None:
    machine.run(machine.start(), hours=1)
    right = machine.wall
    clock = machine.start(off=-YEAR)
    assert clock.now() == machine.wall
    machine.run(clock, hours=2)
    assert machine.seen <= right, "what was seen stays seen"
    machine.wall = right
    assert not clock.doubted


def test_after_long_off_phones_tell(machine: Machine) -> None:
    machine.run(machine.start(), hours=1)
    before = machine.wall
    clock = machine.start(off=timedelta(days=60))
    for number in range(PHONES - 1):
        clock.hear(f"lucia~{number}", machine.wall + timedelta(minutes=number))
    clock.hear("pedro~0", machine.wall)  # another account on the same phone
    clock.hear("marta~7", machine.wall - timedelta(hours=5))
    clock.hear("marta~7", machine.wall - timedelta(minutes=5))
    assert not clock.doubted
    assert clock.now() == machine.wall
    assert machine.seen == machine.wall > before


def test_phones_that_contradict_it_keep_it_doubted(machine: Machine) -> None:
    machine.run(machine.start(), hours=1)
    right = machine.wall
    clock = machine.start(off=YEAR)
    for number in range(9):
        clock.hear(f"lucia~{number}", right)
    for number in range(20, 20 + PHONES):
        clock.hear(f"lucia~{number}", machine.wall)
    assert machine.run(clock, seconds=PATIENCE * 3) <= right + timedelta(seconds=PATIENCE * 3 + 60)
    assert clock.doubted


def test_where_nobody_tells_it_is_believed_after_a_day_that_it_goes_on(machine: Machine) -> None:
    machine.run(machine.start(), hours=1)
    clock = machine.start(off=YEAR)
    machine.run(clock, seconds=PATIENCE - 3600)
    assert clock.doubted
    machine.wall += YEAR  # it jumps again: the day begins anew
    machine.run(clock, seconds=7200)
    assert clock.doubted
    machine.run(clock, seconds=PATIENCE)
    assert (clock.doubted, clock.now()) == (False, machine.wall)


def test_another_process_of_the_folder_hears_for_both(machine: Machine) -> None:
    machine.run(machine.start(), hours=1)
    gateway = machine.start(off=YEAR)
    intake = WatchedClock(machine.folder, machine, lambda: machine.seconds)
    assert intake.doubted
    for number in range(PHONES):
        gateway.hear(f"lucia~{number}", machine.wall)
    machine.run(intake, seconds=EVERY)
    assert not intake.doubted


def test_who_knows_deletes_the_file_and_a_spoilt_one_is_none(machine: Machine) -> None:
    machine.run(machine.start(), hours=1)
    (machine.folder / SEEN_FILE).unlink()
    assert not machine.start(off=YEAR).doubted
    (machine.folder / SEEN_FILE).write_text("\x00\xff no instant", "latin-1")
    assert not machine.start(off=YEAR).doubted


@pytest.mark.parametrize(("off", "doubted"), [(FAR - HOUR, False), (FAR + HOUR, True), (-FAR - HOUR, True)])
def test_what_is_far(machine: Machine, off: timedelta, doubted: bool) -> None:
    (machine.folder / SEEN_FILE).write_text(say(machine.wall))
    assert machine.start(off=off).doubted is doubted
