"""The shapes of documents as types: made from ``schemas/*.json`` by
``scripts/shapes.py``, never edited.

Law: a member a schema demands is there, every other may be absent; validators, not these, hold what comes
from outside to it (``server/documents/reading.py`` says where a document becomes one of these).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

AccountRole: TypeAlias = Literal[
    "block_leader",
    "sector_leader",
    "brigade",
    "civil_protection",
    "desk",
    "agency",
    "auditor",
    "admin",
    "channel",
]


Term = TypedDict(
    "Term",
    {
        "from": str,
        "until": str | None,
    },
)


class Refused(TypedDict):
    event: str
    code: str
    message: str
    reason: NotRequired[str]
    at: str


Verdict: TypeAlias = Literal["pending", "ok", "refused"]


class Named(TypedDict):
    id: str
    name: str
    active: NotRequired[bool]


AreaKind: TypeAlias = Literal["colonia", "sector"]


GeometryType: TypeAlias = Literal["Polygon", "MultiPolygon"]


CatalogueRequestKind: TypeAlias = Literal["tipos", "dependencias", "departamentos", "brigadas"]


CatalogueRequestStatus: TypeAlias = Literal["open", "accepted", "declined"]


BulkJobAct: TypeAlias = Literal[
    "asignar", "prioridad", "responder", "anotar", "clasificar", "devolver", "iniciar"
]


BulkJobState: TypeAlias = Literal["running", "stopped", "done"]


class BulkPart(TypedDict):
    """
    Reports of a bulk job as they were seen (uuid, version, priority), and what became of each: null while it is not begun.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["bulk_part.v1"]
    items: list[list[str | int]]
    results: list[list[str | None] | None]


class CalendarHoliday(TypedDict):
    date: str
    name: str


CatalogueChangeHow: TypeAlias = Literal["page", "import", "command", "undo", "request"]


class Channel(TypedDict):
    """
    A channel (origen) by which a report comes in.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["channel.v1"]]
    name: str
    active: bool


class CheckInSince(TypedDict):
    mailbox: NotRequired[str | None]
    reference: NotRequired[str | None]


class CheckInStorage(TypedDict):
    used: NotRequired[int | None]
    quota: NotRequired[int | None]
    persisted: NotRequired[bool]


class CitizenContent(TypedDict):
    name: NotRequired[str]
    phone: NotRequired[str]
    email: NotRequired[str]
    address: NotRequired[str]


class Figures(TypedDict):
    received: int
    received_late: int
    finished: int
    not_viable: int
    closed_late: int
    on_time: int
    late: int
    undated: int
    open: int
    overdue: int
    median_seconds: int | None


class MonthCloseType(TypedDict):
    type: str
    received: int
    finished: int
    on_time: int
    late: int


Status: TypeAlias = Literal[
    "captured", "in_progress", "finished", "not_viable", "duplicate", "withdrawn", "reopened"
]


class MonthCloseNames(TypedDict):
    """
    what ids were called when it was closed: printed again, they are
    """

    municipality: str
    timezone: str
    agency: str
    by: str
    types: dict[str, str]
    colonias: dict[str, str]


ContactWhy: TypeAlias = Literal["overdue", "not_solved", "unanswered", "closed"]


ContactChannel: TypeAlias = Literal["phone", "whatsapp", "visit", "other"]


ContactOutcome: TypeAlias = Literal["reached", "no_answer", "wrong_number", "refused", "later"]


class Draw(TypedDict):
    """
    The seed of a month's draws, published before the month is over. Written once.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["draw.v1"]
    month: str
    seed: str
    share: int
    published_at: str
    by: str
    early: bool


ForWhom: TypeAlias = Literal["self", "neighbour", "anonymous"]


Answer: TypeAlias = str | float | bool | list[str]


class Place(TypedDict):
    block: NotRequired[str]
    colonia: NotRequired[str]
    street: NotRequired[str]
    between: NotRequired[str]
    reference: NotRequired[str]
    pole: NotRequired[str]


class Amended(TypedDict):
    type: NotRequired[str]
    answers: NotRequired[dict[str, Answer]]
    text: NotRequired[str]
    place: NotRequired[Place]
    urgent: NotRequired[bool]
    for_whom: NotRequired[ForWhom]
    citizen: NotRequired[str]
    place_corrected: NotRequired[Literal[True]]


WithdrawnReason: TypeAlias = Literal["undo", "mistake", "solved_itself", "other"]


class Noted(TypedDict):
    text: str


class EvidenceAdded(TypedDict):
    of: str
    text: NotRequired[str]


