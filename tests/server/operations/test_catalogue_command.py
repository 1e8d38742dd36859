"""``manzana catalogue``: agencies, departments and channels, listed, added, renamed, retired."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commandline import make, manzana


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "data")
    return tmp_path / "data"


def test_an_agency_lives_and_is_retired(folder: Path) -> None:
    words = ("--name", "Instituto de la Juventud", "--phone", "477 123 0987", "--department", "Becas")
    assert "agency:juventud added" in manzana(folder, "catalogue", "agency", "juventud", *words)
    assert "is so already" in manzana(folder, "catalogue", "agency", "juventud", *words)
    manzana(
        folder,
        "catalogue",
        "agency",
        "juventud",
        "--name",
        "Juventud",
        "--department",
        "becas:Becas y Cursos",
    )
    listed = manzana(folder, "catalogue", "list").splitlines()
    assert "agency\tjuventud\tJuventud\tJuventud" in listed
    assert "department\tjuventud/becas\tBecas y Cursos" in listed
    manzana(folder, "catalogue", "agency", "juventud", "--drop", "becas")
    assert "no department" in manzana(folder, "catalogue", "agency", "juventud", "--drop", "becas", code=1)
    manzana(folder, "catalogue", "agency", "juventud", "--retire")
    assert "agency\tjuventud\tJuventud\tJuventud\tretired" in manzana(folder, "catalogue", "list")
    manzana(folder, "catalogue", "agency", "juventud", "--use")
    assert "retired" not in manzana(folder, "catalogue", "list")


def test_what_work_goes_to_is_not_retired(folder: Path) -> None:
    said = manzana(folder, "catalogue", "agency", "alumbrado-publico", "--retire", code=1)
    assert "still answers for the petition types" in said
    assert "name: is missing" in manzana(folder, "catalogue", "agency", "nueva", "--short", "N", code=1)


def test_a_channel(folder: Path) -> None:
    manzana(folder, "catalogue", "channel", "kiosco", "--name", "Kiosco del parque")
    manzana(folder, "catalogue", "channel", "kiosco", "--retire")
    assert "channel\tkiosco\tKiosco del parque\tretired" in manzana(folder, "catalogue", "list")
