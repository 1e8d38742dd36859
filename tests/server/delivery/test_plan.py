"""A plan of mailboxes is made of values alone."""

from __future__ import annotations

from typing import Any

from server.cases.fold import fold
from server.cases.scope import Scope
from server.delivery.plan import Changes, Reached, contacts, plan
from tests.histories import records
from tests.tables import table

Json = Any


def scope(account: str, role: str) -> Scope:
    return {
        "account": account, "role": role, "blocks": [], "sector": None, "agency": None, "brigade": None,
        "department": None, "in_office": True,
    }  # fmt: skip


SCOPES = {
    "lucia": scope("lucia", "block_leader"),
    "mesa": scope("mesa", "desk"),
    "auditora": scope("x", "auditor"),
}


def a_report(**members: Any) -> Json:
    found = fold(records({"records": table("fold")["cases"][0]["given"]["records"]}))
    assert found is not None
    return {**found, **members}


def has_mailbox(account: str) -> bool:
    return account != "auditora"


def test_who_sees_it_gets_it_and_who_did_loses_it() -> None:
    report = a_report(citizen=None)
    reached = [Reached(report, {"mesa": "full", "auditora": "full"}, frozenset({"lucia"}))]
    made = plan(Changes([report], fresh=[report["_id"][7:]]), reached, SCOPES, {}, {}, has_mailbox)
    assert set(made.puts) == {"mesa"}
    assert made.puts["mesa"][report["_id"]]["view"] == "full"
    assert made.deletes == {"lucia": {report["_id"]}}
    assert made.fresh == {report["_id"]}


def test_a_paper_may_be_taken_away_and_acknowledgements_come_last() -> None:
    papers: dict[str, dict[str, Json | None]] = {
        "mesa": {"quarantine:a": {"_id": "quarantine:a"}, "quarantine:b": None},
        "auditora": {"quarantine:a": {"_id": "quarantine:a"}},
    }
    acks = {"lucia": {"ack:1": {"_id": "ack:1"}}, "auditora": {"ack:2": {"_id": "ack:2"}}}
    made = plan(Changes([], papers=papers, acknowledgements=acks), [], SCOPES, {}, {}, has_mailbox)
    assert made.puts == {"mesa": {"quarantine:a": {"_id": "quarantine:a"}}}
    assert made.deletes == {"mesa": {"quarantine:b"}}
    assert made.then == {"lucia": acks["lucia"]}


def test_what_a_doubtful_mailbox_holds_and_may_not_goes() -> None:
    report = a_report(citizen=None)
    reached = [Reached(report, {"mesa": "full"}, frozenset())]
    held = {"mesa": {report["_id"]}, "lucia": {report["_id"]}}
    made = plan(Changes([report]), reached, SCOPES, {}, held, has_mailbox)
    assert made.deletes == {"mesa": set(), "lucia": {report["_id"]}}


def test_contact_data_is_asked_for_where_somebody_needs_it() -> None:
    report = a_report(citizen="citizen:1")
    assert contacts([Reached(report, {"mesa": "full"}, frozenset())], SCOPES) == {"citizen:1"}
    assert contacts([Reached(report, {"lucia": "card"}, frozenset())], SCOPES) == set()
    assert contacts([Reached(a_report(citizen=None), {"mesa": "full"}, frozenset())], SCOPES) == set()
