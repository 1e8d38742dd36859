"""The promises that rest on SQLite's settings."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from sync.embedded import schema


def test_a_commit_is_on_disk_and_what_is_deleted_is_overwritten(tmp_path: Path) -> None:
    db = schema.connect(tmp_path / "x.sqlite3", writer=True)
    found = {
        name: db.pragma(name) for name in ("journal_mode", "synchronous", "secure_delete", "auto_vacuum")
    }
    db.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "auto_vacuum": 2}


def test_tables_are_strict(tmp_path: Path) -> None:
    db = schema.connect(tmp_path / "x.sqlite3", writer=True)
    loose = [
        name
        for name, strict in db.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
        if not strict and not str(name).startswith("sqlite_")
    ]
    db.close()
    assert loose == []


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    schema.connect(tmp_path / "x.sqlite3", writer=True).close()
    db = schema.connect(tmp_path / "x.sqlite3", writer=False)
    with pytest.raises(apsw.ReadOnlyError):
        db.execute("UPDATE clock SET seq = 5")
    db.close()


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schema.connect(tmp_path / "x.sqlite3", writer=True).close()
    broken = (*schema.MIGRATIONS, "CREATE TABLE half (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1);")
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    with pytest.raises(apsw.SQLError):
        schema.connect(tmp_path / "x.sqlite3", writer=True)
    monkeypatch.undo()
    db = schema.connect(tmp_path / "x.sqlite3", writer=True)
    assert db.pragma("user_version") == len(schema.MIGRATIONS)
    assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").get == 0
    db.close()