class Supported(TypedDict):
    text: NotRequired[str]
    citizen: NotRequired[str]


class Prioritized(TypedDict):
    priority: int
    seen_priority: int
    text: NotRequired[str]


class Taken(TypedDict):
    text: NotRequired[str]


class Released(TypedDict):
    text: NotRequired[str]


class Assigned(TypedDict):
    agency: str
    department: NotRequired[str]
    brigade: NotRequired[str]
    text: NotRequired[str]


ReturnedReason: TypeAlias = Literal["not_ours", "missing_data", "wrong_place", "other"]


class Started(TypedDict):
    text: NotRequired[str]


VisitedOutcome: TypeAlias = Literal[
    "no_access", "not_found", "unsafe", "waiting_material", "partial", "already_fixed"
]


class FinishedMaterial(TypedDict):
    name: str
    quantity: float
    unit: NotRequired[str]


NotViableReason: TypeAlias = Literal[
    "private_property", "not_municipal", "no_budget", "technically_impossible", "false_report", "other"
]


AnsweredBy: TypeAlias = Literal["phone", "whatsapp", "visit", "app", "other"]


class Verified(TypedDict):
    solved: bool
    text: NotRequired[str]


class Reopened(TypedDict):
    text: NotRequired[str]


class MarkedDuplicate(TypedDict):
    of: str


class Unmerged(TypedDict):
    text: NotRequired[str]


class ActionRecorded(TypedDict):
    measures: NotRequired[list[str]]
    resources: NotRequired[list[str]]
    people: NotRequired[int]
    injured: NotRequired[int]
    shelter: NotRequired[str]
    folio_911: NotRequired[str]
    text: NotRequired[str]


class IncidentOpened(TypedDict):
    name: str
    text: NotRequired[str]
    types: NotRequired[list[str]]


class IncidentJoined(TypedDict):
    incident: str


class IncidentClosed(TypedDict):
    text: NotRequired[str]


LeaderProposedAction: TypeAlias = Literal["appoint", "change", "vacate"]


Kind: TypeAlias = Literal[
    "captured",
    "amended",
    "withdrawn",
    "noted",
    "evidence_added",
    "supported",
    "prioritized",
    "taken",
    "released",
    "assigned",
    "returned",
    "started",
    "visited",
    "finished",
    "not_viable",
    "answered",
    "verified",
    "reopened",
    "marked_duplicate",
    "unmerged",
    "action_recorded",
    "incident_opened",
    "incident_joined",
    "incident_closed",
    "leader_proposed",
]


Role: TypeAlias = Literal[
    "block_leader", "sector_leader", "brigade", "civil_protection", "desk", "agency", "channel"
]


Source: TypeAlias = Literal["gps", "pin", "block", "address", "none"]


PayloadReason: TypeAlias = Literal[
    "false_report",
    "missing_data",
    "mistake",
    "no_budget",
    "not_municipal",
    "not_ours",
    "other",
    "private_property",
    "solved_itself",
    "technically_impossible",
    "undo",
    "wrong_place",
]


class PayloadMaterial(TypedDict):
    name: str
    quantity: float
    unit: NotRequired[str]


PhotoOrigin: TypeAlias = Literal["camera", "gallery"]


PhotoType: TypeAlias = Literal["image/jpeg", "image/png", "image/webp"]


class FollowTold(TypedDict):
    """
    when, by what
    """

    folio: NotRequired[str]
    in_progress: NotRequired[str]
    finished: NotRequired[str]
    survey: NotRequired[str]


class Incident(TypedDict):
    """
    Many reports of one happening, handled together by Protección Civil.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["incident.v1"]]
    version: NotRequired[int]
    name: str
    opened_at: str
    opened_by: str
    closed_at: str | None
    closed_by: NotRequired[str | None]
    reports: list[str]
    text: NotRequired[str | None]
    types: NotRequired[list[str]]
    timeline: NotRequired[list[Mapping[str, Any]]]
    flags: NotRequired[list[str]]


LeaderStatus: TypeAlias = Literal["active", "pending", "vacant"]


OutStep: TypeAlias = Literal["folio", "in_progress", "finished", "survey"]


SendingState: TypeAlias = Literal["waiting", "sending", "sent", "delivered", "read", "failed", "uncertain"]


class SendingAttempt(TypedDict):
    at: str
    what: NotRequired[str]


class PersonCitizen(TypedDict):
    citizen: str
    at: str
    by: str


PersonSex: TypeAlias = Literal["f", "m", "x"]


PersonLogDid: TypeAlias = Literal["made", "joined", "parted", "merged", "unmerged", "edited", "erased"]


class Rating(TypedDict):
    """
    How a finished report was left, in its citizen's eyes: 1 bad to 5 good.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["rating.v1"]
    report: str
    talk: str | None
    stars: int
    at: str


