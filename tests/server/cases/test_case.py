"""The state of a case as a report document."""

from __future__ import annotations

from server.cases.case import Case
from server.cases.folio import provisional
from tests.histories import report_id
from tests.schemas.test_schemas import SCHEMA_FILES

MAILBOX_ONLY = {"view", "contact", "_rev"}


def test_a_report_has_every_member_of_its_schema() -> None:
    """In ``cases`` nothing is left out: what is not known yet is null, so a copy's trimming shows."""
    document = Case(report_id(1)).document()
    assert set(document) == set(SCHEMA_FILES["report.v1"]["properties"]) - MAILBOX_ONLY


def test_the_provisional_folio_is_there_from_the_start() -> None:
    assert Case(report_id(7)).document()["provisional_folio"] == provisional(report_id(7))


def test_a_place_is_the_position_the_address_and_where_intake_put_it() -> None:
    case = Case(report_id(1))
    case.position = {"source": "gps", "lat": 1, "lon": 2}
    case.address = {"street": "Reyes", "block": "said-by-the-person"}
    case.routing = {"block": "b-1", "blocks_tied": [], "outside": False, "sector": None, "colonia": "Centro"}
    assert case.document()["place"] == {
        "source": "gps",
        "lat": 1,
        "lon": 2,
        "street": "Reyes",
        "block": "b-1",
        "colonia": "Centro",
    }
