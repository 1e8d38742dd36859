"""Replications as they are asked for, and their ends."""

from __future__ import annotations

from typing import Any

import pytest

from sync.errors import BadRequest, NotImplementedHere
from sync.replicator.endpoint import parse_endpoint
from sync.replicator.request import parse_request


def test_ends() -> None:
    assert parse_endpoint("city", "source").shown == "city"
    url = parse_endpoint("https://ana:s%40@host:5984/base/a%2Fb/", "source")
    assert (url.url, url.name) == ("https://ana:s%40@host:5984/base", "a/b")
    assert url.shown == "https://host:5984/base/a/b/"
    told = parse_endpoint(
        {
            "url": "http://h/db",
            "headers": {"X-A": "1"},
            "auth": {"basic": {"username": "ana", "password": "ñ"}},
        },
        "target",
    )
    assert dict(told.headers) == {"x-a": "1", "authorization": "Basic YW5hOsOx"}
    assert "Basic" not in repr(told)


@pytest.mark.parametrize(
    "value",
    [
        "", None, 1, {}, {"url": 1}, "ftp://h/db", "http://", "http://h", "http://h/",
        "http://[/db", "http://h/db?x=1", {"url": "http://h/db", "headers": 1},
        {"url": "http://h/db", "headers": {"a": 1}}, {"url": "http://h/db", "auth": {"basic": {}}},
        {"url": "http://h/db", "auth": {"iam": {"api_key": "x"}}},
    ],
)  # fmt: skip
def test_an_end_that_is_none(value: Any) -> None:
    with pytest.raises(BadRequest):
        parse_endpoint(value, "source")


@pytest.mark.parametrize(
    "more",
    [
        {"doc_ids": "a"}, {"doc_ids": [1]}, {"selector": {"$x": 1}}, {"selector": {}, "doc_ids": []},
        {"continuous": "yes"}, {"create_target": 1}, {"since_seq": {}}, {"target": ""}, {"source": None},
    ],
)  # fmt: skip
def test_a_malformed_request(more: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        parse_request({"source": "a", "target": "b", **more})


def test_filter_functions_are_not_run() -> None:
    with pytest.raises(NotImplementedHere):
        parse_request({"source": "a", "target": "b", "filter": "app/mine"})


def test_the_same_request_is_the_same_job() -> None:
    asked = {"source": "a", "target": "http://x:y@h/b", "doc_ids": ["2", "1"]}
    job = parse_request(asked).job_id
    assert parse_request({**asked, "doc_ids": ["1", "2", "2"], "target": "http://h/b"}).job_id == job
    assert parse_request({**asked, "continuous": True}).job_id != job
    assert parse_request({**asked, "doc_ids": ["1"]}).job_id != job
