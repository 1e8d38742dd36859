#!/usr/bin/env bash
# SQLite's FTS5 has `secure-delete`, which takes a deleted row's words out of the index at once. A contentless table with
# `contentless_delete=1` accepts the setting, and keeps the words in the file all the same: its deletions are tombstones.
# Expected: the words are gone from the file in both kinds of table, or the setting is refused where it does nothing.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check apsw==3.54.1.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import apsw
from pathlib import Path

WORD = b"zapotitlanejo"
print("apsw", apsw.apsw_version(), "SQLite", apsw.sqlite_lib_version())
found = {}
for name, options in {"with content": "", "contentless": ", content='', contentless_delete=1"}.items():
    file = Path(name.replace(" ", "-"))
    db = apsw.Connection(str(file))
    db.execute("PRAGMA secure_delete=ON")
    db.execute(f"CREATE VIRTUAL TABLE words USING fts5(text{options})")
    db.execute("INSERT INTO words(words, rank) VALUES ('secure-delete', 1)")
    db.execute("INSERT INTO words(rowid, text) VALUES (1, 'zapotitlanejo'), (2, 'otra cosa')")
    db.execute("DELETE FROM words WHERE rowid = 1")
    assert not list(db.execute("SELECT rowid FROM words('zapotitlanejo')")), "deleted for who searches"
    db.close()
    deleted = WORD in file.read_bytes()
    db = apsw.Connection(str(file))
    db.execute("PRAGMA secure_delete=ON")
    db.execute("INSERT INTO words(words) VALUES ('optimize')")
    db.close()
    found[name] = (deleted, WORD in file.read_bytes())
    print(f"{name}: the word stands in the file after DELETE: {found[name][0]}, after 'optimize': {found[name][1]}")
assert found == {"with content": (False, False), "contentless": (True, False)}, "it behaves otherwise now"
PYTHON
# Seen: with content: False, False; contentless: True after DELETE, False after 'optimize'.
