"""Mailboxes that are over their cap: what leaves, and what comes back when there is room.

Law: such a mailbox holds what ``index.keep`` says of all its owner may see. To ask that costs what the owner
may see; so where even the open reports are too many, it is asked only if a change can alter the choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.cases.scope import View
from server.delivery.index import Rank, keep, rank_of

if TYPE_CHECKING:
    from server.delivery.delivery import Delivery
    from sync.interface import Doc

_REPORT = "report:"


@dataclass(slots=True)
class _Held:
    """``ranks`` of what is held, where these are the best of too many open ones; else empty."""

    views: dict[str, View]
    ranks: dict[str, Rank]
    worst: Rank | None
    cap: int


class Crowding:
    """A part of ``Delivery``."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        #: What is kept of mailboxes that are over the cap, by account.
        self._held: dict[str, _Held] = {}
        #: Accounts that may lack what had no room, though what they hold is not known here.
        self._suspects: set[str] = set()
        #: Accounts whose open reports exceed the cap: the operator's alarm.
        self.alarms: set[str] = set()

    def _may_be_over(self, account: str) -> bool:
        keys = self._delivery.holders.keys.get(account, frozenset())
        return self._delivery.index.at_most(keys) > self._delivery.cap

    def load(self) -> None:
        """Which mailboxes may be over their cap, as the index was filled."""
        self._suspects |= {account for account in self._delivery.holders.keys if self._may_be_over(account)}

    def forget(self, account: str) -> None:
        """What this mailbox holds is asked of itself the next time."""
        if self._held.pop(account, None) is not None or self._may_be_over(account):
            self._suspects.add(account)

    def clear(self) -> None:
        """The same for every mailbox."""
        self._suspects |= self._held.keys()
        self._held.clear()

    async def respect(
        self, account: str, puts: dict[str, dict[str, Doc]], deletes: dict[str, set[str]]
    ) -> None:
        """For a mailbox that may be over its cap: what must leave leaves, what has room again comes back."""
        delivery, held = self._delivery, self._held.get(account)
        if held is None and account not in self._suspects and not self._may_be_over(account):
            return
        own = puts.setdefault(account, {})
        told = delivery.held(account)
        own |= told
        if held is not None and self._stands(held, own, deletes.get(account, set())):
            _only(own, held.views)
            return
        views = delivery.index.views(delivery.holders.keys.get(account, frozenset()))
        kept = keep(views, delivery.index.entries, delivery.cap)
        (self.alarms.add if kept.alarm else self.alarms.discard)(account)
        full = len(views) > delivery.cap
        if not full and held is None and account not in self._suspects:
            return
        self._suspects.discard(account)
        if held is None:
            there = await delivery.mailboxes.contents(account)
            before = {key.removeprefix(_REPORT) for key in there if key.startswith(_REPORT)}
        else:
            before = set(held.views)
        gone = {_REPORT + report for report in before - kept.views.keys()}
        if not told:
            gone.add("held")
        deletes.setdefault(account, set()).update(gone)
        _only(own, kept.views)
        back = [report for report in kept.views.keys() - before if _REPORT + report not in own]
        own |= await delivery.stored_copies(account, {report: kept.views[report] for report in back})
        if not full:
            self._held.pop(account, None)
            return
        ranks: dict[str, Rank] = {}
        if kept.alarm:
            entries = delivery.index.entries
            ranks = {report: rank_of(report, view, entries[report]) for report, view in kept.views.items()}
        self._held[account] = _Held(kept.views, ranks, max(ranks.values(), default=None), delivery.cap)

    def _stands(self, held: _Held, puts: dict[str, Doc], deletes: set[str]) -> bool:
        """Whether these changes leave the choice as it was."""
        worst = held.worst
        if worst is None or held.cap != self._delivery.cap:
            return False
        if any(doc_id.removeprefix(_REPORT) in held.views for doc_id in deletes):
            return False
        for doc_id, doc in puts.items():
            report = doc_id.removeprefix(_REPORT)
            entry = self._delivery.index.entries.get(report)
            if not doc_id.startswith(_REPORT):
                continue
            if entry is None:
                return False
            rank = rank_of(report, doc["view"], entry)
            if report in held.views:
                if entry.closed_at is not None or rank != held.ranks[report]:
                    return False
            elif entry.closed_at is None and rank < worst:
                return False
        return True


def _only(puts: dict[str, Doc], views: dict[str, View]) -> None:
    """Leave out the reports that are not kept."""
    for doc_id in [key for key in puts if key.startswith(_REPORT)]:
        if doc_id.removeprefix(_REPORT) not in views:
            del puts[doc_id]