class ReceiptSession(TypedDict):
    account: str
    device: str | None


class FolioFact(TypedDict):
    kind: Literal["folio"]
    folio: str
    account: NotRequired[str]


PhotoVerdictFactVerdict: TypeAlias = Literal["ok", "refused"]


class PhotoMissingFact(TypedDict):
    kind: Literal["photo_missing"]
    sha256: str
    event: str


class RedactionFact(TypedDict):
    kind: Literal["redaction"]
    event: str
    members: list[str]
    reason: str
    by: str


class MonthClosedFact(TypedDict):
    kind: Literal["month_closed"]
    month: str


class EscalatedFact(TypedDict):
    kind: Literal["escalated"]
    attempt: int
    answer: NotRequired[str]


DuplicateFactKind: TypeAlias = Literal["duplicate_joined", "duplicate_left"]


IncidentFactKind: TypeAlias = Literal["report_joined", "report_left"]


class ReviewedFact(TypedDict):
    kind: Literal["reviewed"]
    flags: list[str]
    by: str
    text: NotRequired[str]


class ExplainedFact(TypedDict):
    kind: Literal["explained"]
    event: str
    admission: int
    flags: list[str]


class RecordScope(TypedDict):
    blocks: NotRequired[list[str]]
    sector: NotRequired[str | None]
    agency: NotRequired[str | None]
    department: NotRequired[str | None]
    brigade: NotRequired[str | None]


class Classification(TypedDict):
    family: str | None
    confidential: bool


class Routing(TypedDict):
    areas_version: NotRequired[str | int | None]
    rules_version: NotRequired[str | int | None]
    block: NotRequired[str | None]
    block_name: NotRequired[str]
    blocks_tied: NotRequired[list[str]]
    colonia: NotRequired[str | None]
    sector: NotRequired[str | None]
    outside: NotRequired[bool]
    agency: NotRequired[str | None]
    department: NotRequired[str | None]
    brigade: NotRequired[str | None]


class Triage(TypedDict):
    priority: int
    reasons: NotRequired[list[str]]


class Deadlines(TypedDict):
    clock_start: str
    answer_due_at: str | None
    amber_at: str | None
    due_at: str | None
    catalogue: NotRequired[str | int | None]
    calendar: NotRequired[str | int | None]


JudgementVerdict: TypeAlias = Literal["ok", "far", "unverifiable", "none"]


class RectifiedContent(TypedDict):
    name: NotRequired[str]
    phone: NotRequired[str]
    email: NotRequired[str]
    address: NotRequired[str]


class RectificationEarlier(TypedDict):
    content: RectifiedContent
    notice: str | None
    at: str
    by: str
    reason: str


ReportView: TypeAlias = Literal["full", "card", "own"]


class ReportVerified(TypedDict):
    solved: bool
    at: str


class ReportPlace(TypedDict):
    source: Source
    lat: NotRequired[float]
    lon: NotRequired[float]
    taken_at: NotRequired[str]
    accuracy: NotRequired[float]
    block: NotRequired[str]
    colonia: NotRequired[str]
    street: NotRequired[str]
    between: NotRequired[str]
    reference: NotRequired[str]
    pole: NotRequired[str]
    sector: NotRequired[str]
    block_name: NotRequired[str]
    blocks_tied: NotRequired[list[str]]
    outside: NotRequired[bool]


AssignmentStatus: TypeAlias = Literal["assigned", "started", "paused", "finished", "returned", "not_viable"]


class ReportTakenBy(TypedDict):
    account: str
    at: str


class JudgedPosition(TypedDict):
    source: Source
    lat: NotRequired[float]
    lon: NotRequired[float]
    accuracy: NotRequired[float]
    taken_at: NotRequired[str]
    verdict: NotRequired[JudgementVerdict]
    distance: NotRequired[float]


class EvidenceItem(TypedDict):
    sha256: str
    origin: PhotoOrigin | None
    event: str
    at: str
    verdict: Verdict
    code: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]


class ReportContact(TypedDict):
    """
    only where the role needs it and the report is open
    """

    name: NotRequired[str]
    phone: NotRequired[str]


class Review(TypedDict):
    """
    somebody has looked at these flags: they are lowered
    """

    do: Literal["review"]
    report: str
    flags: list[str]


