"""Which scope keys a report has in this municipality.

Law: who sees a report is decided by its keys alone (``cases.scope``), as areas, catalogue and incidents stand
now. Pure over what it is given.
"""

from __future__ import annotations

from typing import Any

from server.cases.scope import report_keys
from server.municipality.world import World, near_blocks

Json = dict[str, Any]


def keys_of(world: World, report: Json, incidents: dict[str, Json]) -> dict[str, Any]:
    """The scope keys of a report as the municipality stands now."""
    incident = incidents.get(report.get("incident") or "")
    return report_keys(
        report,
        near_blocks=near_blocks(world.territory, report),
        civil_types=world.civil_types,
        incident_open=incident is not None and incident["closed_at"] is None,
    )
