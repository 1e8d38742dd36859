"""``redacted:<event uuid>`` of ``cases``: what the law had taken out of an event, and how it is known again.

Law: the server alone reads it, so no schema is published.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Redacted(TypedDict):
    """``digest``: of the event as it came. ``masked``: of what is left of one that has no record."""

    _id: str
    _rev: NotRequired[str]
    schema: str
    event: str
    members: list[str]
    at: str
    digest: str
    masked: NotRequired[str]
