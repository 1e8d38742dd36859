"""Settings come from the environment, the command line wins, and nonsense stops the start with one
sentence.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from server.settings import SETTINGS, SettingError, Settings, read, without_password


def test_defaults_hold_without_an_environment() -> None:
    assert read({}) == Settings()


def test_the_environment_is_read_and_the_command_line_wins() -> None:
    settings = read(
        {"PORT": "9000", "DATA_DIR": "/srv/m", "LAN": "1", "COUCHDB_URL": ""}, port=9001, host=None
    )
    assert (settings.port, settings.data_dir, settings.lan, settings.couchdb_url) == (
        9001,
        Path("/srv/m"),
        True,
        "",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("LAN", "maybe"),
        ("COUCHDB_URL", "localhost:5984"),
        ("SESSION_DAYS", "0"),
        ("INTAKE", "sometimes"),
        ("ORIGIN", "ftp://x"),
    ],
)
def test_nonsense_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=name):
        read({name: text})


def test_every_field_is_a_setting_and_every_setting_a_field() -> None:
    assert [setting.field for setting in SETTINGS] == list(Settings.__dataclass_fields__)


def test_passwords_are_not_shown() -> None:
    assert without_password("http://admin:secret@host:5984/x") == "http://host:5984/x"


def test_phones_reach_a_lan_service_unless_an_address_is_named() -> None:
    assert read({"LAN": "1"}).host == "0.0.0.0"
    assert read({"LAN": "1", "HOST": "127.0.0.1"}).host == "127.0.0.1"
    assert read({}, lan=True, host="192.0.2.1").host == "192.0.2.1"
    assert read({"LAN": "0"}).host == "127.0.0.1"
