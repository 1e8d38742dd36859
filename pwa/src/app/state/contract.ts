/**
 * What a screen may read and do. `state/index.ts` exports every member of `Readable` and `Actions` by name.
 *
 * Law: a screen reads signals and calls actions, nothing else. Every signal is filled from the phone's own
 * storage; no action waits for the network unless its comment says "online".
 */
import type { ReadonlySignal } from "@preact/signals";
import type {
  Agency,
  Area,
  Block,
  Channel,
  CitizenContent,
  Colleague,
  Geometry,
  Held,
  Incident,
  Kind,
  Leader,
  Municipality,
  Notice,
  Payloads,
  PetitionType,
  PhotoOrigin,
  Position,
  Profile,
  Rejection,
  Role,
} from "../../shared/documents.ts";
import type { Check, Diagnosis, Storage } from "../diagnosis/checks.ts";
import type { Custody, PhotoState } from "../storage/custody.ts";
import type { PhotoChoice, Settings } from "../storage/phone.ts";
import type { About, Group, Preview, Saved } from "../storage/records.ts";
import type { LocalReport, ReportRow } from "../storage/shown.ts";

/** Why the app cannot be used here, or how far it has come. */
export type Boot =
  | { phase: "starting" }
  /** `old_browser`, `in_app` (`app` names it where known), `private`, `storage_refused`, `key_refused`. */
  | { phase: "unusable"; problem: Problem; app?: string }
  /** iOS outside the home screen: install first, enrol inside. */
  | { phase: "install_first" }
  | { phase: "no_account" }
  /** The active account asks for its PIN (`account` signal tells whose). */
  | { phase: "locked" }
  | { phase: "ready" };
export type Problem = "old_browser" | "in_app" | "private" | "storage_refused" | "key_refused";

/** A person of a demonstration, whom anybody may be. */
export interface DemoAccount {
  account: string;
  name: string;
  role: Role;
  note?: string;
  /** Office accounts enrol with a password; a demonstration's is public by nature. */
  password?: string;
}

export interface AccountCard {
  account: string;
  name: string;
  role: Role;
  municipality: string;
  has_pin: boolean;
  /** Until when no PIN is tried, after wrong ones. */
  pin_wait: string | null;
  /** Items of this account that no server has received yet, photos included. */
  unsent: number;
  /** The server or a lost key asks for a new code; what was done stays and goes out signed anew. */
  needs_enrol: boolean;
  signed_out: boolean;
}

export interface OutboxItem {
  /** Event uuid. */
  uuid: string;
  report: string;
  kind: Kind;
  type: string | null;
  folio: string | null;
  provisional: string;
  /** Where the report was when acted upon, should its copy have left the phone. */
  about?: About;
  saved_at: string;
  urgent: boolean;
  custody: Custody;
  /** Only for refused and quarantined: the server's sentence, and when. */
  why?: { code: string; message: string; at: string };
  photos: { id: string; state: PhotoState; progress: number; why?: string }[];
}

/** Numbers for the header's sentence. */
export interface Counts {
  on_phone: number;
  photos_on_phone: number;
  refused: number;
  /** Urgent captures nobody has received: at once without a line, else ten seconds after saving. */
  urgent_unreceived: { report: string; saved_at: string }[];
  drafts: number;
}

export interface SyncStatus {
  online: boolean;
  phase: "idle" | "sending" | "photos" | "receiving";
  /** 0..1 of the present phase where known. */
  progress: number | null;
  last_success_at: string | null;
  /** A code for a sentence: `offline`, `timeout`, `server_unwell`, `busy`, `session`, `revoked`, `garbage`. */
  trouble: string | null;
  next_try_at: string | null;
  /** First pull of this account, or after its store was lost. */
  first_pull: boolean;
  /** The store had vanished (evicted by the system) and is being pulled again: say so. */
  store_was_lost: boolean;
  limited: boolean;
  /** The municipality asks for a newer app than this. */
  too_old: boolean;
}

/** `a_touch`: the browser hides which network this is, so "sólo Wi-Fi" waits for "Enviar ahora". */
export type PhotoWait = "nothing" | "wifi" | "a_touch";
/** Anything half written. `key` is the screen's own (e.g. `capture:<uuid>`, `finish:<report>`); `body` too. */
export interface Draft<Body = unknown> {
  key: string;
  body: Body;
  photos: string[];
  updated_at: string;
}

export interface DraftPhoto {
  /** Local id; photoUrl(id) shows it. */
  id: string;
  origin: PhotoOrigin;
  state: PhotoState;
}

