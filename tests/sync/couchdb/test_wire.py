"""Queries as CouchDB's parameters and its answers as rows."""

from __future__ import annotations

import orjson

from sync.couchdb import wire
from sync.interface import AllDocsQuery, BulkGetRow, BulkRow, ChangesQuery, DocOptions


def test_defaults_are_not_sent() -> None:
    assert wire.doc_params(DocOptions()) == {}
    assert wire.all_docs_params(AllDocsQuery()) == {}
    assert wire.changes_request(ChangesQuery()) == ({"since": "0"}, None)


def test_parameters() -> None:
    assert wire.doc_params(DocOptions(rev="1-a", revs=True, atts_since=("1-a",))) == {
        "rev": "1-a", "revs": True, "atts_since": '["1-a"]',
    }  # fmt: skip
    query = AllDocsQuery(startkey='"ñ', endkey="z", inclusive_end=False, limit=0, skip=2, descending=True)
    assert wire.all_docs_params(query) == {
        "startkey": '"\\"ñ"', "endkey": '"z"', "inclusive_end": False,
        "limit": 0, "skip": 2, "descending": True,
    }  # fmt: skip
    params, body = wire.changes_request(ChangesQuery(since="5-x", limit=3, all_leaves=True, doc_ids=("a",)))
    assert params == {"since": "5-x", "limit": 3, "style": "all_docs", "filter": "_doc_ids"}
    assert orjson.loads(body or b"") == {"doc_ids": ["a"]}
    assert wire.changes_request(ChangesQuery(selector={"n": 1}))[0]["filter"] == "_selector"
    assert wire.changes_request(ChangesQuery(design_only=True))[0]["filter"] == "_design"


def test_rows() -> None:
    assert wire.bulk_row({"ok": True, "id": "a", "rev": "1-a"}) == BulkRow("a", "1-a")
    assert wire.bulk_row({"id": "a", "error": "forbidden"}) == BulkRow("a", None, "forbidden", "")
    refused = {"error": {"id": "a", "rev": "undefined", "error": "not_found", "reason": "missing"}}
    assert wire.bulk_get_row("a", refused) == BulkGetRow("a", None, None, "not_found", "missing")
    assert wire.open_revs_row("a", {"missing": "1-a"}) == BulkGetRow("a", "1-a", None, "not_found", "missing")


def test_a_page_without_pending_and_with_numbers_for_sequences() -> None:
    value = {"results": [{"seq": 5, "id": "a", "changes": [{"rev": "1-a"}], "doc": None}], "last_seq": 5}
    page = wire.change_page(value)
    assert (page.rows[0].seq, page.last_seq, page.pending, page.rows[0].doc) == ("5", "5", 0, None)


def test_numbers_of_any_length_survive() -> None:
    doc = {"_id": "a", "n": 10**30}
    row = {"id": "a", "key": "a", "value": {"rev": "1-a"}, "doc": doc}
    page = wire.doc_page({"total_rows": None, "offset": None, "rows": [row]})
    assert page.rows[0].doc == b'{"_id":"a","n":1000000000000000000000000000000}'
    assert page.total_rows == 1


def test_a_database_made_anew_has_another_uuid() -> None:
    value = {"doc_count": 0, "update_seq": "0", "instance_start_time": "17"}
    first = wire.database_info(value, "db", "http://h/db")
    again = wire.database_info({**value, "instance_start_time": "18"}, "db", "http://h/db")
    assert first.uuid != again.uuid
    assert wire.database_info({**value, "uuid": "own"}, "db", "http://h/db").uuid == "own"
