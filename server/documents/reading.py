"""Where a document read from a database becomes its shape: one function for each kind.

Law: only the server's own writers put documents into its databases, and they put valid ones; so nothing is
checked again here, and nobody else says of a JSON object what kind it is. What comes from outside is judged
by validators (``server/cases/validation.py``). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from server.documents.device_chain import Chain
from server.documents.ground import Ground, Proposal
from server.documents.shapes import (
    Agency,
    BulkJob,
    BulkPart,
    Channel,
    CheckIn,
    Citizen,
    Draw,
    Event,
    Incident,
    Leader,
    MonthClose,
    MunicipalSettings,
    PetitionType,
    Receipt,
    Record,
    Report,
    Request,
    Rules,
    Said,
    SavedView,
    Steps,
    SurveyCall,
    Talk,
)
from server.documents.trouble import Trouble

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


def request(stored: Stored) -> Request:
    """What an office asked of intake, validated."""
    found: Request = _read(stored)
    return found


def month_close(stored: Stored) -> MonthClose:
    """A closed month of an agency, frozen."""
    found: MonthClose = _read(stored)
    return found


def draw(stored: Stored) -> Draw:
    """The seed of a month's draws."""
    found: Draw = _read(stored)
    return found


def survey(stored: Stored) -> SurveyCall:
    """The calls of one drawn report."""
    found: SurveyCall = _read(stored)
    return found


def talk(stored: Stored) -> Talk:
    """A conversation."""
    found: Talk = _read(stored)
    return found


def said(stored: Stored) -> Said:
    """A message of a conversation."""
    found: Said = _read(stored)
    return found


def steps(stored: Stored) -> Steps:
    """A month's counts of conversations."""
    found: Steps = _read(stored)
    return found


def view(stored: Stored) -> SavedView:
    """A saved view of the lists."""
    found: SavedView = _read(stored)
    return found


def chain(stored: Stored) -> Chain:
    """What intake knows of a device, or one of its pages."""
    found: Chain = _read(stored)
    return found


def trouble(stored: Stored) -> Trouble:
    """A refused or quarantined event."""
    found: Trouble = _read(stored)
    return found
