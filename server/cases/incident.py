"""incident = fold of its records.

Law: as for reports: the same incident for every order and repetition of its records. The reports that
joined are facts the server recorded with the reports' own events. Pure: values in, decisions out.
"""

from __future__ import annotations

from collections.abc import Iterable

from server.cases.facts import redacted, redactions
from server.cases.personal import NAMELESS
from server.documents.ids import incident_id
from server.documents.shapes import Incident, Record


def fold_incident(records: Iterable[Record]) -> Incident | None:
    """The document ``incident:<uuid>``, or None where nobody opened it."""
    known = {record["_id"]: record for record in records}
    incident: Incident | None = None
    joined: dict[str, bool] = {}
    closed: list[str] = []
    version = 0
    hidden = redactions(list(known.values()))
    for record in sorted(known.values(), key=lambda r: r["admission"]):
        version = max(version, record["admission"])
        fact, event = record.get("fact"), record.get("event")
        if fact and fact["kind"] in ("report_joined", "report_left"):
            joined[fact["report"]] = fact["kind"] == "report_joined"
        elif event and event["kind"] == "incident_opened" and incident is None:
            payload = redacted(event, hidden.get(event["_id"], set()))["payload"]
            incident = {
                "_id": incident_id(record["report"]),
                "schema": "incident.v1",
                "name": payload.get("name") or NAMELESS,
                "opened_at": record["effective_at"],
                "opened_by": event["actor"],
                "closed_at": None,
                "text": payload.get("text"),
                "types": payload.get("types") or [],
                "reports": [],
            }
        elif event and event["kind"] == "incident_closed":
            closed.append(record["effective_at"])
    if incident is None:
        return None
    incident["closed_at"] = max(min(closed), incident["opened_at"]) if closed else None
    incident["reports"] = sorted(report for report, is_in in joined.items() if is_in)
    incident["version"] = version
    return incident
