"""How much one report takes in before a person is asked.

Law: a bound never refuses and never closes a report. What goes beyond it waits in quarantine, whole, and
``manzana intake retry --force`` admits it; whoever decides over the report (takes, assigns, closes it)
is never kept out by what others wrote. Folding and delivering a report costs by its length, so without
a bound one broken phone would make every later event of the report dearer. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from server.documents.shapes import Event, Record
from server.intake.judging.outcome import Quarantined
from server.intake.judging.receipt import Raw
from server.intake.memory.casefile import CaseFile

#: Kinds that add to a report without deciding anything; everyone who sees it may repeat them for ever.
ORDINARY = frozenset(
    {"amended", "noted", "evidence_added", "supported", "visited", "verified", "marked_duplicate", "unmerged"}
)

#: Roles that answer for a report: only ``ALL_OF_DEVICE`` binds them.
ANSWERABLE = frozenset({"civil_protection", "desk", "agency"})

#: Ordinary events of one device on one report: three a day for two months, on a report that lives weeks.
ORDINARY_OF_DEVICE = 200
#: Ordinary events of everybody on one report: a flood that a whole sector writes about stays far below;
#: at 1,000 entries a copy is some 300 KB, which a phone still reads.
ORDINARY_OF_REPORT = 1_000
#: Events of any kind of one device on one report: nobody decides so often, and a broken phone of a
#: brigade must not do it for ever either.
ALL_OF_DEVICE = 400
#: Other reports joined to one: the duplicates of the worst storm (600 captures in an hour) all fit.
JOINED = 1_000


def check_room(
    event: Event, records: Mapping[str, Record], targets: Iterable[CaseFile], receipt: Raw
) -> None:
    """Whether the report (incident, proposal) of these records still takes this event.

    ``targets`` are the reports it would be joined to. Raises ``Quarantined`` (``report_full``). A retry
    by force is a person who has looked: it is let in.
    """
    if (receipt.get("retry") or {}).get("force"):
        return
    if any(target.report is not None and len(target.report["duplicates"]) >= JOINED for target in targets):
        raise Quarantined("report_full", f"{JOINED} reports are joined to that one already")
    if len(records) < min(ORDINARY_OF_DEVICE, ALL_OF_DEVICE):
        return
    device = event["device"]
    own = ordinary = own_ordinary = 0
    for known in (record["event"] for record in records.values() if "event" in record):
        mine, light = known["device"] == device, known["kind"] in ORDINARY
        own += mine
        ordinary += light
        own_ordinary += mine and light
    if own >= ALL_OF_DEVICE:
        raise Quarantined("report_full", f"{own} events of this device on one subject")
    if event["kind"] not in ORDINARY or event["role"] in ANSWERABLE:
        return
    if own_ordinary >= ORDINARY_OF_DEVICE:
        raise Quarantined("report_full", f"{own_ordinary} ordinary events of this device on one report")
    if ordinary >= ORDINARY_OF_REPORT:
        raise Quarantined("report_full", f"{ordinary} ordinary events on one report")