Erasable: TypeAlias = Literal[
    "answers",
    "citizen",
    "done",
    "folio_911",
    "materials",
    "measures",
    "name",
    "photos",
    "place",
    "position",
    "resources",
    "shelter",
    "text",
]


class RedactCitizen(TypedDict):
    """
    a citizen's data are erased
    """

    do: Literal["redact_citizen"]
    citizen: str
    reason: str


class RectifyCitizen(TypedDict):
    """
    what a citizen's document says was put right: copies are made anew
    """

    do: Literal["rectify_citizen"]
    citizen: str


class Rebuild(TypedDict):
    """
    every mailbox is made anew in a new generation
    """

    do: Literal["rebuild"]


class RequestRetry(TypedDict):
    """
    a person had it judged anew
    """

    by: str
    force: bool


class Rule(TypedDict):
    type: NotRequired[str]
    family: NotRequired[str]
    area: NotRequired[str]
    agency: str
    department: NotRequired[str]
    brigade: NotRequired[str]


class WordRule(TypedDict):
    words: list[str]
    priority: int
    type: NotRequired[str]


SaidMessageKind: TypeAlias = Literal["text", "choice", "location", "photo", "voice", "other", "form"]


class SaidFresh(TypedDict):
    """
    ids that it may use
    """

    report: str
    own: str


SaidAsk: TypeAlias = Literal["text", "location", "photo"]


class MunicipalSettingsCenter(TypedDict):
    lat: float
    lon: float
    zoom: NotRequired[float]


class MunicipalSettingsCourierKey(TypedDict):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: NotRequired[str]
    use: NotRequired[str]
    alg: NotRequired[str]


class Steps(TypedDict):
    """
    A month's steps of conversations that are no longer kept: day to channel to step to number.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["steps.v1"]
    days: dict[str, dict[str, dict[str, int]]]


SurveyCallAttemptOutcome: TypeAlias = Literal["answered", "no_answer", "wrong_number", "refused", "later"]


class SurveyCallAnswer(TypedDict):
    solved: bool
    told: bool
    rating: int
    text: NotRequired[str]


TalkMode: TypeAlias = Literal["bot", "waiting", "desk"]


class TalkReport(TypedDict):
    report: str
    folio: str
    at: str


QuestionKind: TypeAlias = Literal["choice", "number", "boolean", "text"]


class Option(TypedDict):
    value: str
    text: str


class Closing(TypedDict):
    """
    what finishing a report of this type demands
    """

    done: bool
    photo: bool
    position: bool
    codes: NotRequired[list[Option]]


class CatalogueUploadRow(TypedDict):
    row: int
    fields: dict[str, str]


SavedViewOrder: TypeAlias = Literal["newest", "oldest", "due", "folio", "priority", "finished"]


SavedViewGroup: TypeAlias = Literal["", "dependencia", "tipo", "colonia", "delegacion", "general"]


SavedViewAudience: TypeAlias = Literal["*"] | str | None


class Account(TypedDict):
    """
    A person's or brigade's account.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["account.v1"]]
    name: str
    role: AccountRole
    phone: NotRequired[str]
    blocks: NotRequired[list[str]]
    sector: NotRequired[str | None]
    agency: NotRequired[str | None]
    department: NotRequired[str | None]
    brigade: NotRequired[str | None]
    active: bool
    supervisor: NotRequired[bool]
    delegation: NotRequired[str | None]
    term: NotRequired[Term | None]
    generation: NotRequired[int | str]
    password: NotRequired[str]


class AcknowledgementPhoto(TypedDict):
    sha256: str
    verdict: Verdict
    code: NotRequired[str]
    message: NotRequired[str]


class Agency(TypedDict):
    """
    An agency (dependencia) with its departments and brigades.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["agency.v1"]]
    name: str
    short: str
    departments: list[Named]
    brigades: list[Named]
    phone: NotRequired[str]
    active: NotRequired[bool]


class Geometry(TypedDict):
    """
    a GeoJSON Polygon or MultiPolygon, WGS 84, longitude first
    """

    type: GeometryType
    coordinates: list[list[Any]]


class CatalogueRequest(TypedDict):
    """
    What an agency asks to have changed in the catalogue, with its answer. In office.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["asked.v1"]
    at: str
    by: str
    agency: str
    kind: CatalogueRequestKind
    key: str | None
    fields: dict[str, str]
    why: str
    status: CatalogueRequestStatus
    decided_at: NotRequired[str]
    decided_by: NotRequired[str]
    answer: NotRequired[str]


