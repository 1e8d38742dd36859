/**
 * What the self-diagnosis finds out about this phone.
 *
 * Law: a check fails only where somebody can and should do something about it.
 */

export interface Check {
  id:
    | ("version" | "browser" | "service_worker" | "background_sync" | "online" | "storage" | "persisted")
    | ("camera" | "geolocation" | "time_zone" | "accounts" | "carried" | "device" | "enrolled" | "session")
    | ("chain" | "outbox" | "photos" | "refused" | "mailbox" | "clock" | "last_success");
  /** False where somebody can and should do something about it. */
  ok: boolean;
  /** In words, for the person. */
  value: string;
}

export interface Diagnosis {
  at: string;
  checks: Check[];
  /** Plain text to share; holds no citizen's data and no token. */
  text: string;
}
