"""Whose reports an office account may read: one predicate, added to every question in one place.

Law: what an account may not read does not even change a count. A confidential report (a denuncia) is its own
agencies' and the auditor's, and nobody else's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from server.accounts.model import Account
from server.register.columns import Columns, Mask

#: Office roles that read the reports of every agency.
ALL_AGENCIES = frozenset({"desk", "auditor"})


@dataclass(frozen=True, slots=True)
class Scope:
    """``agency``: only reports it has or had. ``confidential``: the others' confidential ones too."""

    agency: str | None = None
    everything: bool = False
    confidential: bool = False


def scope_of(account: Account, today: str) -> Scope:
    """What an account may read. ``today``: the municipality's date."""
    if not account.in_office(today):
        return Scope()
    if account.role == "auditor":
        return Scope(everything=True, confidential=True)
    if account.role in ALL_AGENCIES:
        return Scope(everything=True)
    if account.role == "agency":
        return Scope(agency=account.agency)
    return Scope()


def readable(report: Mapping[str, Any], scope: Scope) -> bool:
    """Whether one report may be read: ``visible``, of its document."""
    if scope.everything:
        return scope.confidential or not report.get("confidential")
    if scope.agency is None:
        return False
    agencies = {report.get("agency"), *(entry.get("agency") for entry in report.get("assignments") or ())}
    return scope.agency in agencies


def visible(columns: Columns, scope: Scope) -> Mask:
    """Where a report may be read. The caller holds the columns' lock."""
    if scope.everything and scope.confidential:
        return columns.living.copy()
    if scope.everything:
        return np.asarray(columns.living & (columns["confidential"] == 0))
    if scope.agency is not None:
        return np.asarray(columns.living & columns.is_one_of("agencies", [scope.agency]))
    return np.zeros(columns.size, dtype=np.bool_)
