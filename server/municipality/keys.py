"""Which scope keys a report has in this municipality.

Law: who sees a report is decided by its keys alone (``cases.scope``), as areas, catalogue and incidents stand
now. Pure over what it is given.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.cases.scope import View, report_keys
from server.documents.shapes import Incident, Report
from server.municipality.world import World, near_blocks


def keys_of(world: World, report: Report, incidents: Mapping[str, Incident]) -> dict[str, View]:
    """The scope keys of a report as the municipality stands now. ``incidents`` by uuid."""
    incident = incidents.get(report.get("incident") or "")
    return report_keys(
        report,
        near_blocks=near_blocks(world.territory, report),
        civil_types=world.civil_types,
        incident_open=incident is not None and incident["closed_at"] is None,
    )
