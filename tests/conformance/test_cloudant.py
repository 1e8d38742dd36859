"""The ``cloudant`` client does its documented basics against ``python -m sync``."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.standalone import NAME, PASSWORD, standalone

# cloudant 2.15 is no longer developed; its module still has the escapes of older Pythons.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:cloudant")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Any]:
    from cloudant.client import CouchDB

    with standalone(tmp_path / "data") as url:
        client = CouchDB(NAME, PASSWORD, url=url.rstrip("/"), connect=True)
        yield client
        client.disconnect()


def test_the_session_is_a_cookie(client: Any) -> None:
    assert client.session()["userCtx"] == {"name": NAME, "roles": ["_admin"]}
    assert client.session_cookie()
    assert client.metadata()["couchdb"] == "Welcome"


def test_a_wrong_password_is_refused(client: Any) -> None:
    import requests
    from cloudant.client import CouchDB

    other = CouchDB(NAME, "otra", url=client.server_url)
    with pytest.raises(requests.HTTPError, match="401"):
        other.connect()


def test_databases(client: Any) -> None:
    db = client.create_database("colonias/centro")
    assert db.exists()
    assert client.all_dbs() == ["colonias/centro"]
    assert db.metadata()["doc_count"] == 0
    client.delete_database("colonias/centro")
    assert client.all_dbs() == []


def test_documents(client: Any) -> None:
    from cloudant.document import Document

    db = client.create_database("docs")
    made = db.create_document({"_id": "a/b ñ", "n": 1})
    made["n"] = 2
    made.save()
    made.update_field(action=Document.field_set, field="n", value=3)
    with Document(db, "a/b ñ") as again:
        assert again["n"] == 3
        again["m"] = "sí"
    fresh = Document(db, "a/b ñ")
    fresh.fetch()
    assert fresh["m"] == "sí"
    assert Document(db, "nobody").exists() is False
    made.fetch()
    made.delete()
    assert Document(db, "a/b ñ").exists() is False


def test_bulk_all_docs_and_changes(client: Any) -> None:
    from cloudant.result import Result

    db = client.create_database("many")
    rows = db.bulk_docs([{"_id": f"{n:02}", "n": n} for n in range(50)])
    assert len(rows) == 50
    assert db.doc_count() == 50
    assert [row["doc"]["_id"] for row in Result(db.all_docs, include_docs=True)[10:12]] == ["10", "11"]
    assert [row["id"] for row in Result(db.all_docs)["07":"09"]] == ["07", "08", "09"]
    assert db.all_docs(keys=["03", "none"])["rows"][1]["error"] == "not_found"
    assert len(list(db.changes())) == 50
    assert [change["id"] for change in db.changes(descending=True, limit=1)] == ["49"]
    assert db.missing_revisions("01", "1-abc") == ["1-abc"]
    assert db.revisions_diff("01", "1-abc")["01"]["missing"] == ["1-abc"]


def test_an_endless_feed_hears_of_changes(client: Any) -> None:
    db = client.create_database("live")
    db.create_document({"_id": "first"})
    heard = []
    feed = db.infinite_changes(timeout=2000)
    for change in feed:
        heard.append(change["id"])
        if len(heard) == 1:
            db.create_document({"_id": "second"})
        else:
            feed.stop()
    assert heard == ["first", "second"]


def test_attachments(client: Any) -> None:
    db = client.create_database("files")
    doc = db.create_document({"_id": "with file"})
    content = bytes(range(256)) * 500
    doc.put_attachment("foto 1.bin", "application/octet-stream", content)
    held = io.BytesIO()
    doc.get_attachment("foto 1.bin", attachment_type="binary", write_to=held)
    assert held.getvalue() == content
    doc.delete_attachment("foto 1.bin")
    assert "_attachments" not in db["with file"]


def test_local_security_and_limits(client: Any) -> None:
    from cloudant.security_document import SecurityDocument

    db = client.create_database("rules")
    with SecurityDocument(db) as security:
        security["members"] = {"names": ["ana"], "roles": []}
    assert db.get_security_document()["members"] == {"names": ["ana"], "roles": []}
    assert db.set_revision_limit(7) == {"ok": True}
    assert db.get_revision_limit() == 7
    assert db.create_document({"_id": "_design/x", "views": {}})["_id"] == "_design/x"
    assert [row["id"] for row in db.all_docs(startkey="_design/", endkey="_design0")["rows"]] == ["_design/x"]


def test_the_replicator_follows_a_replication_to_its_end(client: Any) -> None:
    from cloudant.replicator import Replicator

    client.create_database("_replicator")
    source, target = client.create_database("one"), client.create_database("two")
    source.bulk_docs([{"_id": f"{n}"} for n in range(20)])
    replicator = Replicator(client)
    asked = replicator.create_replication(source, target)
    states = [doc.get("_replication_state") for doc in replicator.follow_replication(asked["_id"])]
    assert states[-1] == "completed"
    assert target.doc_count() == 20
    assert [doc["_id"] for doc in replicator.list_replications()] == [asked["_id"]]
    replicator.stop_replication(asked["_id"])
    assert client["_replicator"].doc_count() == 0
