"""The pages taken out of devices' chains.

Law: a page is stored before the chain that lists it no more, and told before anything newer is; whatever is
cut short between, closing the page again ends the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from server.documents.device_chain import Chain
from server.intake.deciding.draft import Draft
from server.intake.memory import chain as chains
from sync.interface import Database, Doc


@dataclass(slots=True)
class Closed:
    """What closing pages asks for: documents of ``cases``, and what phones must be told and must lose."""

    docs: list[Doc] = field(default_factory=list)
    #: Page documents by device.
    told: dict[str, list[Chain]] = field(default_factory=dict)
    #: Ids of pages that are kept no longer, by device.
    gone: dict[str, list[str]] = field(default_factory=dict)


async def close(cases: Database, draft: Draft) -> Closed:
    """Close the pages that a draft's chains have filled."""
    closed = Closed()
    asked: list[str] = []
    known = draft.memory.chains
    for device, chain in draft.chains.items():
        before = chains.kept(known.stored[device]["pages"]) if device in known.stored else range(0)
        pages = chains.close_pages(chain)
        now = chains.kept(chain["pages"])
        if device in known.untold:
            # Which pages its mailbox has, and still has, is not known.
            asked += chains.page_ids(chain, (number for number in before if number in now))
            before = range(1, now.start)
        elif not pages:
            continue
        closed.told[device] = [page for page in pages if int(page["_id"].rpartition(":")[2]) in now]
        closed.gone[device] = chains.page_ids(chain, (number for number in before if number not in now))
        asked += [page["_id"] for page in pages] + closed.gone[device]
    if asked:
        _gather(draft, closed, await cases.get_many(list(dict.fromkeys(asked))))
    return closed


def _gather(draft: Draft, closed: Closed, found: dict[str, Any]) -> None:
    for device in closed.told:
        for page in closed.told[device]:
            # A run cut short may have stored it already.
            stored = found.pop(page["_id"], None)
            closed.docs.append({**page, "_rev": stored["_rev"]} if stored else page)
        for page_id in closed.gone[device]:
            stored = found.pop(page_id, None)
            if stored is not None:
                closed.docs.append({"_id": page_id, "_rev": stored["_rev"], "_deleted": True})
    for device in draft.memory.chains.untold & draft.chains.keys():
        head = f"chain:{device}:"
        closed.told[device] += [doc for key, doc in found.items() if key.startswith(head)]