export interface Capture {
  type: string;
  channel?: string;
  for_whom: "self" | "neighbour" | "anonymous";
  answers: Payloads["captured"]["answers"];
  text?: string;
  place: Payloads["captured"]["place"];
  position: Position;
  urgent: boolean;
  danger?: boolean;
  /** Only after the short privacy notice was shown and accepted. */
  citizen?: CitizenContent;
  /** Ids given by addPhoto. */
  photos: string[];
  /** Draft to drop in the same transaction. */
  draft?: string;
}

export interface Act<K extends Kind = Kind> {
  kind: K;
  /** Report uuid; none for incident_opened and leader_proposed, which get a new subject (or `newSubject()`'s). */
  report?: string;
  payload: Payloads[K];
  position?: Position;
  photos?: string[];
  citizen?: CitizenContent;
  draft?: string;
  /** Not for the person to take back: sealed and sent with what it follows. */
  at_once?: boolean;
}

/**
 * `gone`: no server can have it, nothing is left of it. `withdrawn`: a capture that may have left, and is withdrawn.
 * `late`: another act that may have left, and stands. `drafts`: keys of the drafts it is again.
 */
export interface TakenBack {
  done: "gone" | "withdrawn" | "late";
  drafts: string[];
}

/** An act of any kind, its payload the one of its kind. */
export type AnyAct = { [K in Kind]: Act<K> }[Kind];

/** Where a point lies. `blocks` nearest first: own block first where it is within 25 m. */
export interface Located {
  colonia: { id: string; name: string } | null;
  sector: { id: string; name: string } | null;
  block: { id: string; name: string; distance: number } | null;
  blocks: { id: string; name: string; distance: number }[];
  outside: boolean;
}

export interface Hit {
  row: ReportRow;
  score: number;
}

export interface Fix {
  lat: number;
  lon: number;
  accuracy: number;
  taken_at: string;
}

export interface FixWatch {
  fix: ReadonlySignal<Fix | null>;
  /** `denied`, `unavailable`, or null while it tries. */
  trouble: ReadonlySignal<"denied" | "unavailable" | null>;
  stop(): void;
}

export interface Readable {
  boot: ReadonlySignal<Boot>;
  accounts: ReadonlySignal<AccountCard[]>;
  /** The active account. */
  account: ReadonlySignal<AccountCard | null>;
  profile: ReadonlySignal<Profile | null>;
  municipality: ReadonlySignal<Municipality | null>;
  outline: ReadonlySignal<Geometry | null>;
  held: ReadonlySignal<Held | null>;
  types: ReadonlySignal<ReadonlyMap<string, PetitionType>>;
  agencies: ReadonlySignal<ReadonlyMap<string, Agency>>;
  channels: ReadonlySignal<ReadonlyMap<string, Channel>>;
  notice: ReadonlySignal<Notice | null>;
  areas: ReadonlySignal<ReadonlyMap<string, Area>>;
  blocks: ReadonlySignal<ReadonlyMap<string, Block>>;
  leaders: ReadonlySignal<ReadonlyMap<string, Leader>>;
  incidents: ReadonlySignal<ReadonlyMap<string, Incident>>;
  colleagues: ReadonlySignal<ReadonlyMap<string, Colleague>>;
  refusals: ReadonlySignal<ReadonlyMap<string, Rejection>>;
  quarantine: ReadonlySignal<ReadonlyMap<string, Rejection>>;
  /** False until the rows were read once: an empty list is no empty phone before that, `preview` stands in. */
  loaded: ReadonlySignal<boolean>;
  preview: ReadonlySignal<Preview | null>;
  /** Every report on the phone, newest first, withdrawn ones included. */
  rows: ReadonlySignal<readonly ReportRow[]>;
  row(id: string): ReportRow | undefined;
  outbox: ReadonlySignal<readonly OutboxItem[]>;
  counts: ReadonlySignal<Counts>;
  sync: ReadonlySignal<SyncStatus>;
  settings: ReadonlySignal<Settings>;
  /** What photos wait for by the person's own choice. */
  photo_wait: ReadonlySignal<PhotoWait>;
  storage: ReadonlySignal<Storage>;
  drafts: ReadonlySignal<readonly Draft[]>;
  /** A new version waits and will be used at the next start. */
  update_waiting: ReadonlySignal<boolean>;
  version: string;
  /** Turns every 30 s: the instant for semáforos and "hace 3 minutos". */
  now: ReadonlySignal<Date>;
}

