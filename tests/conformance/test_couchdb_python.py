"""The ``couchdb`` client (CouchDB-Python) does its documented basics against ``python -m sync``."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.standalone import NAME, PASSWORD, standalone

pytestmark = [
    pytest.mark.skipif(sys.version_info >= (3, 13), reason="couchdb 1.2 needs a Python below 3.13"),
    # couchdb 1.2 is no longer developed; it uses cgi, which Python 3.11 warns of at import.
    pytest.mark.filterwarnings("ignore:'cgi' is deprecated:DeprecationWarning"),
    # It leaves closing its pooled connections to the collector.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Any]:
    import couchdb

    with standalone(tmp_path / "data") as url:
        yield couchdb.Server(url.replace("//", f"//{NAME}:{PASSWORD}@"))


def test_the_server(server: Any) -> None:
    import couchdb

    assert server.version()
    assert len(server.uuids(5)) == 5
    assert server.tasks() == []
    made = server.create("colonias")
    assert "colonias" in server
    assert list(server) == ["colonias"]
    assert made.name == "colonias"
    with pytest.raises(couchdb.PreconditionFailed):
        server.create("colonias")
    del server["colonias"]
    with pytest.raises(couchdb.ResourceNotFound):
        server["colonias"]


def test_sessions(server: Any) -> None:
    import couchdb

    token = server.login(NAME, PASSWORD)
    assert server.verify_token(token)
    assert server.logout(token)
    with pytest.raises(couchdb.Unauthorized):
        server.login(NAME, "otra")


def test_documents(server: Any) -> None:
    import couchdb

    db = server.create("docs")
    doc_id, rev = db.save({"type": "report", "n": 1})
    assert rev.startswith("1-")
    db["a/b ñ"] = {"n": 2}
    doc = db["a/b ñ"]
    doc["n"] = 3
    db["a/b ñ"] = doc
    assert db["a/b ñ"]["n"] == 3
    assert doc_id in db
    assert len(db) == 2
    assert sorted(db) == sorted([doc_id, "a/b ñ"])
    assert [found.rev[0] for found in db.revisions("a/b ñ")] == ["2", "1"]
    with pytest.raises(couchdb.ResourceConflict):
        db["a/b ñ"] = {"n": 4}
    db.delete(db["a/b ñ"])
    assert "a/b ñ" not in db
    assert db.get("a/b ñ") is None
    assert db.info()["doc_count"] == 1
    assert db.commit()["ok"]
    assert db.compact()


def test_bulk_rows_and_changes(server: Any) -> None:
    db = server.create("many")
    assert all(ok for ok, _, _ in db.update([{"_id": f"{n:02}", "n": n} for n in range(30)]))
    assert [row.id for row in db.view("_all_docs", startkey="10", limit=2, include_docs=True)] == ["10", "11"]
    assert [row.id for row in db.view("_all_docs", keys=["03", "05"])] == ["03", "05"]
    assert [row.doc["n"] for row in db.iterview("_all_docs", 7, include_docs=True)] == list(range(30))
    changes = db.changes(since=0)
    assert len(changes["results"]) == 30
    feed = db.changes(feed="continuous", since=changes["last_seq"], timeout=5000, limit=1)
    db["new"] = {}
    assert next(feed)["id"] == "new"
    feed.close()
    assert db.purge([{"_id": "01", "_rev": db["01"].rev}])["purged"]["01"]
    assert "01" not in db


def test_attachments(server: Any) -> None:
    db = server.create("files")
    db["with file"] = {}
    content = bytes(range(256)) * 500
    db.put_attachment(db["with file"], io.BytesIO(content), "foto 1.bin", "application/octet-stream")
    assert db.get_attachment("with file", "foto 1.bin").read() == content
    db.delete_attachment(db["with file"], "foto 1.bin")
    assert db.get_attachment("with file", "foto 1.bin") is None


def test_security_and_what_is_not_there(server: Any) -> None:
    import couchdb

    db = server.create("rules")
    db.security = {"members": {"names": ["ana"], "roles": []}}
    assert db.security["members"]["names"] == ["ana"]
    db["one"] = {"kind": "lamp"}
    assert [doc["_id"] for doc in db.find({"selector": {"kind": "lamp"}})] == ["one"]
    with pytest.raises(couchdb.ServerError, match="not_implemented"):
        list(db.index())


def test_replication(server: Any) -> None:
    source, target = server.create("one"), server.create("two")
    source.update([{"_id": f"{n}"} for n in range(20)])
    answer = server.replicate("one", "two")
    assert answer["ok"]
    assert answer["history"][0]["docs_written"] == 20
    assert len(target) == 20
    assert server.replicate("one", "two")["no_changes"]
