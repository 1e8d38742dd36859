/**
 * The documents a phone reads and writes, as TypeScript.
 *
 * Law: `schemas/` is the contract. What has a schema rests on the type generated from it (`npm run types`), narrowed
 * only where JSON Schema says more than the generator can: numbers of a range, tuples, geometries. What a phone
 * writes is an Event or a Citizen; everything else is read only.
 */
import type * as account from "./generated/account.v1.d.ts";
import type * as ack from "./generated/ack.v1.d.ts";
import type * as agency from "./generated/agency.v1.d.ts";
import type * as area from "./generated/area.v1.d.ts";
import type * as channel from "./generated/channel.v1.d.ts";
import type * as citizen from "./generated/citizen.v1.d.ts";
import type * as event from "./generated/event.v1.d.ts";
import type * as incident from "./generated/incident.v1.d.ts";
import type * as leader from "./generated/leader.v1.d.ts";
import type * as report from "./generated/report.v1.d.ts";
import type * as settings from "./generated/settings.v1.d.ts";
import type * as type from "./generated/type.v1.d.ts";

/** `Base` with the members of `Narrower` in place of its own. */
type Narrowed<Base, Narrower> = Omit<Base, keyof Narrower> & Narrower;

export type Role = account.Account["role"];
export type Status = report.Status;

/** 1 emergencia, 2 alta, 3 media, 4 baja. */
export type Priority = 1 | 2 | 3 | 4;
export type ForWhom = event.ForWhom;
export type Answer = event.Answer;
export type Answers = event.Answers;
export type PositionSource = event.Source;

/** WGS 84 degrees, accuracy in metres, `taken_at` an RFC 3339 instant. */
export type Position = event.Position;
export type PlaceText = event.Place;
export type EventPhoto = event.Photo;
export type PhotoType = EventPhoto["type"];
export type PhotoOrigin = EventPhoto["origin"];
export type Material = NonNullable<event.Finished["materials"]>[number];

export type Kind = event.CaseEvent["kind"];
type Said = { [K in Kind]: Extract<event.CaseEvent, { kind: K }>["payload"] };

/** Payload by kind, as `schemas/event.v1.json` has it. */
export type Payloads = Narrowed<
  Said,
  {
    prioritized: Narrowed<event.Prioritized, { priority: Priority; seen_priority: Priority }>;
  }
>;

/** `event.v1`: made once on one device, signed, immutable. `_id` = `event:<subject uuid>:<event uuid>`. */
export interface Event<K extends Kind = Kind>
  extends Omit<Extract<event.CaseEvent, { kind: "noted" }>, "kind" | "role" | "payload" | "sig"> {
  kind: K;
  role: Role;
  payload: Payloads[K];
  sig: string;
}

export type CitizenContent = citizen.Citizen["content"];

/** `citizen.v1` as a phone writes it: `_id` = `citizen:<uuid7>:<hash of salted content>`. */
export type Citizen = Narrowed<
  Omit<citizen.Citizen, "_rev" | "redacted_at">,
  { schema: "citizen.v1"; notice: string; consented_at: string }
>;

export type Assignment = report.Assignment;
export type AssignmentStatus = Assignment["status"];

/** What is not in a copy of lesser view, or not yet in an entry of this phone's own, is absent. */
export type TimelineEntry = Pick<report.TimelineEntry, "event" | "kind" | "at"> &
  Partial<
    Narrowed<
      Omit<report.TimelineEntry, "event" | "kind" | "at">,
      { role: Role | null; payload: Record<string, unknown> }
    >
  > & {
    /** Only on the phone: made here, and not in any copy the municipality sent back. */
    pending?: boolean;
  };

export type Evidence = report.EvidenceItem;
export type Place = Partial<report.ReportPlace>;

/** `report.v1` as a mailbox carries it; a `card` or an `own` copy has only part of it. */
export type Report = Narrowed<
  Omit<report.Report, "schema" | "type" | "provisional_folio">,
  {
    type?: string;
    provisional_folio?: string;
    priority?: Priority;
    place?: Place;
    timeline?: TimelineEntry[];
  }
>;

/** The owner of a mailbox (docs/documents.md): no schema, the server's projection makes it. */
export interface Profile {
  _id: "profile";
  account: string;
  name: string;
  /** Their own, as the municipality has it. */
  phone?: string;
  role: Role;
  blocks: string[];
  sector?: string | null;
  agency?: string | null;
  brigade?: string | null;
  term?: { from: string; until: string } | null;
  municipality?: string;
}

export type Ack = Narrowed<
  ack.Acknowledgement,
  { gaps: [number, number][]; items: [string, number, string | null][] }
>;

/** GeoJSON geometry of an area: degrees, longitude first (RFC 7946 §3.1.1). */
export type Geometry =
  | { type: "Polygon"; coordinates: number[][][] }
  | { type: "MultiPolygon"; coordinates: number[][][][] };

/** A block of one's sector (docs/documents.md): no schema, the server's projection makes it. */
export interface Block {
  _id: string;
  name: string;
  sector?: string | null;
  colonia?: string | null;
  leader?: { account: string; name: string; phone?: string } | null;
  vacant?: boolean;
  geometry: Geometry;
}

export type Leader = leader.Leader;
export type Incident = incident.Incident;

/** Whom one can assign (docs/documents.md): no schema, the server's projection makes it. */
export interface Colleague {
  _id: string;
  name: string;
  role: Role;
  agency?: string | null;
  brigade?: string | null;
}

/** `refusal:<event>` and `quarantine:<event>` documents, on the desk's phone. */
export interface Rejection extends ack.Refused {
  _id: string;
  actor?: string;
  device?: string;
}

export type Question = type.Question;
export type PetitionType = Narrowed<type.PetitionType, { priority: Priority }>;
export type Agency = agency.Agency;
export type Channel = channel.Channel;
export type Area = Narrowed<area.Area, { geometry: Geometry }>;

/** The outline apart from the settings; phones of before read the settings' own. */
export interface Outline {
  _id: string;
  geometry: Geometry;
}

/** In a mailbox over its cap: how many of the reports one may see are here. */
export interface Held {
  _id: string;
  shown: number;
  total: number;
}

export interface Notice {
  _id: string;
  version: string;
  short: string;
  full: string;
}

export type Municipality = Narrowed<
  settings.Settings,
  { outline?: Geometry | null; courier_key?: JsonWebKey | null }
>;

/** Any document of a feed, before its id tells which it is. */
export interface FeedDocument {
  _id: string;
  _rev?: string;
  _deleted?: boolean;
  [member: string]: unknown;
}
