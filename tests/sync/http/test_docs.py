"""The page about the HTTP side names every path there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.http.app import DATABASE, NOT_HERE_DATABASE, NOT_HERE_DESIGN, NOT_HERE_SERVER, SERVER

PAGE = (Path(__file__).parents[3] / "docs" / "engine-http.md").read_text()


@pytest.mark.parametrize(
    "name",
    [*SERVER, *DATABASE, *NOT_HERE_SERVER, *NOT_HERE_DATABASE, *NOT_HERE_DESIGN, "_session", "_up", "_local"],
)
def test_it_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE or f"/{name}`" in PAGE or f"/{name}/" in PAGE
