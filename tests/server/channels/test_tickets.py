"""A ticket's code is one report's, of one installation, and is read as people write it."""

from __future__ import annotations

import pytest

from server.cases.folio import ALPHABET
from server.channels.tickets import code_of, is_code

SECRET = bytes(range(32))
REPORT = "0193a1b2-0000-7000-8000-0000000000a1"


def test_ticket_1_it_never_changes_for_tickets_are_printed() -> None:
    assert code_of(SECRET, REPORT) == "AVFH-MXFY"


def test_each_report_and_each_installation_has_its_own() -> None:
    reports = [f"0193a1b2-0000-7000-8000-{number:012x}" for number in range(2_000)]
    codes = {code_of(SECRET, report) for report in reports} | {code_of(b"x" * 32, REPORT)}
    assert len(codes) == 2_001
    for code in codes:
        assert (len(code), code[4]) == (9, "-")
        assert set(code.replace("-", "")) <= set(ALPHABET)


def test_it_is_read_as_people_write_it() -> None:
    code = code_of(SECRET, REPORT)
    for said in (
        code,
        code.lower(),
        code.replace("-", ""),
        f" {code} ",
        code.replace("0", "O").replace("1", "l"),
    ):
        assert is_code(SECRET, REPORT, said), said


@pytest.mark.parametrize("said", ["", "-", "ñandú", "\x00", "\ud800", "A" * 100_000])
def test_anything_else_is_none(said: str) -> None:
    assert not is_code(SECRET, REPORT, said)
    assert not is_code(SECRET, REPORT, code_of(SECRET, REPORT)[:-1])
    assert not is_code(SECRET, REPORT, code_of(SECRET, REPORT) + "0")
