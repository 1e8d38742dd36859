"""``refusal:…`` and ``quarantine:…`` of ``cases``: an event that was not admitted, and why.

Law: the server alone reads them whole; the desk's mailbox lists what ``server/delivery/papers.py`` names.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Trouble(TypedDict):
    """``waits_for``: what must come before it is judged again. ``receipt``: where in the inbox it stands."""

    _id: str
    _rev: NotRequired[str]
    _deleted: NotRequired[bool]
    schema: str
    event: str
    kind: str | None
    code: str
    message: str
    reason: str | None
    at: str
    actor: str | None
    device: str | None
    receipt: str
    digest: str
    waits_for: NotRequired[str | list[str]]
