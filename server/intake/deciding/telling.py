"""Which phones are told of an event that was not admitted.

Law: the one that delivered it, and the event's own where that is known to be its author: nobody is told of
what others did in their name. Pure, but for changing the draft.
"""

from __future__ import annotations

from server.documents.trouble import Trouble
from server.intake.deciding.draft import Draft
from server.intake.judging.outcome import listed
from server.intake.judging.receipt import Raw
from server.intake.memory import chain as chains


def tell(doc: Trouble, receipt: Raw, draft: Draft) -> None:
    """List a refusal or quarantine document in the acknowledgements it belongs in."""
    if doc["_id"].startswith("refusal:"):
        draft.declined.add(doc["event"])
    told = set[str]()
    session, claimed = receipt["session"].get("device"), doc["device"]
    authentic = doc["code"] not in ("event_signature", "event_device_unknown", "event_content")
    if isinstance(session, str):
        told.add(session)
        same_phone = str(claimed).rpartition("~")[2] == session.rpartition("~")[2]
        if claimed and same_phone:
            authentic = True
    if claimed and authentic and draft.memory.device(claimed) is not None:
        told.add(claimed)
    for device in told:
        chain = draft.chain(device)
        entry = listed(doc)
        number = receipt["event"].get("device_seq") if device == claimed else None
        seq = number if type(number) is int and number > 0 else None
        if doc["_id"].startswith("refusal:"):
            chains.refuse(chain, entry, seq)
        else:
            chains.quarantine(chain, entry, seq)
