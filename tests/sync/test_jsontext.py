"""No value changes on its way through."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import jsontext
from sync.errors import BadRequest

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read(value: Any) -> None:
    assert jsontext.loads(jsontext.dumps(value)) == value


@given(VALUES)
def test_what_others_write_is_read(value: Any) -> None:
    assert jsontext.loads(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "token",
    [
        "18446744073709551616",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "0.1234567890123456789",
        "3.14159265358979323846",
        "1e-400",
        "1234567890123456789e-5",
    ],
)
def test_numbers_beyond_64_bits_are_kept_exactly(token: str) -> None:
    raw = b'{"n":%b}' % token.encode()
    again = json.loads(jsontext.dumps(jsontext.loads(raw)), parse_float=Decimal, parse_int=Decimal)
    assert again["n"] == Decimal(token)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"nul",
        b"NaN",
        b"Infinity",
        b"1e400",
        b"01",
        b"'a'",
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\xff"',
        b'{"a":1}{"b":2}',
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"\xef\xbb\xbf{}",
        b'"\n"',
        b"9" * 5000,
        b"[1,]",
    ],
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        jsontext.loads(raw)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        {"a": [float("inf")]},
        "\ud800",
        {"\ud800": 1},
        {1: 2},
        {"a": object()},
        {2**70: 1},
        {"a": 2**70, "b": b"bytes"},
        Decimal("NaN"),
    ],
)
def test_what_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(BadRequest):
        jsontext.dumps(value)


def test_nesting_is_refused_where_it_could_not_be_written_back() -> None:
    def nested(depth: int) -> Any:
        value: Any = 1
        for _ in range(depth):
            value = [value]
        return value

    jsontext.dumps(nested(jsontext.MAX_DEPTH))
    with pytest.raises(BadRequest):
        jsontext.dumps(nested(jsontext.MAX_DEPTH + 1))
    with pytest.raises(BadRequest):
        jsontext.dumps([2**70, nested(5000)])


def test_null_is_no_nan() -> None:
    assert jsontext.dumps({"a": None, "b": 1.5}) == b'{"a":null,"b":1.5}'


def test_numbers_of_seventeen_digits_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(raw: bytes) -> object:
        raise AssertionError(raw)

    text = b'{"lon":-101.30000000000001,"lat":0.30000000000000004}'
    exact = b'{"a":0.1000000000000000055511,"lat":0.30000000000000004}'
    assert jsontext.dumps(jsontext.loads(exact)) == exact
    monkeypatch.setattr(jsontext, "_exact", never)
    assert jsontext.dumps(jsontext.loads(text)) == text
