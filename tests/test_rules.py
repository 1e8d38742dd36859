"""Rules that have an id have a test that carries it (``scripts/rules.py``)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType


def script() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "scripts" / "rules.py"
    spec = importlib.util.spec_from_file_location("rules", path)
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_every_rule_with_an_id_has_a_test_and_every_such_test_its_rule() -> None:
    found = script()
    assert len(found.rules()) >= 25
    assert found.faults() == []
