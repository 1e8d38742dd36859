"""What an account's standing leaves it able to do, at every door. Pure.

Law GATE-1: ``POWERS`` is the only place that says it. Whoever is out of office, for whatever reason, works
nowhere; a phone may still deliver what it holds, so that nothing is lost, and learns what it must forget.
What is delivered is judged by its signature and its time, not by this table.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from server.accounts.model import Account

Standing = Literal["in_office", "not_begun", "ended", "suspended", "revoked", "password_changed", "deleted"]
#: ``work``: whatever the role may do. ``deliver``: push, photos, courier files, the check-in, signing out.
#: ``forget``: of the own mailbox, which documents are gone, and no document.
Power = Literal["work", "deliver", "forget"]

_HELD: frozenset[Power] = frozenset({"deliver", "forget"})

#: By standing, what a phone's session and what a page's may do.
POWERS: dict[Standing, dict[Literal["device", "page"], frozenset[Power]]] = {
    "in_office": {"device": _HELD | {"work"}, "page": frozenset({"work"})},
    "not_begun": {"device": _HELD, "page": frozenset()},
    "ended": {"device": _HELD, "page": frozenset()},
    "suspended": {"device": _HELD, "page": frozenset()},
    # A lost phone is told to wipe itself: a list of what it should forget would only tell its finder.
    "revoked": {"device": frozenset({"deliver"}), "page": frozenset()},
    # It may be the person's own: it delivers, reads nothing, and is told to enrol anew (``reenrol``).
    "password_changed": {"device": frozenset({"deliver"}), "page": frozenset()},
    "deleted": {"device": frozenset(), "page": frozenset()},
}

#: Standings in which a person may be given a code and enrol: a sheet is printed before the term begins.
MAY_ENROL: frozenset[Standing] = frozenset({"in_office", "not_begun"})


def standing_of(account: Account | None, today: str) -> Standing:
    """An account's standing; ``today`` is the municipality's date, ``YYYY-MM-DD``."""
    if account is None:
        return "deleted"
    if not account.active:
        return "suspended"
    if account.term_from is not None and today < account.term_from:
        return "not_begun"
    if account.term_until is not None and today > account.term_until:
        return "ended"
    return "in_office"


def certain_date(account: Account | None, now: datetime) -> str | None:
    """A date that judges the account as the municipality's own would, wherever it lies; None near a border.

    ``now`` in UTC. Saves reading the time zone at every request: dates differ by a day at most.
    """
    if account is None or (account.term_from is None and account.term_until is None):
        return now.date().isoformat()
    days: list[date] = [(now + timedelta(days=n)).date() for n in (-1, 0, 1)]
    if len({standing_of(account, day.isoformat()) for day in days}) == 1:
        return days[1].isoformat()
    return None