class BulkJob(TypedDict):
    """
    One act on many reports, as a supervisor confirmed it; what became of each stands in its parts. Written by the office's pages.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["bulk.v1"]
    by: str
    at: str
    installation: str
    act: BulkJobAct
    form: dict[str, str]
    chosen: list[list[str]]
    found: int
    parts: int
    state: BulkJobState
    ended_at: str | None


class Calendar(TypedDict):
    """
    A year's days without work of the municipality, besides Mexico's official holidays.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["calendar.v1"]]
    year: int
    holidays: list[CalendarHoliday]
    version: NotRequired[int | str]


class CatalogueChange(TypedDict):
    """
    A change of a document of the catalogue: who, when, what stood before and after. In office; never edited.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["change.v1"]
    at: str
    by: str
    how: CatalogueChangeHow
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


class CheckIn(TypedDict):
    """
    What a device says when it asks whether anything is new.
    """

    _rev: NotRequired[str]
    schema: NotRequired[Literal["checkin.v1"]]
    device: str
    since: CheckInSince
    last_seq: int
    pending: int
    oldest_age: NotRequired[float | None]
    storage: NotRequired[CheckInStorage]
    version: NotRequired[str]
    clock: NotRequired[str]
    photos_pending: NotRequired[int]


class Citizen(TypedDict):
    """
    Personal data of a citizen, apart from every event. The id's last part is the hex SHA-256 of the RFC 8785 form of {content, salt}. Redaction empties content and adds redacted_at.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["citizen.v1"]]
    content: CitizenContent
    salt: str
    notice: NotRequired[str | None]
    consented_at: NotRequired[str | None]
    redacted_at: NotRequired[str]


class Row(TypedDict):
    report: str
    folio: str
    type: str
    colonia: str | None
    status: Status
    captured_at: str
    due_at: str | None
    closed_at: str | None
    on_time: bool | None
    came_late: bool
    closed_late: bool


class Contact(TypedDict):
    """
    One call of the office to who asked: why, by whom, what came of it. No personal data.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["contact.v1"]
    report: str
    why: ContactWhy
    at: str
    by: str
    channel: ContactChannel
    outcome: ContactOutcome
    text: NotRequired[str]


class Captured(TypedDict):
    type: str
    channel: str
    for_whom: ForWhom
    answers: dict[str, Answer]
    text: NotRequired[str]
    place: Place
    urgent: bool
    danger: NotRequired[bool]
    citizen: NotRequired[str]
    old_folio: NotRequired[str]


class Withdrawn(TypedDict):
    reason: WithdrawnReason
    text: NotRequired[str]


class Returned(TypedDict):
    reason: ReturnedReason
    text: NotRequired[str]
    agency: NotRequired[str]
    brigade: NotRequired[str]


class Visited(TypedDict):
    outcome: VisitedOutcome
    return_on: NotRequired[str]
    text: NotRequired[str]


class Finished(TypedDict):
    done: str
    materials: NotRequired[list[FinishedMaterial]]
    text: NotRequired[str]


class NotViable(TypedDict):
    reason: NotViableReason
    text: NotRequired[str]


class Answered(TypedDict):
    text: str
    by: NotRequired[AnsweredBy]


class LeaderProposed(TypedDict):
    block: str
    action: LeaderProposedAction
    citizen: NotRequired[str]
    text: NotRequired[str]


class Position(TypedDict):
    source: Source
    lat: NotRequired[float]
    lon: NotRequired[float]
    accuracy: NotRequired[float]
    taken_at: NotRequired[str]


class Payload(TypedDict):
    type: NotRequired[str]
    channel: NotRequired[str]
    for_whom: NotRequired[ForWhom]
    answers: NotRequired[dict[str, Answer]]
    text: NotRequired[str]
    place: NotRequired[Place]
    urgent: NotRequired[bool]
    danger: NotRequired[bool]
    citizen: NotRequired[str]
    old_folio: NotRequired[str]
    place_corrected: NotRequired[Literal[True]]
    reason: NotRequired[PayloadReason]
    of: NotRequired[str]
    priority: NotRequired[int]
    seen_priority: NotRequired[int]
    agency: NotRequired[str]
    department: NotRequired[str]
    brigade: NotRequired[str]
    outcome: NotRequired[VisitedOutcome]
    return_on: NotRequired[str]
    done: NotRequired[str]
    materials: NotRequired[list[PayloadMaterial]]
    by: NotRequired[AnsweredBy]
    solved: NotRequired[bool]
    measures: NotRequired[list[str]]
    resources: NotRequired[list[str]]
    people: NotRequired[int]
    injured: NotRequired[int]
    shelter: NotRequired[str]
    folio_911: NotRequired[str]
    name: NotRequired[str]
    types: NotRequired[list[str]]
    incident: NotRequired[str]
    block: NotRequired[str]
    action: NotRequired[LeaderProposedAction]


class Photo(TypedDict):
    sha256: str
    origin: PhotoOrigin
    bytes: int
    type: PhotoType


class Follow(TypedDict):
    """
    Whom to tell of a report that a conversation made, and what was told when.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["follow.v1"]
    report: str
    talk: str | None
    citizen: str | None
    since: str
    told: FollowTold


