/**
 * The documents a phone reads and writes, as TypeScript.
 *
 * Law: `schemas/` is the contract; these types follow it and add nothing. What a phone writes is an Event or a
 * Citizen; everything else is read only.
 */

export type Role =
  | "block_leader"
  | "sector_leader"
  | "brigade"
  | "civil_protection"
  | "desk"
  | "agency"
  | "auditor"
  | "admin";

export type Status =
  | "captured"
  | "in_progress"
  | "finished"
  | "not_viable"
  | "duplicate"
  | "withdrawn"
  | "reopened";

/** 1 emergencia, 2 alta, 3 media, 4 baja. */
export type Priority = 1 | 2 | 3 | 4;
export type ForWhom = "self" | "neighbour" | "anonymous";
export type Answer = string | number | boolean | string[];
export type Answers = Record<string, Answer>;
export type PositionSource = "gps" | "pin" | "block" | "address" | "none";

/** WGS 84 degrees, accuracy in metres, `taken_at` an RFC 3339 instant. */
export interface Position {
  source: PositionSource;
  lat?: number;
  lon?: number;
  accuracy?: number;
  taken_at?: string;
}

export interface PlaceText {
  block?: string;
  colonia?: string;
  street?: string;
  between?: string;
  reference?: string;
  pole?: string;
}

export interface Place extends PlaceText {
  lat?: number;
  lon?: number;
  accuracy?: number;
  source?: PositionSource;
  blocks_tied?: string[];
  sector?: string;
  outside?: boolean;
}

export type PhotoType = "image/jpeg" | "image/png" | "image/webp";
export type PhotoOrigin = "camera" | "gallery";

export interface EventPhoto {
  sha256: string;
  origin: PhotoOrigin;
  bytes: number;
  type: PhotoType;
}

export interface Material {
  name: string;
  quantity: number;
  unit?: string;
}

/** Payload by kind, as `schemas/event.v1.json` has it. */
export interface Payloads {
  captured: {
    type: string;
    channel: string;
    for_whom: ForWhom;
    answers: Answers;
    text?: string;
    place: PlaceText;
    urgent: boolean;
    danger?: boolean;
    citizen?: string;
    old_folio?: string;
  };
  amended: {
    type?: string;
    answers?: Answers;
    text?: string;
    place?: PlaceText;
    urgent?: boolean;
    for_whom?: ForWhom;
    citizen?: string;
    place_corrected?: true;
  };
  withdrawn: { reason: "undo" | "mistake" | "solved_itself" | "other"; text?: string };
  noted: { text: string };
  evidence_added: { of: string; text?: string };
  supported: { text?: string; citizen?: string };
  prioritized: { priority: Priority; seen_priority: Priority; text?: string };
  taken: { text?: string };
  assigned: { agency: string; department?: string; brigade?: string; text?: string };
  returned: {
    reason: "not_ours" | "missing_data" | "wrong_place" | "other";
    text?: string;
    agency?: string;
    brigade?: string;
  };
  started: { text?: string };
  visited: {
    outcome: "no_access" | "not_found" | "unsafe" | "waiting_material" | "partial" | "already_fixed";
    return_on?: string;
    text?: string;
  };
  finished: { done: string; materials?: Material[]; text?: string };
  not_viable: {
    reason:
      | "private_property"
      | "not_municipal"
      | "no_budget"
      | "technically_impossible"
      | "false_report"
      | "other";
    text?: string;
  };
  answered: { text: string; by?: "phone" | "whatsapp" | "visit" | "app" | "other" };
  verified: { solved: boolean; text?: string };
  reopened: { text?: string };
  marked_duplicate: { of: string };
  unmerged: { text?: string };
  action_recorded: {
    measures?: string[];
    resources?: string[];
    people?: number;
    injured?: number;
    shelter?: string;
    folio_911?: string;
    text?: string;
  };
  incident_opened: { name: string; text?: string; types?: string[] };
  incident_joined: { incident: string };
  incident_closed: { text?: string };
  leader_proposed: {
    block: string;
    action: "appoint" | "change" | "vacate";
    citizen?: string;
    text?: string;
  };
}

export type Kind = keyof Payloads;

/** `event.v1`: made once on one device, signed, immutable. `_id` = `event:<subject uuid>:<event uuid>`. */
export interface Event<K extends Kind = Kind> {
  _id: string;
  schema: "event.v1";
  kind: K;
  actor: string;
  role: Role;
  device: string;
  device_seq: number;
  prev: string | null;
  based_on: string[];
  occurred_at: string;
  position: Position;
  payload: Payloads[K];
  photos: EventPhoto[];
  app: string;
  privacy_notice: string | null;
  sig: string;
}

export interface CitizenContent {
  name?: string;
  phone?: string;
  email?: string;
  address?: string;
}

/** `citizen.v1`: `_id` = `citizen:<uuid7>:<hash of salted content>`. */
export interface Citizen {
  _id: string;
  schema: "citizen.v1";
  content: CitizenContent;
  salt: string;
  notice: string;
  consented_at: string;
}

export type AssignmentStatus = "assigned" | "started" | "paused" | "finished" | "returned" | "not_viable";

export interface Assignment {
  agency: string;
  department?: string | null;
  brigade?: string | null;
  status: AssignmentStatus;
  assigned_at: string;
  started_at?: string | null;
  return_on?: string | null;
  outcome?: string | null;
  finished_at?: string | null;
  /** Event that assigned it; absent where the routing rules did. */
  by?: string;
}

