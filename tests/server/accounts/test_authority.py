"""Who may give codes to whom, revoke whom, edit whom: cell by cell."""

from __future__ import annotations

from typing import Any

import pytest

from server.accounts.authority import may_edit, may_issue_code, may_revoke
from server.accounts.model import FIELD_ROLES, PASSWORD_ROLES, ROLES, Account, check_account


def account(role: Any, id_: str = "x", sector: str | None = "s-1", active: bool = True) -> Account:
    return Account(id=id_, name="X", role=role, sector=sector, active=active)


@pytest.mark.parametrize("issuer", sorted(ROLES))
@pytest.mark.parametrize("other", sorted(ROLES))
def test_codes(issuer: str, other: str) -> None:
    expected = other in FIELD_ROLES and (
        issuer in {"admin", "desk"} or (issuer == "sector_leader" and other == "block_leader")
    )
    assert may_issue_code(account(issuer), account(other, "y")) is expected


def test_a_sector_leader_stays_in_the_sector() -> None:
    assert not may_issue_code(account("sector_leader"), account("block_leader", sector="s-2"))
    assert not may_issue_code(account("sector_leader", sector=None), account("block_leader", sector=None))
    assert not may_issue_code(account("desk"), account("brigade", active=False))


@pytest.mark.parametrize("issuer", sorted(ROLES))
@pytest.mark.parametrize("other", sorted(ROLES))
def test_revoking(issuer: str, other: str) -> None:
    expected = issuer == "admin" or may_issue_code(account(issuer), account(other))
    assert may_revoke(account(issuer), account(other, "y")) is expected
    assert may_revoke(account(issuer), account(issuer))


@pytest.mark.parametrize("issuer", sorted(ROLES))
def test_editing(issuer: str) -> None:
    for other in ROLES:
        assert may_edit(account(issuer), other) is (
            issuer == "admin" or (issuer == "desk" and other in FIELD_ROLES)
        )


def test_terms_are_inclusive() -> None:
    term = Account(id="x", name="X", role="block_leader", term_from="2026-01-01", term_until="2026-12-31")
    days = ["2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01"]
    assert [term.in_office(day) for day in days] == [False, True, True, False]
    assert not Account(id="x", name="X", role="desk", active=False).in_office("2026-05-05")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"_id": "account:Á"}, "slug"),
        ({"_id": "account:" + "a" * 65}, "slug"),
        ({"role": "king"}, "role"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"blocks": "m-1"}, "blocks"),
        ({"role": "brigade"}, "brigade"),
        ({"role": "agency"}, "agency"),
        ({"role": "sector_leader"}, "sector"),
        ({"password": "$argon2id$x"}, "password"),
    ],
)
def test_accounts_are_checked(changes: dict[str, object], reason: str | None) -> None:
    found = check_account(
        {"_id": "account:rosa", "name": "Rosa", "role": "block_leader", "blocks": [], **changes}
    )
    assert (found is None) if reason is None else (found is not None and reason in found)


def test_every_role_is_field_or_office() -> None:
    assert FIELD_ROLES.isdisjoint(PASSWORD_ROLES)
    assert len(ROLES) == 9
