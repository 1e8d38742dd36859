/**
 * Where a person's work stands between this phone and the municipality.
 *
 * Law: a state says what is known, never what is hoped: each but the first was told by the municipality or the worker.
 */

/** On the phone → received → accepted; or refused / quarantined with why. `freed`: backed up, phone's copy gone. */
export type Custody = "saved" | "received" | "accepted" | "refused" | "quarantined" | "freed";
export type PhotoState = "saved" | "ready" | "uploaded" | "verified" | "refused" | "broken";