class Leader(TypedDict):
    """
    A block leader's entry of the padrón.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["leader.v1"]]
    name: str
    phone: NotRequired[str]
    blocks: list[str]
    sector: NotRequired[str | None]
    status: LeaderStatus
    term: NotRequired[Term | None]
    account: NotRequired[str | None]


class Sending(TypedDict):
    state: SendingState
    epoch: str
    attempts: list[SendingAttempt]
    not_before: str | None
    remote: str | None
    by: NotRequired[str]


class Outline(TypedDict):
    """
    The municipality's outline as phones draw it: simplified, apart from the settings, which change more often.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["outline.v1"]]
    geometry: Geometry


class PersonLog(TypedDict):
    at: str
    by: str
    did: PersonLogDid
    citizen: NotRequired[str]
    number: NotRequired[int]


class Receipt(TypedDict):
    """
    What the gateway appended to the inbox: the event as it came, and when and by whose session. Never changed.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["receipt.v1"]
    received_at: str
    session: ReceiptSession
    trusted: NotRequired[Literal["import"]]
    event: Mapping[str, Any]


class PhotoVerdictFact(TypedDict):
    kind: Literal["photo_verdict"]
    sha256: str
    verdict: PhotoVerdictFactVerdict
    code: NotRequired[str]
    message: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]


class DuplicateFact(TypedDict):
    kind: DuplicateFactKind
    report: str


class IncidentFact(TypedDict):
    kind: IncidentFactKind
    report: str


Fact: TypeAlias = (
    FolioFact
    | PhotoVerdictFact
    | PhotoMissingFact
    | RedactionFact
    | MonthClosedFact
    | EscalatedFact
    | DuplicateFact
    | IncidentFact
    | ReviewedFact
    | ExplainedFact
)


class Judgement(TypedDict):
    verdict: JudgementVerdict
    distance: NotRequired[float | None]


class Rectification(TypedDict):
    """
    What was put right in a citizen's document; it shows instead of the original, which stays. In citizens; an erasure empties both.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["rectified.v1"]
    citizen: str
    content: RectifiedContent
    notice: str | None
    consented_at: str | None
    at: str
    by: str
    reason: str
    earlier: list[RectificationEarlier]
    redacted_at: NotRequired[str]


class Assignment(TypedDict):
    agency: str
    department: NotRequired[str | None]
    brigade: NotRequired[str | None]
    status: AssignmentStatus
    assigned_at: str
    started_at: NotRequired[str]
    return_on: NotRequired[str]
    outcome: NotRequired[VisitedOutcome]
    finished_at: NotRequired[str]
    by: NotRequired[str]


class TimelineEntry(TypedDict):
    event: str
    kind: str
    at: str
    admission: int
    actor: NotRequired[str | None]
    role: NotRequired[str | None]
    name: NotRequired[str]
    payload: Mapping[str, Any]
    photos: list[Photo]
    position: NotRequired[JudgedPosition]
    flags: list[str]
    late: NotRequired[bool]
    fact: NotRequired[bool]


class RedactEvent(TypedDict):
    """
    members of an event's payload, or photos and position, leave every copy
    """

    do: Literal["redact_event"]
    event: str
    members: list[Erasable]
    reason: str


Wanted: TypeAlias = Review | RedactEvent | RedactCitizen | RectifyCitizen | Rebuild


