"""Where a document read from a database becomes its shape: one function for each kind.

Law: only the server's own writers put documents into its databases, and they put valid ones; so nothing is
checked again here, and nobody else says of a JSON object what kind it is. What comes from outside is judged
by validators (``server/cases/validation.py``). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from server.documents.ground import Ground, Proposal
from server.documents.shapes import (
    Agency,
    BulkJob,
    BulkPart,
    Channel,
    CheckIn,
    Citizen,
    Event,
    Incident,
    Leader,
    MunicipalSettings,
    PetitionType,
    Receipt,
    Record,
    Report,
    Rules,
)

#: A document's bytes, or what they say.
Stored = bytes | Mapping[str, Any]


def _read(stored: Stored) -> Any:
    return orjson.loads(stored) if isinstance(stored, bytes) else stored


def event(stored: Stored) -> Event:
    """An event that was validated."""
    found: Event = _read(stored)
    return found


def receipt(stored: Stored) -> Receipt:
    found: Receipt = _read(stored)
    return found


def record(stored: Stored) -> Record:
    found: Record = _read(stored)
    return found


def report(stored: Stored) -> Report:
    """A report of ``cases``, or the copy of one in a mailbox."""
    found: Report = _read(stored)
    return found


def incident(stored: Stored) -> Incident:
    found: Incident = _read(stored)
    return found


def citizen(stored: Stored) -> Citizen:
    found: Citizen = _read(stored)
    return found


def settings(stored: Stored) -> MunicipalSettings:
    found: MunicipalSettings = _read(stored)
    return found


def petition_type(stored: Stored) -> PetitionType:
    found: PetitionType = _read(stored)
    return found


def agency(stored: Stored) -> Agency:
    found: Agency = _read(stored)
    return found


def channel(stored: Stored) -> Channel:
    found: Channel = _read(stored)
    return found


def rules(stored: Stored) -> Rules:
    found: Rules = _read(stored)
    return found


def leader(stored: Stored) -> Leader:
    found: Leader = _read(stored)
    return found


def ground(stored: Stored) -> Ground:
    """A block, sector or colonia of the registry."""
    found: Ground = _read(stored)
    return found


def proposal(stored: Stored) -> Proposal:
    found: Proposal = _read(stored)
    return found


def checkin(stored: Stored) -> CheckIn:
    """What a device said of itself, validated."""
    found: CheckIn = _read(stored)
    return found


def bulk_job(stored: Stored) -> BulkJob:
    found: BulkJob = _read(stored)
    return found


def bulk_part(stored: Stored) -> BulkPart:
    found: BulkPart = _read(stored)
    return found
