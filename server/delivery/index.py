"""Which reports stand under which scope key, and which accounts hold it.

Law: nothing here is written anywhere; it is the truth's shadow, rebuilt at every start. Finding who is
affected by a report, or which reports an account may see, costs what is found, never what the
municipality holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any

from server.cases.scope import WIDTH, View, account_keys, is_open

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """``closed_at`` is None while the report is open; ``weight`` orders what leaves a full mailbox last."""

    keys: Mapping[str, View]
    closed_at: str | None
    priority: int
    captured_at: str


class ReportIndex:
    """Reports by scope key. Retired ones (closed longer ago than the retention) are not in it."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self._by_key: dict[str, set[str]] = {}

    def put(self, report: str, entry: Entry | None) -> Entry | None:
        """Replace a report's entry (None removes it); gives the one before."""
        before = self.entries.get(report)
        if before is not None:
            for key in before.keys:
                members = self._by_key[key]
                members.discard(report)
                if not members:
                    del self._by_key[key]
        if entry is None or not entry.keys:
            self.entries.pop(report, None)
        else:
            self.entries[report] = entry
            for key in entry.keys:
                self._by_key.setdefault(key, set()).add(report)
        return before

    def views(self, keys: Iterable[str]) -> dict[str, View]:
        """Every report that one of ``keys`` opens, with the widest view."""
        found: dict[str, View] = {}
        for key in keys:
            for report in self._by_key.get(key, ()):
                view = self.entries[report].keys[key]
                if report not in found or WIDTH[found[report]] < WIDTH[view]:
                    found[report] = view
        return found

    def at_most(self, keys: Iterable[str]) -> int:
        """An upper bound of how many reports ``views`` gives, at no cost."""
        return sum(len(self._by_key.get(key, ())) for key in keys)


def entry_of(report: Json, keys: Mapping[str, View], horizon: str) -> Entry:
    """The entry of a report. Closed before ``horizon``, only the desk's review keeps it in a mailbox."""
    closed_at = None if is_open(report) else report["finished_at"] or report["timeline"][-1]["at"]
    if closed_at is not None and closed_at < horizon:
        keys = {key: view for key, view in keys.items() if key == "desk"}
    # Interned: a few thousand different keys stand in some 370,000 entries.
    shared: dict[str, View] = {intern(key): view for key, view in keys.items()}
    return Entry(shared, closed_at, report["priority"], report["captured_at"])


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
        ranked = sorted(
            opened,
            key=lambda r: (views[r] == "card", entries[r].priority, entries[r].captured_at, r),
        )
        return Kept({report: views[report] for report in ranked[:cap]}, True)
    closed = [report for report in views if entries[report].closed_at is not None]
    closed.sort(key=lambda r: (entries[r].closed_at or "", r), reverse=True)
    chosen = opened + closed[: cap - len(opened)]
    return Kept({report: views[report] for report in chosen}, False)


class Holders:
    """Accounts by the scope keys they hold."""

    def __init__(self) -> None:
        self.scopes: dict[str, Json] = {}
        self.keys: dict[str, frozenset[str]] = {}
        self._by_key: dict[str, set[str]] = {}

    def put(self, account: str, scope: Json) -> bool:
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
