"""Which reports stand under which scope key, and which accounts hold it.

Law: nothing here is written anywhere; it is the truth's shadow, rebuilt at every start. Finding who is
affected by a report, or which reports an account may see, costs what is found, never what the
municipality holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sys import intern

from server.cases.scope import WIDTH, Scope, View, account_keys, is_open
from server.documents.shapes import Report


@dataclass(frozen=True, slots=True)
class Entry:
    """``closed_at`` is None while the report is open; ``weight`` orders what leaves a full mailbox last."""

    keys: Mapping[str, View]
    closed_at: str | None
    priority: int
    captured_at: str


class _Group:
    """The reports that stand under the very same keys with the same views."""

    __slots__ = ("keys", "reports")

    def __init__(self, keys: Mapping[str, View]) -> None:
        self.keys = keys
        self.reports: set[str] = set()


class ReportIndex:
    """Reports by scope key. Retired ones (closed longer ago than the retention) are not in it.

    Neighbours in a block stand under the same dozen keys: these are held once for all of them.
    """

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self._groups: dict[frozenset[tuple[str, View]], _Group] = {}
        self._by_key: dict[str, set[_Group]] = {}
        self._counts: dict[str, int] = {}

    def put(self, report: str, entry: Entry | None) -> Entry | None:
        """Replace a report's entry (None removes it); gives the one before."""
        before = self.entries.pop(report, None)
        if before is not None:
            self._leave(report, before.keys)
        if entry is not None and entry.keys:
            keys = self._join(report, entry.keys)
            self.entries[report] = Entry(keys, entry.closed_at, entry.priority, entry.captured_at)
        return before

    def _join(self, report: str, keys: Mapping[str, View]) -> Mapping[str, View]:
        """The keys as the report's group has them."""
        name = frozenset(keys.items())
        group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = _Group(keys)
            for key in keys:
                self._by_key.setdefault(key, set()).add(group)
        group.reports.add(report)
        for key in keys:
            self._counts[key] = self._counts.get(key, 0) + 1
        return group.keys

    def _leave(self, report: str, keys: Mapping[str, View]) -> None:
        name = frozenset(keys.items())
        group = self._groups[name]
        group.reports.discard(report)
        for key in keys:
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]
        if not group.reports:
            del self._groups[name]
            for key in keys:
                groups = self._by_key[key]
                groups.discard(group)
                if not groups:
                    del self._by_key[key]

    def views(self, keys: Iterable[str]) -> dict[str, View]:
        """Every report that one of ``keys`` opens, with the widest view."""
        widest: dict[_Group, View] = {}
        for key in keys:
            for group in self._by_key.get(key, ()):
                view = group.keys[key]
                if group not in widest or WIDTH[widest[group]] < WIDTH[view]:
                    widest[group] = view
        return {report: view for group, view in widest.items() for report in group.reports}

    def count(self, keys: Iterable[str]) -> int:
        """How many reports ``views`` gives; costs what there are groups, not reports."""
        groups = {group for key in keys for group in self._by_key.get(key, ())}
        return sum(len(group.reports) for group in groups)

    def at_most(self, keys: Iterable[str]) -> int:
        """An upper bound of how many reports ``views`` gives, at no cost."""
        return sum(self._counts.get(key, 0) for key in keys)


def entry_of(report: Report, keys: Mapping[str, View], horizon: str) -> Entry:
    """The entry of a report. Closed before ``horizon``, only the desk's review keeps it in a mailbox."""
    closed_at = None if is_open(report) else report["finished_at"] or report["timeline"][-1]["at"]
    if closed_at is not None and closed_at < horizon:
        keys = {key: view for key, view in keys.items() if key == "desk"}
    # Interned: a few thousand different keys stand in some 370,000 entries.
    shared: dict[str, View] = {intern(key): view for key, view in keys.items()}
    return Entry(shared, closed_at, report["priority"], report["captured_at"])


#: The order in which open reports are kept, best first.
Rank = tuple[bool, int, str, str]


def rank_of(report: str, view: View, entry: Entry) -> Rank:
    """Cards come last; then the most urgent, then the oldest."""
    return (view == "card", entry.priority, entry.captured_at, report)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a mailbox holds of what its owner may see; ``alarm`` where even the open reports are too many."""

    views: dict[str, View]
    alarm: bool


def keep(views: dict[str, View], entries: Mapping[str, Entry], cap: int) -> Kept:
    """At most ``cap`` reports: oldest closed leave first, then cards, then the least urgent and newest.

    The newest leave before the oldest because the oldest open ones are the overdue ones.
    """
    if len(views) <= cap:
        return Kept(views, False)
    opened = [report for report in views if entries[report].closed_at is None]
    if len(opened) > cap:
        ranked = sorted(opened, key=lambda report: rank_of(report, views[report], entries[report]))
        return Kept({report: views[report] for report in ranked[:cap]}, True)
    closed = [report for report in views if entries[report].closed_at is not None]
    closed.sort(key=lambda r: (entries[r].closed_at or "", r), reverse=True)
    chosen = opened + closed[: cap - len(opened)]
    return Kept({report: views[report] for report in chosen}, False)


class Holders:
    """Accounts by the scope keys they hold."""

    def __init__(self) -> None:
        self.scopes: dict[str, Scope] = {}
        self.keys: dict[str, frozenset[str]] = {}
        self._by_key: dict[str, set[str]] = {}

    def put(self, account: str, scope: Scope) -> bool:
        """Take in an account's scope; whether its keys changed."""
        before, after = self.keys.get(account, frozenset()), account_keys(scope)
        self.scopes[account] = scope
        self.keys[account] = after
        for key in before - after:
            self._by_key[key].discard(account)
        for key in after - before:
            self._by_key.setdefault(key, set()).add(account)
        return before != after

    def audience(self, keys: Mapping[str, View]) -> dict[str, View]:
        """Every account that holds one of a report's keys, with the widest view."""
        found: dict[str, View] = {}
        for key, view in keys.items():
            for account in self._by_key.get(key, ()):
                if account not in found or WIDTH[found[account]] < WIDTH[view]:
                    found[account] = view
        return found

    def of(self, key: str) -> set[str]:
        """The accounts that hold one key."""
        return set(self._by_key.get(key, ()))
