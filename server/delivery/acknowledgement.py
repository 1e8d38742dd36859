"""The acknowledgement a device reads (``ack.v1``, docs/documents.md): the part of its chain that is its own.

Law: it says nothing that the chain does not hold, so it may be made anew at any time. Pure.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def ack_id(chain_id: str) -> str:
    """The document of the mailbox that says a document of ``cases``."""
    return f"ack:{chain_id.removeprefix('chain:')}"


def acknowledgement(chain: Json) -> Json:
    """The document of the device's mailbox that says a chain (``ack:<device>``) or one of its pages.

    Its ``through`` is the number up to which everything arrived; ``gaps`` are missing beyond it.
    """
    gaps = sorted(chain["gaps"])
    return {
        "_id": ack_id(chain["_id"]),
        "schema": "ack.v1",
        "through": gaps[0][0] - 1 if gaps else chain["through"],
        "gaps": gaps,
        "items": chain["items"],
        "refused": chain["refused"],
        "quarantined": chain["quarantined"],
        "photos": chain["photos"],
    }