class Rules(TypedDict):
    """
    Who attends what where: the first rule that matches wins. words raise priority by what people write.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["rules.v1"]]
    version: int | str
    rules: list[Rule]
    words: list[WordRule]


class SaidMessage(TypedDict):
    kind: SaidMessageKind
    text: NotRequired[str]
    title: NotRequired[str]
    lat: NotRequired[float | None]
    lon: NotRequired[float | None]
    accuracy: NotRequired[float | None]
    photo: NotRequired[Mapping[str, Any] | None]
    refused: NotRequired[str]
    media: NotRequired[Mapping[str, Any]]
    tries: NotRequired[int]
    draft: NotRequired[Mapping[str, Any]]


class MunicipalSettings(TypedDict):
    """
    The municipality as phones know it.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["settings.v1"]]
    municipality: str
    state: NotRequired[str]
    timezone: str
    brand: NotRequired[str | None]
    slogan: NotRequired[str | None]
    election_mode: NotRequired[bool]
    emergency_phone: NotRequired[str | None]
    duty_phone: NotRequired[str | None]
    outline: NotRequired[Geometry | None]
    center: NotRequired[MunicipalSettingsCenter | None]
    folio_prefix: str
    notice: NotRequired[str | None]
    courier_key: NotRequired[MunicipalSettingsCourierKey | None]
    app_floor: NotRequired[str | None]
    answer_hours: NotRequired[float]
    late_days: NotRequired[float]
    evidence_flag_days: NotRequired[float]
    retention_days: NotRequired[int]
    position_days: NotRequired[int]
    desk_days: NotRequired[str]
    desk_opens: NotRequired[str]
    desk_closes: NotRequired[str]
    quiet_from: NotRequired[str]
    quiet_until: NotRequired[str]
    talk_days: NotRequired[int]
    survey_days: NotRequired[int]
    mailbox_cap: NotRequired[int]
    civil_protection_agencies: NotRequired[list[str]]
    demo: NotRequired[bool]


class SurveyCallAttempt(TypedDict):
    at: str
    by: str
    outcome: SurveyCallAttemptOutcome


class Talk(TypedDict):
    """
    A conversation of one citizen by one channel: where it stands. Personal data: sender and state.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["talk.v1"]
    channel: str
    sender: str
    opened_at: str
    heard_at: str
    mode: TalkMode
    urgent: bool
    unread: int
    desk: str | None
    state: Mapping[str, Any] | None
    reports: list[TalkReport]
    citizens: list[str]
    applied: list[str]
    counts: dict[str, dict[str, int]]
    number: int


class Question(TypedDict):
    id: str
    text: str
    kind: QuestionKind
    options: NotRequired[list[Option]]
    required: NotRequired[bool]
    hint: NotRequired[str]


class CatalogueUpload(TypedDict):
    """
    Rows of a workbook of the catalogue that wait for a yes; the newest of an account and a part. In office.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["upload.v1"]
    at: str
    rows: list[CatalogueUploadRow]


class SavedView(TypedDict):
    """
    A filter of the office's lists under a name, with its order and grouping. It widens nobody's scope. Written by the office's pages.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["view.v1"]
    by: str
    at: str
    name: str
    query: list[list[str]]
    order: SavedViewOrder
    group: SavedViewGroup
    audience: SavedViewAudience


class Acknowledgement(TypedDict):
    """
    What the municipality has of one device's work. One document per device, in its account's mailbox, and numbered pages of what it listed before.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["ack.v1"]
    through: int
    gaps: list[list[int]]
    items: list[list[str | int | None]]
    refused: list[Refused]
    quarantined: list[Refused]
    photos: list[AcknowledgementPhoto]


class Area(TypedDict):
    """
    A colonia or sector as phones have it: simplified.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["area.v1"]]
    kind: AreaKind
    name: str
    postcode: NotRequired[str]
    geometry: Geometry


class MonthClose(TypedDict):
    """
    A month of one agency as it was when it was closed. Written once and never again.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["close.v1"]
    month: str
    agency: str
    closed_at: str
    by: str
    figures: Figures
    types: list[MonthCloseType]
    received: list[Row]
    finished: list[Row]
    overdue: list[Row]
    names: MonthCloseNames
    before: Figures | None
    hash: str


class Event(TypedDict):
    """
    What a person did, once, on one device: immutable and signed. The subject is a report; for incident_opened and incident_closed an incident; for leader_proposed a proposal. Never changes once released.
    """

    _id: str
    schema: Literal["event.v1"]
    kind: Kind
    actor: str
    role: Role
    device: str
    device_seq: int
    prev: str | None
    based_on: list[str]
    occurred_at: str
    position: Position
    payload: Payload
    photos: list[Photo]
    app: str
    privacy_notice: str | None
    sig: NotRequired[str]


