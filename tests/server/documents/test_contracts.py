"""Contract files are found in a checkout; what is missing is said."""

from __future__ import annotations

import pytest

from server.documents.contracts import contract


def test_a_contract_is_found() -> None:
    assert contract("event.v1.json").startswith(b"{")


def test_a_missing_one_names_where_it_was_sought() -> None:
    with pytest.raises(FileNotFoundError, match=r"event\.v99\.json is in none of: .*schemas"):
        contract("event.v99.json")
