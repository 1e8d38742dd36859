"""The acknowledgement a device reads (``ack.v1``, docs/documents.md): the part of its chain that is its own.

Law: it says nothing that the chain does not hold, so it may be made anew at any time. Pure.
"""

from __future__ import annotations

from typing import Any

from server.documents.device_chain import Chain, ListedTrouble
from server.documents.shapes import Acknowledgement, Refused


def ack_id(chain_id: str) -> str:
    """The document of the mailbox that says a document of ``cases``."""
    return f"ack:{chain_id.removeprefix('chain:')}"


def acknowledgement(chain: Chain) -> Acknowledgement:
    """The document of the device's mailbox that says a chain (``ack:<device>``) or one of its pages.

    Its ``through`` is the number up to which everything arrived and, where it was not admitted, is listed;
    ``gaps`` are what beyond it is not, or not surely.
    """
    gaps = _joined([*chain["gaps"], *chain.get("unlisted", ())])
    return {
        "_id": ack_id(chain["_id"]),
        "schema": "ack.v1",
        "through": gaps[0][0] - 1 if gaps else chain["through"],
        "gaps": gaps,
        "items": chain["items"],
        "refused": [_said(entry) for entry in chain["refused"]],
        "quarantined": [_said(entry) for entry in chain["quarantined"]],
        "photos": chain["photos"],
    }


def _joined(ranges: list[list[int]]) -> list[list[int]]:
    """The same numbers in order, in as few ranges as there can be."""
    joined: list[list[int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = [joined[-1][0], max(high, joined[-1][1])]
        else:
            joined.append([low, high])
    return joined


def _said(entry: ListedTrouble) -> Refused:
    told: Any = {name: value for name, value in entry.items() if name != "seq"}
    said: Refused = told
    return said
