"""What the municipality holds, asked as any client asks: over HTTP, by a second device of the same account.

Law: nothing is read behind the service's back; what a phone could not be told is not known here either.
It waits on the feed itself, never on a clock.
"""

from __future__ import annotations

from typing import Any

import httpx2

from tests.device import Device

Json = dict[str, Any]

#: Changes of the feed one assertion may wait through: each is a report moving one step.
PATIENCE = 40


class Office(Device):
    """A device without a screen that follows one account's mailbox."""

    def __init__(self, url: str, account: str) -> None:
        super().__init__(httpx2.Client(base_url=url, timeout=60))
        self.enrol(
            self.client.post("/api/demo/code", json={"account": account}).raise_for_status().json()["code"]
        )
        self.pull()

    def close(self) -> None:
        self.client.close()

    def found(self, provisional: str) -> list[Json]:
        """Reports of that provisional folio: one, or something was lost or doubled."""
        return [doc for doc in self.reports().values() if doc.get("provisional_folio") == provisional]

    def wait(self) -> None:
        """Until the feed says something new."""
        query = {"since": self.since["mailbox"], "limit": "1", "feed": "longpoll", "timeout": "30000"}
        self.call("GET", "/sync/mailbox/_changes", params=query)

    def until(self, provisional: str, kinds: list[str]) -> Json:
        """The report once its timeline holds exactly these kinds of events; fails where one is doubled."""
        seen: list[str] = []
        for _ in range(PATIENCE):
            self.pull()
            found = self.found(provisional)
            assert len(found) <= 1, "one report became two"
            if found:
                timeline = found[0]["timeline"]
                seen = sorted(
                    entry["kind"] for entry in timeline if entry.get("event") and not entry.get("fact")
                )
                if seen == sorted(kinds):
                    return found[0]
                assert len(seen) <= len(kinds), f"{seen} instead of {sorted(kinds)}"
            self.wait()
        raise AssertionError(f"the municipality holds {seen} instead of {sorted(kinds)}")
