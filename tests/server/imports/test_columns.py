"""Columns under our names: mapped, fixed, filtered, and nothing guessed."""

from __future__ import annotations

import pytest

from server.imports.columns import MappingError, parse


def test_maps_sets_and_filters_of_one_kind() -> None:
    columns = parse(
        "report",
        ["report.folio=Folio SAC", "colonia.id=cve"],
        ["report.type=bache"],
        ["report.estado=abierto"],
    )
    row = {"Folio SAC": " 12 ", "text": "hoyo", "estado": "abierto", "lat": ""}
    assert columns.wanted(row)
    assert not columns.wanted({**row, "estado": "cerrado"})
    assert columns.read(row, ["folio", "type", "text", "lat", "lon"]) == {
        "folio": "12",
        "type": "bache",
        "text": "hoyo",
    }


@pytest.mark.parametrize("text", ["report.folio", "folio=Folio", "report.=x", ".folio=x", "report.folio="])
def test_malformed_option_is_said(text: str) -> None:
    with pytest.raises(MappingError, match=r"<member>=<value>"):
        parse("report", [text])


def test_unknown_member_and_absent_column_are_said() -> None:
    with pytest.raises(MappingError, match="cannot be imported"):
        parse("report", ["report.color=c"]).check({"folio"}, {"c"})
    with pytest.raises(MappingError, match="no column 'Folio'"):
        parse("report", ["report.folio=Folio"]).check({"folio"}, {"folio"})
