"""The citizen's ticket as an office reads it out: where to look, and with which code.

Law: only who attends citizens is shown a code, and none is shown of a report whose page tells nothing more
with it.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from server.channels.tickets import code_of
from server.documents.ids import uuid_of
from server.documents.shapes import Report
from server.web.office.frame import Page
from server.web.office.reference import Names
from server.web.phones.accounts import origin_of
from server.web.public.folio import PATH
from server.web.public.telling import reserved


class Ticket(NamedTuple):
    """``link``: the folio page, without the code. ``code``: ``K7Q2-M9XT``, or None."""

    link: str
    code: str | None


def ticket_of(view: Page, report: Report, known: Names) -> Ticket | None:
    """The ticket of a report that ``view``'s reader may see; None for who attends nobody."""
    if view.account.role not in ("desk", "agency"):
        return None
    folio = report["folio"] or report["provisional_folio"]
    link = f"{origin_of(view.request, view.context)}{PATH}{quote(folio, safe='')}"
    if reserved(report, known.types.get(report["type"])):
        return Ticket(link, None)
    return Ticket(link, code_of(view.context.secret, uuid_of(report["_id"])))
