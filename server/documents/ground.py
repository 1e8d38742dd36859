"""The shapes of the registry's own documents: the server alone reads them, so no schema is published.

Law: ``block:<id>``, ``sector:<id>`` and ``colonia:<id>`` are drawn exact enough to route by; what phones
draw is an ``Area``. A proposal is what the field asked for, and what the desk made of it.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from server.documents.shapes import Geometry, LeaderProposedAction


class Ground(TypedDict, total=False):
    """A block, sector or colonia. ``sector`` and ``colonia`` are a block's, ``leader`` its leader's
    account.
    """

    _id: str
    _rev: str
    name: str
    geometry: Geometry
    postcode: str
    sector: str | None
    colonia: str | None
    leader: str | None
    delegation: str


class Proposal(TypedDict):
    """``proposal:<uuid>``; ``account``: the one that approving it will make, reserved before anything is
    made.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[str]
    block: str
    action: LeaderProposedAction
    status: NotRequired[Literal["pending", "approved", "rejected"]]
    citizen: NotRequired[str | None]
    text: NotRequired[str | None]
    by: NotRequired[str]
    at: NotRequired[str]
    account: NotRequired[str]
    decided_by: NotRequired[str]
    decided_at: NotRequired[str]
    decision_text: NotRequired[str]
