/**
 * A report as lists and its own page show it.
 *
 * Law: what is here is made of the copy received and this phone's own pending work, and holds nothing else.
 */
import type {
  Assignment,
  Evidence,
  PhotoOrigin,
  Priority,
  Report,
  Status,
  TimelineEntry,
} from "../../shared/documents.ts";
import type { PhotoState } from "./custody.ts";

/**
 * One report as a list shows it, with this phone's pending work already applied. Instants are RFC 3339.
 * `id` is the report's uuid. `view` is that of the copy; `local` = only on this phone so far.
 */
export interface ReportRow {
  id: string;
  view: "full" | "card" | "own" | "local";
  folio: string | null;
  provisional: string;
  type: string | null;
  family: string | null;
  status: Status;
  priority: Priority;
  urgent: boolean;
  /** Somebody said that a person is in danger. */
  danger: boolean;
  captured_at: string;
  captured_by: string | null;
  mine: boolean;
  amber_at: string | null;
  due_at: string | null;
  answer_due_at: string | null;
  finished_at: string | null;
  verified: boolean | null;
  lat: number | null;
  lon: number | null;
  street: string | null;
  block: string | null;
  /** Its name as the municipality routed it; own blocks' are on the phone. */
  block_name: string | null;
  colonia: string | null;
  sector: string | null;
  agency: string | null;
  assignments: Assignment[];
  taken_by: string[];
  incident: string | null;
  duplicate_of: string | null;
  supports: number;
  flags: string[];
  /** Grows with each change received; compare with `seen`. */
  version: number;
  /** True where it changed since this person last opened it (by someone else). */
  changed: boolean;
  /** True where it came since this person first looked, and they have not opened it yet. */
  unseen: boolean;
  /** Events of this phone that the copy does not list yet. */
  pending: number;
}

/** The whole report for its page: server copy, pending events applied, photos still on the phone included. */
export interface LocalReport extends Report {
  id: string;
  provisional_folio: string;
  timeline: TimelineEntry[];
  evidence: Evidence[];
  /** Photos that only this phone has: `id` works in `photoUrl`. */
  local_photos: {
    id: string;
    event: string;
    origin: PhotoOrigin;
    state: PhotoState;
    sha256: string | null;
  }[];
  pending: number;
  /** The author may still amend or withdraw it. */
  can_withdraw: boolean;
}
