/**
 * What the self-diagnosis finds out about this phone.
 *
 * Law: a check fails only where somebody can and should do something about it.
 */
import type { CheckId } from "../words/diagnosis.ts";

export interface Check {
  id: CheckId;
  /** False where somebody can and should do something about it. */
  ok: boolean;
  /** In words, for the person. */
  value: string;
}

export interface Storage {
  used: number;
  quota: number;
  persisted: boolean | null;
  /** True below 50 MB or 5 % free. */
  nearly_full: boolean;
}

export interface Diagnosis {
  at: string;
  checks: Check[];
  /** Plain text to share; holds no citizen's data and no token. */
  text: string;
}