class Out(TypedDict):
    """
    A notice to a citizen of what became of their report, with every attempt. Holds no name, number or word of the report.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["out.v1"]
    report: str
    talk: str | None
    citizen: str | None
    step: OutStep
    at: str
    sending: Sending


class Person(TypedDict):
    """
    A person with a citizen number: the citizen documents that somebody said are theirs, and what is known besides. In office.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["person.v1"]
    number: int
    at: str
    by: str
    citizens: list[PersonCitizen]
    phones: list[str]
    sex: NotRequired[PersonSex]
    birth_year: NotRequired[int]
    merged_into: int | None
    log: list[PersonLog]
    redacted_at: NotRequired[str]


class Record(TypedDict):
    """
    An admitted event with the facts of its admission, or a decision of the server without an event. Written once by intake, never recomputed.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["record.v1"]]
    report: str
    admission: int
    received_at: str
    effective_at: str
    month: NotRequired[str]
    event: NotRequired[Event]
    fact: NotRequired[Fact]
    account: NotRequired[str | None]
    role: NotRequired[str | None]
    scope: NotRequired[RecordScope | None]
    classification: NotRequired[Classification | None]
    routing: NotRequired[Routing | None]
    triage: NotRequired[Triage | None]
    deadlines: NotRequired[Deadlines | None]
    position: NotRequired[Judgement | None]
    late: bool
    flags: list[str]


class Report(TypedDict):
    """
    The fold of a report's records. In `cases` every member but view and contact is present (the server's tests hold that); a mailbox copy has view, and lacks what its owner may not see.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["report.v1"]
    view: NotRequired[ReportView]
    version: int
    events: NotRequired[list[str]]
    folio: str | None
    provisional_folio: str
    aliases: NotRequired[list[str]]
    type: str
    answers: NotRequired[dict[str, Answer]]
    text: NotRequired[str | None]
    family: NotRequired[str | None]
    confidential: NotRequired[bool]
    channel: NotRequired[str | None]
    for_whom: NotRequired[ForWhom | None]
    citizen: NotRequired[str | None]
    agency: NotRequired[str | None]
    department: NotRequired[str | None]
    status: Status
    priority: NotRequired[int]
    urgent: NotRequired[bool]
    danger: NotRequired[bool]
    captured_at: NotRequired[str]
    captured_by: NotRequired[str | None]
    answer_due_at: NotRequired[str | None]
    answered_at: NotRequired[str | None]
    amber_at: NotRequired[str | None]
    due_at: NotRequired[str | None]
    finished_at: NotRequired[str | None]
    verified: NotRequired[ReportVerified | None]
    place: NotRequired[ReportPlace]
    assignments: NotRequired[list[Assignment]]
    taken_by: NotRequired[list[ReportTakenBy]]
    incident: NotRequired[str | None]
    timeline: NotRequired[list[TimelineEntry]]
    evidence: NotRequired[list[EvidenceItem]]
    supports: NotRequired[int]
    duplicate_of: NotRequired[str | None]
    duplicates: NotRequired[list[str]]
    flags: NotRequired[list[str]]
    month: NotRequired[str | None]
    contact: NotRequired[ReportContact]


class Request(TypedDict):
    """
    What an office asks of intake, appended to the inbox. Done in its turn; doing it twice does nothing the second time.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["request.v1"]
    at: str
    by: str
    wanted: Wanted
    retry: NotRequired[RequestRetry]
    retry_of: NotRequired[str]


class Said(TypedDict):
    """
    One message of a conversation, either way. A citizen's has message and fresh; another's text, choices and ask.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["said.v1"]
    by: str
    at: str
    sent_at: NotRequired[str]
    sender: NotRequired[str]
    number: int | None
    message: NotRequired[SaidMessage]
    fresh: NotRequired[SaidFresh]
    text: NotRequired[str]
    choices: NotRequired[list[list[str]]]
    ask: NotRequired[SaidAsk]
    sending: NotRequired[Sending | None]


class SurveyCall(TypedDict):
    """
    What was tried and answered of one drawn report. No personal data: who is called is read from the report.
    """

    _id: str
    _rev: NotRequired[str]
    schema: Literal["survey.v1"]
    month: str
    agency: str
    report: str
    folio: str
    attempts: list[SurveyCallAttempt]
    answer: SurveyCallAnswer | None


class PetitionType(TypedDict):
    """
    A petition type of the catalogue.
    """

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[Literal["type.v1"]]
    name: str
    family: str
    pictogram: str
    agency: str
    department: NotRequired[str]
    questions: list[Question]
    days: int
    working_days: bool
    amber_days: int
    priority: int
    urgent: bool
    confidential: bool
    closing: Closing
    words: list[str]
    duplicate_radius: float
    active: bool
    note: NotRequired[str]
