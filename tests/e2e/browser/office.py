"""What the municipality holds, asked as any client asks: over HTTP, by a second device of the same account.

Law: nothing is read behind the service's back; what a phone could not be told is not known here either.
It waits on the feed itself, never on a clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from tests.device import Device, subject_of

Json = dict[str, Any]

#: Changes of the feed one assertion may wait through: each is a report moving one step.
PATIENCE = 20


def account_of(url: str, role: str, name: str = "") -> str:
    """The account the demonstration offers for a role, or the one of that name."""
    offered = httpx2.get(f"{url}/api/demo", timeout=30).raise_for_status().json()["accounts"]
    return next(str(one["account"]) for one in offered if one["role"] == role and name in one["name"])


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

    def report(self, type_id: str, lat: float, lon: float, **payload: Any) -> Json:
        """The account reports something from its other device; the report as the municipality holds it."""
        assert self.pen
        event = self.pen.capture(type_id, lat=lat, lon=lon, **payload)
        self.push([event])
        uuid = subject_of(event)
        for _ in range(PATIENCE):
            self.pull()
            held = self.reports().get(uuid)
            if held and held.get("folio"):
                return {**held, "uuid": uuid}
            self.wait()
        raise AssertionError(f"{uuid} never came back")

    def act(self, kind: str, report: str, payload: Json, **members: Any) -> None:
        """The account acts on a report it holds, having seen all that the municipality has."""
        assert self.pen
        self.pull()
        seen = self.reports()[report]["events"]
        self.push([self.pen.event(kind, report, payload, based_on=seen[-64:], **members)])

    def until_document(self, prefix: str, true: Callable[[Json], bool]) -> Json:
        """A document of the mailbox whose id begins so, once something is true of it."""
        for _ in range(PATIENCE):
            self.pull()
            for name, doc in self.documents.items():
                if name.startswith(prefix) and true(doc):
                    return doc
            self.wait()
        raise AssertionError([doc for name, doc in self.documents.items() if name.startswith(prefix)])

    def found(self, provisional: str) -> list[Json]:
        """Reports of that provisional folio: one, or something was lost or doubled."""
        return [
            {**doc, "uuid": uuid}
            for uuid, doc in self.reports().items()
            if provisional in (doc.get("provisional_folio"), doc.get("folio"))
        ]

    def until_any(self, provisional: str) -> Json:
        """The report as soon as it is there, with its ``uuid``."""
        return self.until_that(provisional, lambda report: True)

    def until_status(self, provisional: str, status: str) -> Json:
        return self.until_that(provisional, lambda report: report["status"] == status)

    def until_that(self, provisional: str, true: Callable[[Json], bool]) -> Json:
        """The report once something is true of it. ``provisional`` may be the municipal folio by then."""
        for _ in range(PATIENCE):
            self.pull()
            for report in self.found(provisional):
                if true(report):
                    return report
            self.wait()
        held = [(doc["status"], [one["kind"] for one in doc["timeline"]]) for doc in self.found(provisional)]
        raise AssertionError(f"{provisional} never became so: {held}")

    def wait(self) -> None:
        """Until the feed says something new."""
        query = {"since": self.since["mailbox"], "limit": "1", "feed": "longpoll", "timeout": "2000"}
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
