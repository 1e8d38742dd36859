"""How deep is too deep."""

from __future__ import annotations

from typing import Any

import pytest

from server.documents.depth import DEPTH, is_deeper


def nested(levels: int, *, objects: bool = False) -> Any:
    value: Any = [] if not objects else {}
    for _ in range(levels - 1):
        value = {"a": value, "b": 1} if objects else [1, value]
    return value


@pytest.mark.parametrize("objects", [False, True])
def test_levels_are_counted_to_the_last(objects: bool) -> None:
    assert not is_deeper(nested(DEPTH, objects=objects))
    assert is_deeper(nested(DEPTH + 1, objects=objects))
    assert is_deeper(nested(1_000, objects=objects))


@pytest.mark.parametrize("value", [None, 1, "[[[[", [], {}, [[], {}, 1]])
def test_what_is_flat_is_not(value: Any) -> None:
    assert not is_deeper(value)
