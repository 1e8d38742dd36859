"""From a draft to the captured event that the pen seals.

Law: a draft that was told makes one event, under the ids it had from its beginning; a person's data go into a
citizen document only where they agreed. Pure.
"""

from __future__ import annotations

from server.channels.conversation.placing import source_of
from server.channels.conversation.state import Draft
from server.documents.shapes import CitizenContent, Payload, Position


def payload_of(draft: Draft, channel: str, citizen: str | None) -> Payload:
    """The payload of ``captured``. ``citizen``: the id of the document, where there is one."""
    payload: Payload = {
        "type": draft.type or "unknown",
        "channel": channel,
        "for_whom": "neighbour" if citizen else "anonymous",
        "answers": draft.answers,
        "place": draft.place,
        "urgent": draft.urgent,
    }
    if draft.text:
        payload["text"] = draft.text
    if draft.danger:
        payload["danger"] = True
    if citizen:
        payload["citizen"] = citizen
    return payload


def position_of(draft: Draft) -> Position:
    return source_of(draft.place, draft.position)


def content_of(draft: Draft, number: str | None) -> CitizenContent:
    """The citizen's data that may be kept: none without their word. ``number``: the channel's, ten digits."""
    if not draft.wants:
        return {}
    content = draft.person.copy()
    if number and "phone" not in content:
        content["phone"] = number
    return content