export interface Actions {
  /** Call once from main.tsx before rendering; resolves when `boot` has left "starting". */
  start(): Promise<void>;
  /** How the first screen of `roles` makes its lists of rows. */
  previewWith(roles: readonly Role[], lists: (all: readonly ReportRow[]) => Preview): void;

  /** Live full report; `null` where it is not on the phone, `undefined` while it is read. Dispose when leaving. */
  watchReport(id: string): { report: ReadonlySignal<LocalReport | null | undefined>; dispose(): void };
  /** The person has looked: `changed` becomes false. */
  markSeen(id: string): void;

  /** Writes a capture in one durable transaction; resolves when it is on disk. */
  capture(capture: Capture): Promise<Saved>;
  act<K extends Kind>(act: Act<K>): Promise<Saved>;
  /** Several acts of one touch, in this order and in one durable transaction: all of them or none. */
  actAll(acts: readonly AnyAct[]): Promise<Saved[]>;
  /** A subject for an act that opens something, where another of the same touch must name it. */
  newSubject(): string;
  /** Takes back what one touch saved, together; what it was written on is a draft again, photos included. */
  takeBack(saved: readonly { report: string; uuid: string }[]): Promise<TakenBack>;

  loadDraft<Body>(key: string): Promise<Draft<Body> | null>;
  /** Call on every keystroke: writes are coalesced, the last one always lands. */
  saveDraft<Body>(key: string, body: Body, photos?: string[]): Promise<void>;
  discardDraft(key: string): Promise<void>;

  /** Stores the bytes at once; resizing, cleaning and hashing follow in a worker. */
  addPhoto(file: Blob, origin: PhotoOrigin): Promise<DraftPhoto>;
  /** False where the picture just added cannot be drawn on this phone, and so not sent. */
  photoUsable(id: string): Promise<boolean>;
  removePhoto(id: string): Promise<void>;
  /** Object URL of a photo: a local id, or a SHA-256 of `report`'s at width 320 or 1280; null where it cannot be had. */
  photoUrl(idOrHash: string, width?: 320 | 1280, report?: string | null): Promise<string | null>;
  /** Calls when the picture may be seen no longer; returns how to stop. */
  onPhotoGone(idOrHash: string, call: () => void): () => void;

  /** Position while a screen is open; it never delays saving. */
  watchFix(): FixWatch;
  /** After saving: for up to 60 s a better fix becomes `amended`. */
  improveFix(saved: Saved, had: Position): void;
  locate(lat: number, lon: number): Located;
  /** Open reports within `radius` metres (100), nearest first, of the type's family where given. */
  nearby(lat: number, lon: number, type?: string, radius?: number): { row: ReportRow; distance: number }[];
  /** Reports by everything on the phone; best first, at most `limit` (100). */
  search(query: string, limit?: number): Hit[];

  /** online. Throws a Trouble with `code` and `message` to show. */
  enrol(code: string): Promise<void>;
  /** online. */
  enrolPassword(username: string, password: string): Promise<void>;
  /** online. Only a demonstration answers; otherwise []. */
  demoAccounts(): Promise<DemoAccount[]>;
  /** online. */
  enrolDemo(account: string): Promise<void>;
  /** online. A one-time code for a leader of one's sector. */
  issueCode(account: string): Promise<{ code: string; url: string; expires_at: string }>;
  /** False where the PIN is wrong, or not tried because of wrong ones before (`pin_wait`). */
  switchAccount(account: string, pin?: string): Promise<boolean>;
  unlock(pin: string): Promise<boolean>;
  lock(): void;
  /** null removes it. Four to eight digits. */
  setPin(pin: string | null): Promise<void>;
  /** Leaves the account on the phone with its unsent work, which any session goes on delivering. */
  signOut(): Promise<void>;

  syncNow(): void;
  /** Refused or quarantined items stay until the person has seen why and lets them go. */
  dismissRefused(uuid: string): Promise<void>;
  /** File with all unsent text of this phone's active account, encrypted to the municipality; null without its key. */
  courierFile(): Promise<File | null>;
  /** Takes a colleague's courier file; it leaves with the next sync. */
  carry(file: Blob): Promise<void>;
  setSetting<K extends keyof Settings>(key: K, value: Settings[K]): Promise<void>;
  /** Asks the browser to keep the storage. */
  persist(): Promise<boolean>;
  diagnose(): Promise<Diagnosis>;
}

export type {
  Check,
  Custody,
  Diagnosis,
  Geometry,
  Group,
  LocalReport,
  PhotoChoice,
  PhotoState,
  Preview,
  ReportRow,
  Saved,
  Settings,
  Storage,
};
