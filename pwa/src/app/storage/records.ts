/**
 * What an account's store holds, record by record.
 *
 * Law: a record of the outbox or of a photo is only ever moved forward along its custody, or back to "saved" by a
 * new epoch; its `raw` part never changes, nor does an event that may have left.
 */
import type {
  Citizen,
  Event,
  Kind,
  Payloads,
  PhotoOrigin,
  PhotoType,
  Position,
  Priority,
  Role,
} from "../../shared/documents.ts";
import type { Waiting } from "../../shared/urgency.ts";
import type { ZoneTable } from "../../shared/zones.ts";
import type { Custody, PhotoState } from "./custody.ts";
import type { ReportRow } from "./shown.ts";

/** What the person did, as saved; the sealer makes the event of it. */
export interface Raw<K extends Kind = Kind> {
  based_on: string[];
  position: Position;
  payload: Payloads[K];
  app: string;
  privacy_notice: string | null;
}

/** How a person knows a report again. */
export type About = Pick<ReportRow, "folio" | "street" | "block" | "colonia">;

export interface OutboxRecord {
  /** Event uuid: the key. */
  uuid: string;
  /** Event id, `event:<subject>:<uuid>`. */
  id: string;
  subject: string;
  kind: Kind;
  actor: string;
  role: Role;
  /** Position in the order of saving; the chain follows it. */
  order: number;
  /** Device clock when saved: becomes `occurred_at`. */
  saved_at: string;
  urgent: boolean;
  /** Petition type, for the outbox's list. */
  type: string | null;
  /** What the report was called when acted upon: its copy may leave this phone before this work does. */
  about?: About;
  raw: Raw;
  /** Local ids of its photos, in the person's order. */
  photos: string[];
  citizen?: Citizen;
  /** Present once sealed; gone again where it is sealed anew after one before it was taken back. */
  event?: Event;
  /** Until when it may be taken back, and the draft it was written on. Gone once that is over. */
  undo?: { until: string; hold: boolean; draft?: DraftRecord };
  /** It may have left this phone: written before a byte of it goes. Only said while it could be taken back. */
  offered?: true;
  custody: Custody;
  received_at?: string;
  admission?: number | null;
  folio?: string | null;
  /** Server time of the check-in that first followed acceptance: the 72 hours start here. */
  accepted_at?: string;
  why?: { code: string; message: string; at: string };
}

export interface PhotoRecord {
  /** Local uuid: the key here and in `bytes`. */
  id: string;
  /** Event uuid it belongs to; null while in a draft. */
  event: string | null;
  origin: PhotoOrigin;
  taken_at: string;
  state: PhotoState;
  urgent: boolean;
  /** From the worker: hash, bytes and type of what will be uploaded. */
  sha256?: string;
  size?: number;
  type?: PhotoType;
  /** tus upload URL of an interrupted upload, and how far it came. */
  upload_url?: string;
  sent?: number;
  /** Failed tries of this photo alone; one bad photo blocks nothing. */
  failures?: number;
  why?: { code: string; message: string; at: string };
}

/** A derivative that came from the municipality; its bytes stand in `picture-bytes` under the same key. */
export interface PictureRecord {
  /** `<sha256>/<width>`. */
  key: string;
  sha256: string;
  width: PictureWidth;
  /** Uuids of the reports under whose copies it was fetched: the right to it is theirs. */
  reports: string[];
  size: number;
  /** Device clock, milliseconds: last shown, and last known to be this person's to see. */
  used_at: number;
  checked_at: number;
}
export type PictureWidth = 320 | 1280;

export interface DraftRecord {
  key: string;
  body: unknown;
  photos: string[];
  updated_at: string;
}

export interface Saved {
  /** Report uuid. */
  report: string;
  /** Event uuid, for undo. */
  uuid: string;
  provisional: string;
  saved_at: string;
  /** Nothing was written: another window had made this report of the same draft. */
  already?: true;
}

/** Head of this device's chain of events. */
export interface Chain {
  seq: number;
  prev: string | null;
}

export interface DeviceKey {
  account: string;
  device: string;
  installation: string;
  private_key: CryptoKey;
  public_key: JsonWebKey;
  enrolled_at: string;
}

export interface Session {
  token: string;
  expires_at: string;
  limited: boolean;
}

/** Which of the two stores of a feed is read, and how far each has been pulled. */
export interface FeedState {
  side: Side;
  since: string | null;
  /** A pull from the beginning into the other side, after `feed_changed`. */
  shadow: { since: string | null } | null;
  /** Page size that the line has proved to carry. */
  page: number;
}
export type Side = "a" | "b";
export type Feed = "mailbox" | "reference";

export interface CustodyState {
  epoch: string | null;
  admission: number;
  /** Server time of the last check-in. */
  time: string | null;
}

/** Reports that are one thing that happened; `rows` may be the first of `total` in a preview. */
export interface Group {
  /** The lowest id among its reports. */
  key: string;
  rows: ReportRow[];
  total: number;
  /** Taken by nobody. */
  free: number;
  /** Instant of its first capture. */
  oldest: string;
  /** Its most urgent report's. */
  priority: Priority;
  /** In one of them somebody is in danger. */
  danger: boolean;
  /** The report that stands first among them, and as the order of urgent things sees it. */
  top: ReportRow;
  lead: Waiting;
}

/** First pages of the first screen's lists, by name: of rows, or of groups; see `state/preview.ts`. */
export type Preview = Record<string, { total: number; rows: ReportRow[]; groups?: Group[] }>;

/** Single values of an account's store, by key. */
export interface Meta {
  key: DeviceKey;
  session: Session;
  chain: Chain;
  order: number;
  "feed:mailbox": FeedState;
  "feed:reference": FeedState;
  custody: CustodyState;
  orders: { order: string }[];
  /** Drafts that became reports, newest last: a second window's copy of one makes no second report. */
  turned: { draft: string; saved: Saved }[];
  app_floor: string | null;
  last_success_at: string;
  previous_devices: string[];
  /** Its person has signed out: only what it still holds is handed over. */
  leaving: boolean;
  preview: { role: Role; stamp: string; lists: Preview };
  /** `browser`: what made it; `made_at`: this phone's clock, milliseconds. */
  /** `told`: by the server, whose word is kept whatever the browser says. */
  zone: { table: ZoneTable; browser: string; made_at: number; told?: true };
}

/** Rows of server copies in one bucket; see `rows.ts`. */
export type Bucket = Omit<ReportRow, "changed" | "unseen" | "pending" | "mine">[];
