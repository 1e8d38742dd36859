"""What offices ask of intake, through the inbox, from whatever process they ask it.

Law: only intake writes ``cases``, so whoever wants something done there appends a request to the inbox and
intake does it in its turn. A request done twice does nothing the second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.cases.validation import reasons
from server.clock import Clock, new_uuid7
from server.documents import reading
from server.documents.trouble import Trouble
from server.instants import say
from server.problems import Problem
from server.store.databases import Databases
from server.store.scan import scan

REQUEST = "request.v1"


async def _append(databases: Databases, clock: Clock, by: str, wanted: Mapping[str, Any]) -> None:
    """Raises ``request_invalid``."""
    request_id = new_uuid7(clock)
    doc = {"_id": request_id, "schema": REQUEST, "at": say(clock.now()), "by": by, "wanted": wanted}
    if found := reasons(REQUEST, doc):
        raise Problem("request_invalid", "; ".join(found))
    await databases.inbox.put(doc)


async def review(databases: Databases, clock: Clock, by: str, report: str, flags: list[str]) -> None:
    """Somebody has looked at these flags of a report (its uuid): they are lowered."""
    await _append(databases, clock, by, {"do": "review", "report": report, "flags": sorted(flags)})


async def redact_event(
    databases: Databases, clock: Clock, by: str, event: str, members: list[str], reason: str
) -> None:
    """Members of an event's payload (and ``photos``, ``position``) are taken out of every copy."""
    wanted = {"do": "redact_event", "event": event, "members": sorted(members), "reason": reason}
    await _append(databases, clock, by, wanted)


async def redact_citizen(databases: Databases, clock: Clock, by: str, citizen: str, reason: str) -> None:
    """A citizen's data (their document's id) are erased, everywhere."""
    await _append(databases, clock, by, {"do": "redact_citizen", "citizen": citizen, "reason": reason})


async def rectify_citizen(databases: Databases, clock: Clock, by: str, citizen: str) -> None:
    """What a citizen's document says was put right: the copies that phones have are made anew."""
    await _append(databases, clock, by, {"do": "rectify_citizen", "citizen": citizen})


async def rebuild(databases: Databases, clock: Clock, by: str) -> None:
    """Every mailbox is made anew, in a new generation."""
    await _append(databases, clock, by, {"do": "rebuild"})


async def retry(
    databases: Databases, clock: Clock, by: str, event: str, *, force: bool = False, refuse: bool = False
) -> bool:
    """Have a refused or quarantined event (its uuid) judged anew; False where there is none.

    ``force`` admits what a revoked device handed over, what a full report had no room for, and what waits
    for events that its author had seen; ``refuse`` lets go of what waits: somebody has looked at it.
    """
    ids = [f"quarantine:{event}", f"refusal:{event}"]
    found = await databases.cases.get_many(ids)
    for doc_id in ids:
        if doc_id in found:
            receipt = await databases.inbox.get(found[doc_id]["receipt"])
            anew = {name: value for name, value in receipt.items() if name != "_rev"}
            anew |= {"_id": new_uuid7(clock), "retry": {"by": by, "force": force}}
            if refuse:
                anew["retry"]["refuse"] = True
            if receipt.get("schema") == REQUEST:
                anew["retry_of"] = event
            await databases.inbox.put(anew)
            return True
    return False


async def troubles(databases: Databases) -> list[Trouble]:
    """Every refusal and quarantine document there is, oldest event first."""
    kinds = ("quarantine:", "refusal:")
    return [reading.trouble(row.body) for kind in kinds async for row in scan(databases.cases, kind)]
