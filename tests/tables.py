"""The shared tables of ``schemas/cases``, as pytest parameters. vitest runs the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"


def table(name: str) -> dict[str, Any]:
    """A whole table, with its description."""
    loaded: dict[str, Any] = json.loads((SCHEMAS / "cases" / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def cases(name: str, *members: str) -> pytest.MarkDecorator:
    """Parametrize ``given`` and ``expect`` with the table's cases whose ``given`` has all of ``members``."""
    chosen = [case for case in table(name)["cases"] if all(member in case["given"] for member in members)]
    assert chosen, f"{name}.json has no case with {members}"
    return pytest.mark.parametrize(
        ("given", "expect"),
        [pytest.param(case["given"], case["expect"], id=case["description"]) for case in chosen],
    )
