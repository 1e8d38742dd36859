"""Folios: the shared table, and every single mistake of a kind rather than samples."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from server.cases.folio import ALPHABET, definitive, number_of, provisional, read_provisional
from tests.tables import cases

UUIDS = st.uuids(version=4).map(str)


@cases("provisional_folio", "report")
def test_a_report_has_its_folio(given: dict[str, Any], expect: dict[str, Any]) -> None:
    assert provisional(given["report"]) == expect["folio"]


@cases("provisional_folio", "read")
def test_what_a_person_wrote(given: dict[str, Any], expect: dict[str, Any]) -> None:
    assert read_provisional(given["read"]) == expect["folio"]


@settings(max_examples=25)
@drawn(UUIDS)
def test_no_single_typo_passes(report: str) -> None:
    letters = provisional(report).replace("-", "")
    for place, right in enumerate(letters):
        for wrong in ALPHABET:
            if wrong != right:
                assert read_provisional(letters[:place] + wrong + letters[place + 1 :]) is None


@settings(max_examples=25)
@drawn(UUIDS)
def test_no_exchange_of_two_passes(report: str) -> None:
    letters = provisional(report).replace("-", "")
    for first, second in combinations(range(9), 2):
        if letters[first] != letters[second]:
            swapped = list(letters)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            assert read_provisional("".join(swapped)) is None


def test_what_is_no_uuid_has_no_folio() -> None:
    with pytest.raises(ValueError, match="not a uuid"):
        provisional("report")


@pytest.mark.parametrize(
    ("number", "folio"), [(1, "HMO-000001"), (999999, "HMO-999999"), (1234567, "HMO-1234567")]
)
def test_definitive_folios(number: int, folio: str) -> None:
    assert definitive("HMO", number) == folio
    assert number_of("HMO", folio) == number


def test_a_folio_of_another_prefix_or_form_has_no_number() -> None:
    assert number_of("HMO", "LEO-000001") is None
    assert number_of("HMO", "HMO-1") is None
    assert number_of("H.O", "HMO-000001") is None
    with pytest.raises(ValueError, match="at least 1"):
        definitive("HMO", 0)
