"""Who may give an enrolment code to whom, revoke whose phone, edit whose account. Pure.

Law: nobody acts on an account above or beside their own, except admin; a sector leader answers only for the
block leaders of the same sector.
"""

from __future__ import annotations

from server.accounts.model import FIELD_ROLES, Account


def may_issue_code(issuer: Account, other: Account) -> bool:
    """Codes are for field roles; office roles enter with a password, and admin's first one is the CLI's."""
    if other.role not in FIELD_ROLES or not other.active:
        return False
    if issuer.role in {"admin", "desk"}:
        return True
    if issuer.role == "sector_leader":
        return other.role == "block_leader" and issuer.sector is not None and issuer.sector == other.sector
    return False


def may_revoke(issuer: Account, other: Account) -> bool:
    """A lost phone: whoever could replace it may also revoke it; one's own always."""
    if issuer.id == other.id or issuer.role == "admin":
        return True
    return may_issue_code(issuer, other) or (issuer.role == "desk" and other.role in FIELD_ROLES)


def may_edit(issuer: Account, other_role: str) -> bool:
    """Names, scope, terms: admin all, the desk the field's."""
    return issuer.role == "admin" or (issuer.role == "desk" and other_role in FIELD_ROLES)
