"""A saved view: a filter, its order and grouping, under a name; one's own, or shared.

Law: it keeps every member of the filter and is a filter, no more: whose reports it shows is decided by the
scope of whoever opens it. A shared one names no person. Pure.
"""

from __future__ import annotations

from server.accounts.model import Account
from server.documents.shapes import SavedView, SavedViewGroup, SavedViewOrder
from server.register.filters import Filter, FilterError, parse

#: Views of one account, and characters of a name.
MOST, LONGEST = 100, 80
#: Who a view is shared with: everybody of the office, or an agency's own accounts (its id).
EVERYBODY = "*"
#: Members of the filter that name a person.
_PERSONS = ("person", "phone")


def audience_of(account: Account) -> str | None:
    """With whom an account may share; None for who may not."""
    if not account.supervisor:
        return None
    return EVERYBODY if account.role == "desk" else account.agency


def names_a_person(wanted: Filter) -> bool:
    return any(getattr(wanted, name) for name in _PERSONS)


def document(
    view: str,
    name: str,
    wanted: Filter,
    *,
    by: str,
    at: str,
    order: SavedViewOrder,
    group: SavedViewGroup,
    audience: str | None,
) -> SavedView:
    """A ``view.v1``. ``view``: its uuid7."""
    return {
        "_id": f"view:{view}",
        "schema": "view.v1",
        "by": by,
        "at": at,
        "name": name,
        "query": [list(pair) for pair in wanted.query()],
        "order": order,
        "group": group,
        "audience": audience,
    }


def visible(doc: SavedView, account: Account) -> bool:
    """Whether an account is offered a view."""
    if doc["by"] == account.id:
        return True
    return bool(doc["audience"] == EVERYBODY or (doc["audience"] and doc["audience"] == account.agency))


def filter_of(doc: SavedView) -> Filter | None:
    """The view's filter; None for one of a member that there is no more."""
    try:
        return parse([(name, value) for name, value in doc["query"]])
    except FilterError:
        return None
