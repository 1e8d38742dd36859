"""An old system's rows as events: the same row gives the same ids, and a bad one says why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from server.cases.validation import reasons, validate_event
from server.imports.findings import RowRefused
from server.imports.known import Known
from server.imports.reports import OldReports

Json = Any
NOW = datetime(2026, 11, 23, 16, 5, 9, 123000, tzinfo=UTC)
PLACE: Json = {"timezone": "America/Hermosillo"}
TYPES: Json = {"bache": {"name": "Bache en la calle", "agency": "obras"}}
AGENCIES: Json = {
    "obras": {"_id": "agency:obras", "name": "Obras Públicas", "short": "Obras", "departments": []},
    "agua": {"_id": "agency:agua", "name": "Agua Potable", "short": "Agua", "departments": []},
}
CHANNELS: Json = {"web": {"name": "Portal"}, "ventanilla": {"name": "Ventanilla"}}
KNOWN = Known(
    settings=PLACE,
    types=TYPES,
    agencies=AGENCIES,
    channels=CHANNELS,
    blocks={"m-1": {}},
    colonias={"centro"},
)
ROW = {"folio": "17", "date": "2021-10-18", "type": "bache", "lat": "29.09", "lon": "-110.96", "text": "Hoyo"}


def old(source: str = "viejo") -> OldReports:
    return OldReports(source, KNOWN, NOW)


def test_a_row_becomes_a_trusted_captured_receipt() -> None:
    (receipt,) = old().receipts(2, ROW)
    assert reasons("receipt.v1", receipt) == []
    event = receipt["event"]
    validate_event(event, trusted=True)
    assert event["kind"] == "captured"
    assert event["occurred_at"] == "2021-10-18T19:00:00.000Z"
    assert event["payload"]["old_folio"] == "17"
    assert event["payload"]["channel"] == "ventanilla"
    assert event["position"]["source"] == "pin"
    assert receipt["trusted"] == "import"
    assert receipt["session"] == {"account": "import", "device": None}


def test_closed_rows_also_finish() -> None:
    row = {**ROW, "closed": "2021-10-17", "done": "Se bacheó"}
    captured, finished = old().receipts(2, row)
    assert finished["event"]["kind"] == "finished"
    assert finished["event"]["payload"] == {"done": "Se bacheó"}
    assert finished["event"]["occurred_at"] > captured["event"]["occurred_at"], (
        "closing never precedes capture"
    )
    validate_event(finished["event"], trusted=True)


def test_ids_depend_on_source_and_folio_alone() -> None:
    later = OldReports("viejo", KNOWN, NOW.replace(year=2027))
    assert later.receipts(9, ROW)[0]["_id"] == old().receipts(2, ROW)[0]["_id"]
    assert old("otro").receipts(2, ROW)[0]["_id"] != old().receipts(2, ROW)[0]["_id"]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"folio": None}, "folio"),
        ({"date": None}, "date"),
        ({"date": "nunca"}, "date"),
        ({"date": "2031-01-01"}, "date"),
        ({"type": "lampara"}, "type"),
        ({"channel": "paloma"}, "channel"),
        ({"lat": "129"}, "lat"),
        ({"lat": "nan"}, "lat"),
        ({"block": "m-9"}, "block"),
        ({"text": "x" * 4001}, "text"),
        ({"closed": "mañana"}, "closed"),
    ],
)
def test_bad_rows_are_refused_by_column(change: Json, column: str) -> None:
    row = {name: value for name, value in {**ROW, **change}.items() if value is not None}
    with pytest.raises(RowRefused) as refused:
        old().receipts(2, row)
    assert refused.value.column == column


def test_a_folio_counts_once_and_a_refused_row_takes_none() -> None:
    importer = old()
    with pytest.raises(RowRefused):
        importer.receipts(2, {**ROW, "lat": "x"})
    importer.receipts(3, ROW)
    with pytest.raises(RowRefused, match="twice"):
        importer.receipts(4, ROW)


@pytest.mark.parametrize(("lat", "lon"), [("0", "0"), (None, "-110.9")])
def test_no_position_is_none(lat: str | None, lon: str) -> None:
    row = {name: value for name, value in {**ROW, "lat": lat, "lon": lon}.items() if value is not None}
    assert old().receipts(2, row)[0]["event"]["position"] == {"source": "none"}


@pytest.mark.parametrize("nothing", ["1/1/1900", "1899-12-30", "01/01/1904", "1970-01-01", "31/12/1969"])
def test_what_systems_write_for_no_date_is_no_date(nothing: str) -> None:
    with pytest.raises(RowRefused, match="no date"):
        old().receipts(2, {**ROW, "date": nothing})
    with pytest.raises(RowRefused, match="no date"):
        old().receipts(2, {**ROW, "closed": nothing})


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        ("Pendiente", ["captured"]),
        ("EN PROCESO", ["captured", "started"]),
        ("Reasignado", ["captured", "assigned"]),
        ("Atendida", ["captured", "finished"]),
        ("No viable", ["captured", "not_viable"]),
        ("Cancelado", ["captured", "withdrawn"]),
        ("Reabierta", ["captured", "finished", "reopened"]),
        ("Duplicado", ["captured", "not_viable"]),
        ("Con oficio", ["captured", "started"]),
    ],
)
def test_an_old_status_is_what_followed(status: str, kinds: list[str]) -> None:
    importer = OldReports("viejo", KNOWN, NOW, words={"con-oficio": "in_progress"})
    receipts = importer.receipts(2, {**ROW, "status": status, "agency": "Agua potable"})
    assert [receipt["event"]["kind"] for receipt in receipts] == kinds
    for receipt in receipts:
        validate_event(receipt["event"], trusted=True)
    times = [receipt["event"]["occurred_at"] for receipt in receipts]
    assert times == sorted(times)
    if status == "Reasignado":
        assert receipts[1]["event"]["payload"]["agency"] == "agua"


def test_a_duplicate_names_the_report_that_stays_wherever_it_stands() -> None:
    importer = old()
    twin = {**ROW, "folio": "18", "status": "duplicado", "duplicate_of": "17.0"}
    assert importer.waits(twin)
    (first,) = importer.receipts(2, ROW)
    assert not importer.waits(twin)
    marked = importer.receipts(3, twin)[1]["event"]
    assert marked["kind"] == "marked_duplicate"
    assert marked["payload"]["of"] == first["event"]["_id"].split(":")[1]
    assert importer.told.unnamed == 0


@pytest.mark.parametrize(
    ("change", "column"),
    [({"status": "Quién sabe"}, "status"), ({"status": "en proceso", "closed": "2021-11-01"}, "closed")],
)
def test_a_status_that_says_nothing_or_two_things_is_refused(change: Json, column: str) -> None:
    with pytest.raises(RowRefused) as refused:
        old().receipts(2, {**ROW, **change})
    assert refused.value.column == column


def test_ended_without_a_date_is_told() -> None:
    importer = old()
    importer.receipts(2, {**ROW, "status": "atendido"})
    assert any("ended without a date" in sentence for sentence in importer.told.sentences())


def test_axes_that_are_swapped_are_put_right_and_told() -> None:
    importer = old()
    (receipt,) = importer.receipts(2, {**ROW, "lat": "-89.61", "lon": "20.97"})
    assert (receipt["event"]["position"]["lat"], receipt["event"]["position"]["lon"]) == (20.97, -89.61)
    assert any("swapped" in sentence for sentence in importer.told.sentences())
    # A point of another country is one of another country.
    (receipt,) = importer.receipts(3, {**ROW, "folio": "2", "lat": "43.6", "lon": "12.5"})
    assert receipt["event"]["position"]["lat"] == 43.6


def test_two_categories_that_become_one_are_told() -> None:
    importer = old()
    for number, written in enumerate(("Bache", "BACHE", "Báche ")):
        importer.receipts(number, {**ROW, "folio": f"a{number}", "type": written})
    assert importer.told.sentences() == []
    importer.receipts(9, {**ROW, "folio": "b", "type": "Bache."})
    importer.receipts(10, {**ROW, "folio": "c", "type": "Bache en la calle"})
    assert any("are one, bache" in sentence for sentence in importer.told.sentences())


def test_a_folio_keeps_its_zeros_and_loses_its_decimal() -> None:
    assert old().receipts(2, {**ROW, "folio": "0017"})[0]["event"]["payload"]["old_folio"] == "0017"
    assert old().receipts(2, {**ROW, "folio": "17.0"})[0]["event"]["payload"]["old_folio"] == "17"
