"""Selectors match as CouchDB's do, and malformed ones are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import BadRequest
from sync.selector import collation_key, compile_selector, matches

DOC = {
    "_id": "r:1",
    "type": "report",
    "n": 5,
    "tags": ["bache", "agua"],
    "place": {"colonia": "Centro", "lat": 29.1},
    "none": None,
    "open": True,
    "a.b": 1,
    "list": [{"k": 1}, {"k": 2}],
    "text": "Bache en la calle",
}

TABLE: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"type": "report"}, True),
    ({"type": {"$eq": "order"}}, False),
    ({"type": "report", "n": 6}, False),
    ({"n": {"$gt": 4, "$lte": 5}}, True),
    ({"n": {"$lt": "a"}}, True),
    ({"n": {"$gt": None}}, True),
    ({"none": None}, True),
    ({"missing": None}, False),
    ({"missing": {"$ne": 1}}, False),
    ({"n": {"$ne": 4}}, True),
    ({"missing": {"$exists": False}}, True),
    ({"none": {"$exists": True}}, True),
    ({"place.colonia": "Centro"}, True),
    ({"place": {"colonia": "Centro"}}, True),
    ({"place": {"colonia": {"$in": ["Norte", "Centro"]}}}, True),
    ({"place.colonia.deeper": "x"}, False),
    ({"a\\.b": 1}, True),
    ({"a.b": 1}, False),
    ({"tags": {"$all": ["agua"]}}, True),
    ({"tags": {"$all": ["agua", "luz"]}}, False),
    ({"tags": {"$size": 2}}, True),
    ({"tags": {"$elemMatch": {"$eq": "bache"}}}, True),
    ({"list": {"$elemMatch": {"k": {"$gt": 1}}}}, True),
    ({"list": {"$allMatch": {"k": {"$gt": 1}}}}, False),
    ({"list": {"$allMatch": {"k": {"$gt": 0}}}}, True),
    ({"place": {"$keyMapMatch": {"$eq": "lat"}}}, True),
    ({"tags": {"$in": ["luz", "agua"]}}, True),
    ({"type": {"$nin": ["order"]}}, True),
    ({"missing": {"$nin": ["order"]}}, False),
    ({"n": {"$mod": [3, 2]}}, True),
    ({"text": {"$mod": [3, 2]}}, False),
    ({"text": {"$regex": "^Bache"}}, True),
    ({"text": {"$beginsWith": "Bache en"}}, True),
    ({"n": {"$regex": "5"}}, False),
    ({"n": {"$type": "number"}}, True),
    ({"open": {"$type": "number"}}, False),
    ({"open": {"$type": "boolean"}}, True),
    ({"$and": [{"n": 5}, {"type": "report"}]}, True),
    ({"$or": [{"n": 6}, {"type": "report"}]}, True),
    ({"$nor": [{"n": 6}, {"type": "report"}]}, False),
    ({"$not": {"n": 5}}, False),
    ({"n": {"$not": {"$gt": 9}}}, True),
    ({"n": {"$or": [{"$lt": 2}, {"$gt": 4}]}}, True),
    ({"open": 1}, False),
    ({"n": 5.0}, True),
]


@pytest.mark.parametrize(("selector", "expected"), TABLE, ids=[str(row[0]) for row in TABLE])
def test_table(selector: dict[str, Any], expected: bool) -> None:
    assert matches(selector, DOC) is expected


@pytest.mark.parametrize(
    "selector",
    [
        [], "x", None, {"$what": 1}, {"a": {"$what": 1}}, {"a": {"$in": 1}}, {"$and": {}},
        {"a": {"$regex": "("}}, {"a": {"$exists": 1}}, {"a": {"$type": "x"}}, {"a": {"$size": -1}},
        {"a": {"$mod": [0, 1]}}, {"a..b": 1}, {"a": {"$elemMatch": 1}}, {"a": {"$beginsWith": 1}},
    ],
)  # fmt: skip
def test_a_malformed_selector_is_refused_before_any_document(selector: Any) -> None:
    with pytest.raises(BadRequest):
        compile_selector(selector)


def test_deep_nesting_is_refused() -> None:
    selector: dict[str, Any] = {"a": 1}
    for _ in range(500):
        selector = {"$and": [selector]}
    with pytest.raises(BadRequest, match="deep"):
        compile_selector(selector)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_any_two_values_compare(left: Any, right: Any) -> None:
    doc = {"v": left}
    below, same, above = (matches({"v": {op: right}}, doc) for op in ("$lt", "$eq", "$gt"))
    assert below + same + above == 1
    assert same is (collation_key(left) == collation_key(right))
    assert matches({"v": {"$eq": left}}, doc)


@given(VALUES, VALUES)
def test_not_is_the_contrary(left: Any, right: Any) -> None:
    selector = {"v": {"$lte": right}}
    assert matches({"$not": selector}, {"v": left}) is not matches(selector, {"v": left})
