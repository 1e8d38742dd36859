"""``manzana catalogue``: what the pages do, from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.commandline import make, manzana


def test_things_are_added_renamed_and_retired_from_the_command_line(tmp_path: Path) -> None:
    make(tmp_path)
    assert "jefe-de-manzana\tJefa o Jefe de Manzana" in manzana(tmp_path, "catalogue", "list", "canales")
    made = manzana(tmp_path, "catalogue", "set", "brigadas", "dependencia=obra-publica", "nombre=Bacheo 2")
    assert "obra-publica~bacheo-2" in made
    manzana(tmp_path, "catalogue", "set", "brigadas", "nombre=Bacheo Sur", "--key", "obra-publica~bacheo-2")
    manzana(tmp_path, "catalogue", "retire", "brigadas", "obra-publica~bacheo-2")
    listed = manzana(tmp_path, "catalogue", "list", "brigadas")
    assert "obra-publica~bacheo-2\tBacheo Sur\tDirección de Obra Pública\t(retired)" in listed
    manzana(tmp_path, "catalogue", "retire", "brigadas", "obra-publica~bacheo-2", "--back")
    assert "(retired)" not in manzana(tmp_path, "catalogue", "list", "brigadas")
    refused = manzana(tmp_path, "catalogue", "retire", "dependencias", "obra-publica", code=1)
    assert "Nothing was changed." in refused
    assert "There is no" in manzana(tmp_path, "catalogue", "retire", "canales", "fax9", code=1)
    assert "write FIELD=VALUE" in manzana(tmp_path, "catalogue", "set", "canales", "color=rojo", code=2)
