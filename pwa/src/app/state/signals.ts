/**
 * Every signal of the app, writable: only modules of `state/` import this; screens get them read-only.
 *
 * Law: a signal is a view of the phone's storage at one moment. Whoever changes storage rings the bell; whoever
 * hears it reads again.
 */
import { computed, signal } from "@preact/signals";
import type {
  Agency,
  Area,
  Block,
  Channel,
  Colleague,
  Geometry,
  Held,
  Incident,
  Leader,
  Municipality,
  Notice,
  PetitionType,
  Profile,
  Rejection,
} from "../../shared/documents.ts";
import { defaultSettings } from "../storage/phone.ts";
import type { OutboxRecord } from "../storage/records.ts";
import type {
  AccountCard,
  Boot,
  Counts,
  Draft,
  OutboxItem,
  Preview,
  ReportRow,
  Settings,
  Storage,
  SyncStatus,
} from "./contract.ts";
import { withActs } from "./incidents.ts";

export const boot = signal<Boot>({ phase: "starting" });
export const accounts = signal<AccountCard[]>([]);
export const account = signal<AccountCard | null>(null);

export const profile = signal<Profile | null>(null);
export const municipality = signal<Municipality | null>(null);
export const outline = signal<Geometry | null>(null);
/** Where the municipality holds more reports for one than a phone may: so many are here. */
export const held = signal<Held | null>(null);
export const types = signal<ReadonlyMap<string, PetitionType>>(new Map());
export const agencies = signal<ReadonlyMap<string, Agency>>(new Map());
export const channels = signal<ReadonlyMap<string, Channel>>(new Map());
export const notice = signal<Notice | null>(null);
export const areas = signal<ReadonlyMap<string, Area>>(new Map());
export const blocks = signal<ReadonlyMap<string, Block>>(new Map());
export const leaders = signal<ReadonlyMap<string, Leader>>(new Map());
/** As the municipality sent them; screens read `incidents`. */
export const incidentCopies = signal<ReadonlyMap<string, Incident>>(new Map());
/** This phone's undecided acts about incidents. */
export const incidentPending = signal<readonly OutboxRecord[]>([]);
export const incidents = computed(() => withActs(incidentCopies.value, incidentPending.value));
export const colleagues = signal<ReadonlyMap<string, Colleague>>(new Map());
export const refusals = signal<ReadonlyMap<string, Rejection>>(new Map());
export const quarantine = signal<ReadonlyMap<string, Rejection>>(new Map());

export const loaded = signal(false);
export const preview = signal<Preview | null>(null);
export const rows = signal<readonly ReportRow[]>([]);
export const outbox = signal<readonly OutboxItem[]>([]);
export const drafts = signal<readonly Draft[]>([]);
export const counts = signal<Counts>({
  on_phone: 0,
  photos_on_phone: 0,
  refused: 0,
  urgent_unreceived: [],
  drafts: 0,
});

export const idleSync: SyncStatus = {
  online: typeof navigator === "object" ? navigator.onLine !== false : true,
  phase: "idle",
  progress: null,
  last_success_at: null,
  trouble: null,
  next_try_at: null,
  first_pull: false,
  store_was_lost: false,
  limited: false,
  too_old: false,
};
export const sync = signal<SyncStatus>(idleSync);
export const settings = signal<Settings>(defaultSettings);
export const storage = signal<Storage>({ used: 0, quota: 0, persisted: null, nearly_full: false });
export const update_waiting = signal(false);
export const now = signal(new Date());

export function tellSync(change: Partial<SyncStatus>): void {
  sync.value = { ...sync.value, ...change };
}
