"""A telephone is one number however it was written, and a redacted person is nobody."""

from __future__ import annotations

from typing import Any

import pytest

from server.persons.telephones import digits_of
from server.register.persons import person_of
from tests.device import citizen_document
from tests.server.register.town import NOW


@pytest.mark.parametrize(
    "written",
    [
        "4771234567",
        "477 123 4567",
        "(477) 123-4567",
        "044 477 123 4567",
        "045 477 123 4567",
        "01 477 123 4567",
        "+52 477 123 4567",
        "+52 1 477 123 4567",
        "5214771234567",
    ],
)
def test_what_was_dialled_before_a_number_is_no_part_of_it(written: str) -> None:
    assert digits_of(written) == "4771234567"


@pytest.mark.parametrize(
    ("written", "digits"), [("", None), (None, None), ("ext.", None), ("12345", "12345")]
)
def test_what_is_no_number_is_what_it_has_of_one(written: str | None, digits: str | None) -> None:
    assert digits_of(written) == digits


def test_a_redacted_person_is_nobody() -> None:
    doc: Any = citizen_document(NOW, name="Amatista Cuarzo", phone="045 477 123 4567")
    person = person_of(doc)
    assert person is not None
    assert (person.name, person.digits) == ("Amatista Cuarzo", "4771234567")
    doc["content"] = {}
    assert person_of(doc) is None
