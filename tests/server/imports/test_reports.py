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
TYPES: Json = {"bache": {}}
CHANNELS: Json = {"web": {}, "ventanilla": {}}
KNOWN = Known(
    settings=PLACE,
    types=TYPES,
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
    assert next(later.receipts(9, ROW))["_id"] == next(old().receipts(2, ROW))["_id"]
    assert next(old("otro").receipts(2, ROW))["_id"] != next(old().receipts(2, ROW))["_id"]


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
        list(old().receipts(2, row))
    assert refused.value.column == column


def test_a_folio_counts_once_and_a_refused_row_takes_none() -> None:
    importer = old()
    with pytest.raises(RowRefused):
        list(importer.receipts(2, {**ROW, "lat": "x"}))
    list(importer.receipts(3, ROW))
    with pytest.raises(RowRefused, match="twice"):
        list(importer.receipts(4, ROW))


@pytest.mark.parametrize(("lat", "lon"), [("0", "0"), (None, "-110.9")])
def test_no_position_is_none(lat: str | None, lon: str) -> None:
    row = {name: value for name, value in {**ROW, "lat": lat, "lon": lon}.items() if value is not None}
    assert next(old().receipts(2, row))["event"]["position"] == {"source": "none"}


@pytest.mark.parametrize("nothing", ["1/1/1900", "1899-12-30", "01/01/1904", "1970-01-01", "31/12/1969"])
def test_what_systems_write_for_no_date_is_no_date(nothing: str) -> None:
    with pytest.raises(RowRefused, match="no date"):
        list(old().receipts(2, {**ROW, "date": nothing}))
    with pytest.raises(RowRefused, match="no date"):
        list(old().receipts(2, {**ROW, "closed": nothing}))
