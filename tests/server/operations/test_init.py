"""``manzana init`` as a command: tried out, failed and run again, never twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box, mapping

from tests.commandline import manzana

WHERE = ("init", "--municipality", "Villa de Prueba", "--state", "Yucatán")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Blocks whose key is called CLAVE, leaders with one bad row, old reports."""
    features: list[Any] = [
        {
            "type": "Feature",
            "properties": {"CLAVE": f"00{i}", "OTRA": f"x{i}"},
            "geometry": mapping(box(-89.6 + i / 100, 20.9, -89.595 + i / 100, 20.905)),
        }
        for i in range(3)
    ]
    found = {name: tmp_path / name for name in ("blocks.geojson", "leaders.csv", "reports.csv")}
    found["blocks.geojson"].write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    found["leaders.csv"].write_text("blocks,name,phone\n0,Ana,9991234567.0\n9,Nadie,\n")
    found["reports.csv"].write_text("folio,date,type,status\n1,01-feb-2026,bache,atendido\n")
    return found


def words(files: dict[str, Path], key: str) -> tuple[str, ...]:
    return (
        *WHERE,
        *("--areas", f"block={files['blocks.geojson']}", "--map", f"block.id={key}"),
        *("--leaders", str(files["leaders.csv"]), "--reports", str(files["reports.csv"])),
    )


def test_it_is_tried_out_without_a_trace(tmp_path: Path, files: dict[str, Path]) -> None:
    folder = tmp_path / "data"
    said = manzana(folder, *words(files, "CLAVE"), "--dry-run")
    assert "Areas: 3 new" in said
    assert "Padrón: 1 new" in said
    assert "Reports, by row: 1 new" in said
    assert "dry run, nothing was written" in said
    assert "row 3, blocks: is no block" in said
    assert not folder.exists() or list(folder.iterdir()) == []


def test_one_that_failed_is_run_again_and_one_that_did_not_is_not(
    tmp_path: Path, files: dict[str, Path]
) -> None:
    folder = tmp_path / "data"
    broken = files["reports.csv"].read_text()
    files["reports.csv"].write_text("folio,date,type\n1,03/25/2026,bache\n")
    assert "--dates month" in manzana(folder, *words(files, "OTRA"), code=1)
    files["reports.csv"].write_text(broken)
    said = manzana(folder, *words(files, "CLAVE"))
    assert "Areas: 3 new" in said, "the blocks of the first try had other keys and are gone"
    assert "1 admitted" in said or "2 admitted" in said
    assert "hold a municipality already" in manzana(folder, *words(files, "CLAVE"), code=1)
    assert "as it must be" in manzana(folder, "check")
