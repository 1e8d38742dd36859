"""What mailboxes hold besides reports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from server.accounts.model import Account
from server.delivery.papers import profile
from server.documents import reading

BEFORE_INIT = reading.settings({})
SCOPE: Any = {"blocks": ["b1"], "sector": "s1", "agency": None, "brigade": None, "in_office": True}


def account(**members: Any) -> Account:
    doc: Any = {
        "_id": "account:lucia",
        "schema": "account.v1",
        "name": "Lucía",
        "role": "block_leader",
        **members,
    }
    return Account.from_doc(doc)


def test_a_profile_holds_ones_own_telephone_where_there_is_one() -> None:
    lucia = account(phone="452 123 4567")
    assert profile(lucia, SCOPE, BEFORE_INIT)["phone"] == "452 123 4567"
    assert "phone" not in profile(replace(lucia, phone=None), SCOPE, BEFORE_INIT)
