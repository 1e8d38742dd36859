"""The draw is anybody's to repeat, and its margin is the one a sample of that size has."""

from __future__ import annotations

import csv
import hashlib
import io
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from server.commands.draw import command
from server.months.draws import published, sample
from server.months.sample import drawn, estimate

SEED = "5e" * 32
FOLIOS = [f"VP-{number:06d}" for number in range(1, 238)]


def test_the_rule_is_the_one_that_is_written() -> None:
    """As docs/office.md tells it, with nothing of the program."""
    by_hand = sorted(FOLIOS, key=lambda folio: hashlib.sha256(f"{SEED}:{folio}".encode()).hexdigest())[:24]
    assert drawn(SEED, FOLIOS) == by_hand, "237 are 23.7: rounded up"


def test_neither_order_nor_repetition_matters_and_the_seed_does() -> None:
    shuffled = FOLIOS * 2
    random.Random(4).shuffle(shuffled)
    assert drawn(SEED, shuffled) == drawn(SEED, FOLIOS)
    assert drawn("5f" * 32, FOLIOS) != drawn(SEED, FOLIOS)
    assert drawn(SEED, []) == []
    assert drawn(SEED, ["VP-1"]) == ["VP-1"]
    assert drawn(SEED, FOLIOS, 100)[: len(drawn(SEED, FOLIOS))] == drawn(SEED, FOLIOS)


def test_draw_1_the_command_repeats_the_draw_from_the_published_list(tmp_path: Path) -> None:
    rows = [
        {"folio": folio, "status": "finished", "closed_at": "2026-10-07T15:00:00.000Z"} for folio in FOLIOS
    ]
    rows.append({"folio": "VP-999999", "status": "not_viable", "closed_at": "2026-10-07T15:00:00.000Z"})
    close: Any = {"finished": rows}
    draw: Any = {"seed": SEED, "share": 10}
    file = tmp_path / "lista.csv"
    file.write_text(published(close), newline="")
    assert "VP-999999" not in file.read_text(), "what was not done is not asked about"
    assert len(list(csv.DictReader(io.StringIO(file.read_text())))) == len(FOLIOS)
    answer = CliRunner().invoke(command, [str(file), "--seed", SEED])
    told = [line.split()[0] for line in answer.output.splitlines() if line.startswith("VP-")]
    assert told == [row["folio"] for row in sample(close, draw)]
    file.write_text("nombre\nx\n")
    assert CliRunner().invoke(command, [str(file), "--seed", SEED]).exit_code == 1


def test_an_estimate_says_how_much_is_known() -> None:
    assert estimate(0, 0, 100) is None
    whole = estimate(7, 10, 10)
    assert whole is not None
    assert (whole.share, whole.margin) == (70, 0)
    # Wilson at 95 % for 8 of 10 of an endless whole: 49.0 to 94.3 (Newcombe 1998, Table I's method).
    endless = estimate(8, 10, 10**9)
    assert endless is not None
    assert endless.low == pytest.approx(49.0, abs=0.1)
    assert endless.high == pytest.approx(94.3, abs=0.1)
    of_few = estimate(8, 10, 20)
    assert of_few is not None
    assert endless.margin > of_few.margin > 0


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = random.Random(11)
    held = 0
    for _ in range(1_000):
        whole = [rng.random() < 0.7 for _ in range(400)]
        answers = rng.sample(whole, 40)
        found = estimate(sum(answers), 40, 400)
        assert found is not None
        held += found.low <= 100 * sum(whole) / 400 <= found.high
    assert 930 <= held <= 975
