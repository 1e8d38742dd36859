"""Documents as they arrive."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sync import draft
from sync.errors import BadRequest, DocValidation, EngineError, IllegalDocumentId


def test_own_members_are_kept_and_reserved_ones_taken() -> None:
    one = draft.read({"_id": "a", "_rev": "2-b", "_deleted": True, "n": 1, "_conflicts": ["x"]})
    assert (one.id, one.rev, one.deleted, one.body) == ("a", "2-b", True, b'"n":1}')


def test_bytes_are_the_same_as_the_object() -> None:
    assert draft.read(b'{"_id": "a", "n": [1]}') == draft.read({"_id": "a", "n": [1]})


def test_an_empty_document_has_an_empty_body() -> None:
    assert draft.read({"_id": "a"}).body == b"}"


def test_lineage_counts_only_for_replicated_edits() -> None:
    doc = {"_id": "a", "_rev": "3-c", "_revisions": {"start": 3, "ids": ["c", "b"]}}
    assert draft.read(doc, new_edits=False).ids == ["c", "b"]
    assert draft.read(doc).rev == "3-c"
    assert draft.read({"_id": "a", "_rev": "3-c"}, new_edits=False).ids == ["c"]


@pytest.mark.parametrize("doc", [{"_id": "a"}, {"_id": "a", "n": 1}])
def test_a_replicated_edit_needs_its_revision(doc: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        draft.read(doc, new_edits=False)


@pytest.mark.parametrize("doc_id", ["", "_", "_a", "_design/", "_local/", "\ud800", 5, None, ["a"]])
def test_ids_outside_the_rule_are_refused(doc_id: Any) -> None:
    with pytest.raises(IllegalDocumentId):
        draft.read({"_id": doc_id})


def test_an_id_is_made_only_where_a_maker_is_given() -> None:
    assert draft.read({}, new_id=lambda: "made").id == "made"
    with pytest.raises(IllegalDocumentId):
        draft.read({})
    with pytest.raises(IllegalDocumentId):
        draft.read({"_id": ""}, new_id=lambda: "made")


@pytest.mark.parametrize(
    "doc",
    [
        {"_foo": 1},
        {"_deleted": 1},
        {"_rev": "x"},
        {"_rev": 1},
        {"_revisions": {"start": 1, "ids": ["a", "b"]}, "_rev": "1-a"},
        {"_revisions": {"start": 2, "ids": ["a"]}, "_rev": "2-b"},
        {"_revisions": {"start": True, "ids": ["a"]}},
        {"_revisions": {"start": 1, "ids": []}},
        {"_revisions": {"start": 1, "ids": [1]}},
        {"_revisions": []},
        {"_attachments": 5},
        {"_attachments": {"": {"data": ""}}},
        {"_attachments": {"_a": {"data": ""}}},
        {"_attachments": {"a": {"data": "%%%"}}},
        {"_attachments": {"a": {}}},
        {"_attachments": {"a": {"data": "", "content_type": 5}}},
        {"_attachments": {"a": {"data": "", "revpos": "1"}}},
        {"_attachments": {"a": {"data": "", "encoding": "br"}}},
        {"n": "\ud800"},
        {"n": float("nan")},
        {5: 1},
    ],
)
def test_what_could_not_be_kept_is_refused(doc: dict[Any, Any]) -> None:
    with pytest.raises(EngineError) as refused:
        draft.read({"_id": "a", "_rev": "1-a", **doc}, new_edits=False)
    assert refused.value.status == 400


@pytest.mark.parametrize("raw", [b"[]", b"5", b"null", b'"a"', b"{"])
def test_what_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        draft.read(raw)


def test_an_attachment_brings_bytes_or_means_one_that_is_here() -> None:
    data = base64.b64encode(b"hola").decode()
    one = draft.read(
        {
            "_id": "a",
            "_attachments": {"x": {"data": data, "revpos": 9}, "y": {"stub": True, "digest": "md5-z"}},
        }
    )
    assert one.attachments is not None
    assert (one.attachments["x"].data, one.attachments["x"].revpos) == (b"hola", None)
    assert one.attachments["y"].stub


def test_members_of_replication_are_kept_where_they_belong() -> None:
    doc = {"_id": "a", "_replication_state": "completed"}
    assert draft.read(doc).body == b'"_replication_state":"completed"}'
    other = {"_id": "a", "_replication_start_time": "now"}
    with pytest.raises(DocValidation):
        draft.read(other)
    assert draft.read(other, also={"_replication_start_time"}).body == b'"_replication_start_time":"now"}'


@pytest.mark.parametrize("data", ["aG9s\nYQ==", "aG9s\r\nYQ==\r\n", " aG9s YQ==", "aG9sYQ=="])
def test_base64_may_be_broken_into_lines(data: str) -> None:
    given = draft.read({"_id": "a", "_attachments": {"x": {"data": data}}}).attachments
    assert given is not None
    assert given["x"].data == b"hola"


@pytest.mark.parametrize("member", [{"_rev": None}, {"_attachments": None}, {"_removed": True}])
def test_what_says_nothing_is_refused(member: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        draft.read({"_id": "a", **member})
