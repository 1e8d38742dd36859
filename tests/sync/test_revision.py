"""Revision ids: read strictly, made from all that makes an edit."""

from __future__ import annotations

import pytest

from sync import revision
from sync.errors import BadRequest


def test_a_revision_is_read() -> None:
    assert revision.parse("12-abc") == (12, "abc")
    assert revision.text((12, "abc")) == "12-abc"


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "1",
        "-a",
        "1-",
        "0-a",
        "01-a",
        "-1-a",
        "a-1",
        "1-a,b",
        "1-a b",
        '1-"',
        "1-ñ",
        "9" * 16 + "-a",
        5,
        None,
    ],
)
def test_anything_else_is_refused(bad: object) -> None:
    with pytest.raises(BadRequest):
        revision.parse(bad)


def test_the_same_edit_has_the_same_id() -> None:
    assert revision.next_rev("1-a", b"}") == revision.next_rev("1-a", b"}")
    assert revision.next_rev("1-a", b"}").startswith("2-")
    assert revision.next_rev(None, b"}").startswith("1-")


def test_whatever_differs_shows() -> None:
    made = {
        revision.next_rev(None, b'"a":1}'),
        revision.next_rev(None, b'"a":2}'),
        revision.next_rev(None, b'"a":1}', deleted=True),
        revision.next_rev(None, b'"a":1}', attachments=[("n", "t", "d")]),
        revision.next_rev(None, b'"a":1}', attachments=[("nt", "", "d")]),
        revision.next_rev(None, b'"a":1}', attachments=[("n", "t", "d"), ("m", "t", "d")]),
        revision.next_rev("1-a", b'"a":1}'),
        revision.next_rev("1-b", b'"a":1}'),
    }
    assert len(made) == 8
