"""The shared tables keep to their format, and the one that is made is fresh."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.schemas.overlay_table import made
from tests.tables import SCHEMAS, table

TABLES = sorted(path.stem for path in (SCHEMAS / "cases").glob("*.json"))


#: Tables whose cases are what people say: the phrase is the description.
SAID = frozenset({"type_words"})


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_described_cases(name: str) -> None:
    loaded = table(name)
    assert loaded["description"]
    if name in SAID:
        said = [case["said"] for case in loaded["cases"]]
        assert len(set(said)) == len(said), "two cases say the same"
        return
    descriptions = [case["description"] for case in loaded["cases"]]
    assert len(set(descriptions)) == len(descriptions), "two cases say the same"
    for case in loaded["cases"]:
        assert set(case) == {"description", "given", "expect"}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_in_the_readme(name: str) -> None:
    assert f"| `{name}` |" in (SCHEMAS / "README.md").read_text(encoding="utf-8")


def test_the_overlay_table_is_made_of_the_histories() -> None:
    found = Path(SCHEMAS / "cases" / "overlay.json").read_text(encoding="utf-8")
    assert found == made(), "stale: python -m tests.schemas.overlay_table"
