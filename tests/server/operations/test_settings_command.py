"""``manzana settings``: what can be set, what is refused, and that what was set holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from server.cases.validation import _schema
from server.commands.settings import ELSEWHERE, parsed
from tests.commandline import make, manzana


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("retention_days", "30", 30),
        ("answer_hours", "36.5", 36.5),
        ("election_mode", "true", True),
        ("emergency_phone", "911", "911"),
        ("duty_phone", "null", None),
        ("municipality", "2026", "2026"),
        ("timezone", "America/Hermosillo", "America/Hermosillo"),
        ("civil_protection_agencies", '["pc"]', ["pc"]),
    ],
)
def test_a_value_is_read_as_the_setting_wants_it(name: str, text: str, value: Any) -> None:
    assert parsed(name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("retention_days", "0", "retention_days must be a whole number from 1 to 3650."),
        ("retention_days", "noventa", "retention_days must be a whole number from 1 to 3650."),
        ("answer_hours", "-1", "answer_hours must be a number from 0 to 8760."),
        ("brand", "green", "brand must be a colour as #004D55."),
        ("timezone", "America/Nowhere", "timezone must be an IANA time zone (America/Mexico_City, for one)."),
        ("municipality", "", "municipality must be a text of at most 200 characters."),
        ("demo", "true", "demo is not set here: it is for 'manzana demo' alone."),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(name: str, text: str, sentence: str) -> None:
    with pytest.raises(click.ClickException) as refused:
        parsed(name, text)
    assert refused.value.message == sentence


def test_a_name_that_is_none_is_answered_with_those_there_are() -> None:
    with pytest.raises(click.ClickException, match=r"no setting 'retention'; there are .*retention_days"):
        parsed("retention", "30")


def test_every_refusal_can_say_what_would_do() -> None:
    """Of each setting of the schema: an impossible value is answered, never met with a defect."""
    for name in _schema("settings.v1")["properties"]:
        with pytest.raises(click.ClickException, match=name):
            parsed(name, '{"not": "a value"}' + "x" * 300)
    assert ELSEWHERE.keys() < _schema("settings.v1")["properties"].keys()


def test_what_was_set_is_shown_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert "There are no data" in manzana(folder, "settings", "show", code=1)
    make(folder)
    shown = manzana(folder, "settings", "show").splitlines()
    assert "retention_days\t90\t(default)" in shown
    assert "answer_hours\t24" in shown
    assert "municipality\tVilla de Prueba" in shown
    assert "retention_days is set." in manzana(folder, "settings", "set", "retention_days", "45")
    refused = manzana(folder, "settings", "set", "retention_days", "9999", code=1)
    assert refused == "manzana: retention_days must be a whole number from 1 to 3650.\n"
    shown = manzana(folder, "settings", "show").splitlines()
    assert "retention_days\t45" in shown
    assert "folio_prefix\tVP" in shown, "the rest is as it was"
