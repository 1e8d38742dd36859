"""Devices' chains as last written, and the pages taken out of them.

Law: a page is stored before the chain that lists it no more, and told before anything newer is; whatever is
cut short between, closing the page again ends the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from server.intake.deciding.draft import Draft
from server.intake.memory import chain as chains
from sync.interface import Database

Json = dict[str, Any]


@dataclass(slots=True)
class Closed:
    """What closing pages asks for: documents of ``cases``, and what phones must be told and must lose."""

    docs: list[Json] = field(default_factory=list)
    #: Page documents by device.
    told: dict[str, list[Json]] = field(default_factory=dict)
    #: Ids of pages that are kept no longer, by device.
    gone: dict[str, list[str]] = field(default_factory=dict)


class Chains:
    """The chains of the devices that were met since the start. A batch works on copies."""

    def __init__(self, cases: Database) -> None:
        self._cases = cases
        #: By device, with revisions.
        self.stored: dict[str, Json] = {}
        #: Devices whose pages a run cut short may not have told.
        self._untold: set[str] = set()

    def forget(self) -> None:
        """Throw away what may be ahead of what is stored."""
        self.stored.clear()

    def unknown(self, devices: Iterable[str]) -> list[str]:
        """Those of which nothing was read yet."""
        return [device for device in devices if device not in self.stored]

    def take(self, device: str, stored: Json | None) -> None:
        """Note what was read of a device; None: nothing was ever heard of it."""
        # A chain of before there were pages has closed none.
        chain = chains.new_chain(device)
        self.stored[device] = chains.healed({**chain, **stored}, stored) if stored else chain
        if self.stored[device]["pages"]:
            self._untold.add(device)

    async def load(self, devices: Iterable[str]) -> None:
        """Have the chains of these devices ready."""
        missing = self.unknown(devices)
        if missing:
            found = await self._cases.get_many([f"chain:{device}" for device in missing])
            for device in missing:
                self.take(device, found.get(f"chain:{device}"))

    def wrote(self, device: str, chain: Json, rev: str) -> None:
        """A chain was stored."""
        self.stored[device] = {**chain, "_rev": rev}

    def told(self, devices: Iterable[str]) -> None:
        """Everything that ``close`` gave for these devices is where it must be."""
        self._untold.difference_update(devices)

    async def close(self, draft: Draft) -> Closed:
        """Close the pages that a draft's chains have filled."""
        closed = Closed()
        asked: list[str] = []
        for device, chain in draft.chains.items():
            before = chains.kept(self.stored[device]["pages"]) if device in self.stored else range(0)
            pages = chains.close_pages(chain)
            now = chains.kept(chain["pages"])
            if device in self._untold:
                # Which pages its mailbox has, and still has, is not known.
                asked += chains.page_ids(chain, (number for number in before if number in now))
                before = range(1, now.start)
            elif not pages:
                continue
            closed.told[device] = [page for page in pages if int(page["_id"].rpartition(":")[2]) in now]
            closed.gone[device] = chains.page_ids(chain, (number for number in before if number not in now))
            asked += [page["_id"] for page in pages] + closed.gone[device]
        if asked:
            found = await self._cases.get_many(list(dict.fromkeys(asked)))
            self._gather(draft, closed, found)
        return closed

    def _gather(self, draft: Draft, closed: Closed, found: dict[str, Json]) -> None:
        for device in closed.told:
            for page in closed.told[device]:
                # A run cut short may have stored it already.
                stored = found.pop(page["_id"], None)
                closed.docs.append({**page, "_rev": stored["_rev"]} if stored else page)
            for page_id in closed.gone[device]:
                stored = found.pop(page_id, None)
                if stored is not None:
                    closed.docs.append({"_id": page_id, "_rev": stored["_rev"], "_deleted": True})
        for device in self._untold & draft.chains.keys():
            head = f"chain:{device}:"
            closed.told[device] += [doc for key, doc in found.items() if key.startswith(head)]