export interface TimelineEntry {
  event: string;
  kind: string;
  at: string;
  admission?: number;
  actor?: string;
  role?: Role;
  name?: string;
  payload?: Record<string, unknown>;
  photos?: EventPhoto[];
  position?: Position | { verdict: string; distance?: number };
  flags?: string[];
  late?: boolean;
  fact?: Record<string, unknown>;
  /** Only on the phone: made here, and not in any copy the municipality sent back. */
  pending?: boolean;
}

export interface Evidence {
  sha256: string;
  origin: PhotoOrigin;
  event: string;
  at: string;
  verdict: "pending" | "ok" | "refused";
  code?: string;
  width?: number;
  height?: number;
}

/** `report.v1` as a mailbox carries it; a `card` or an `own` copy has only part of it. */
export interface Report {
  _id: string;
  _rev?: string;
  view?: "full" | "card" | "own";
  version: number;
  events?: string[];
  folio: string | null;
  provisional_folio?: string;
  aliases?: string[];
  type?: string;
  answers?: Answers;
  text?: string | null;
  family?: string;
  confidential?: boolean;
  channel?: string;
  for_whom?: ForWhom;
  citizen?: string | null;
  contact?: { name?: string; phone?: string };
  agency?: string | null;
  department?: string | null;
  status: Status;
  priority?: Priority;
  urgent?: boolean;
  danger?: boolean;
  captured_at?: string;
  captured_by?: string;
  answer_due_at?: string | null;
  answered_at?: string | null;
  amber_at?: string | null;
  due_at?: string | null;
  finished_at?: string | null;
  verified?: { solved: boolean; at: string } | null;
  place?: Place;
  assignments?: Assignment[];
  taken_by?: { account: string; at: string }[];
  incident?: string | null;
  timeline?: TimelineEntry[];
  evidence?: Evidence[];
  supports?: number;
  duplicate_of?: string | null;
  duplicates?: string[];
  flags?: string[];
  month?: string;
}

export interface Profile {
  _id: "profile";
  account: string;
  name: string;
  role: Role;
  blocks: string[];
  sector?: string | null;
  agency?: string | null;
  brigade?: string | null;
  term?: { from: string; until: string } | null;
  municipality?: string;
}

export interface Ack {
  _id: string;
  schema: "ack.v1";
  through: number;
  gaps: [number, number][];
  items: [string, number, string | null][];
  refused: { event: string; code: string; message: string; reason?: string; at: string }[];
  quarantined: { event: string; code: string; message: string; at: string }[];
  photos: { sha256: string; verdict: "ok" | "refused"; code?: string; message?: string }[];
}

/** GeoJSON geometry of an area: degrees, longitude first (RFC 7946 §3.1.1). */
export type Geometry =
  | { type: "Polygon"; coordinates: number[][][] }
  | { type: "MultiPolygon"; coordinates: number[][][][] };

export interface Block {
  _id: string;
  name: string;
  sector?: string | null;
  colonia?: string | null;
  leader?: { account: string; name: string; phone?: string } | null;
  vacant?: boolean;
  geometry: Geometry;
}

export interface Leader {
  _id: string;
  name: string;
  phone?: string;
  blocks: string[];
  status: "active" | "pending" | "vacant";
  term?: { from: string; until: string } | null;
  account?: string | null;
}

export interface Incident {
  _id: string;
  name: string;
  opened_at: string;
  opened_by: string;
  closed_at?: string | null;
  reports: string[];
  text?: string | null;
  types?: string[];
}

export interface Colleague {
  _id: string;
  name: string;
  role: Role;
  agency?: string | null;
  brigade?: string | null;
}

/** `refusal:<event>` and `quarantine:<event>` documents, on the desk's phone. */
export interface Rejection {
  _id: string;
  event: string;
  code: string;
  message: string;
  reason?: string;
  at: string;
  actor?: string;
  device?: string;
}

export interface Question {
  id: string;
  text: string;
  kind: "choice" | "number" | "boolean" | "text";
  options?: { value: string; text: string }[];
  required?: boolean;
}

export interface PetitionType {
  _id: string;
  name: string;
  family: string;
  pictogram?: string;
  agency: string;
  department?: string | null;
  questions: Question[];
  days: number;
  working_days: boolean;
  amber_days?: number;
  priority: Priority;
  urgent: boolean;
  confidential: boolean;
  closing: { done: boolean; photo: boolean; position: boolean; codes?: { value: string; text: string }[] };
  words: string[];
  duplicate_radius?: number;
  active: boolean;
}

export interface Agency {
  _id: string;
  name: string;
  short?: string;
  departments: { id: string; name: string }[];
  brigades: { id: string; name: string }[];
  phone?: string | null;
}

export interface Channel {
  _id: string;
  name: string;
  active: boolean;
}

export interface Area {
  _id: string;
  kind: "colonia" | "sector";
  name: string;
  postcode?: string | null;
  geometry: Geometry;
}

export interface Notice {
  _id: string;
  version: string;
  short: string;
  full: string;
}

export interface Municipality {
  _id: "settings";
  municipality: string;
  state?: string;
  timezone: string;
  brand?: Record<string, string> | string | null;
  slogan?: string | null;
  election_mode?: boolean;
  emergency_phone?: string;
  duty_phone?: string | null;
  outline?: Geometry;
  center?: { lat: number; lon: number } | [number, number];
  folio_prefix?: string;
  notice?: string | null;
  courier_key?: JsonWebKey | null;
  app_floor?: string | null;
  answer_hours?: number;
}

/** Any document of a feed, before its id tells which it is. */
export interface FeedDocument {
  _id: string;
  _rev?: string;
  _deleted?: boolean;
  [member: string]: unknown;
}
