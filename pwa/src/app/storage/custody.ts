/**
 * Where a person's work stands between this phone and the municipality.
 *
 * Law: a state says what is known, never what is hoped: each but the first was told by the municipality or the worker.
 */

/** On the phone → received → accepted; or refused / quarantined with why. `freed`: backed up, phone's copy gone. */
export type Custody = "saved" | "received" | "accepted" | "refused" | "quarantined" | "freed";
export type PhotoState = "saved" | "ready" | "uploaded" | "verified" | "refused" | "broken";

/** No server has received it. */
export const isUnsent = ({ custody }: { custody: Custody }): boolean => custody === "saved";

/** A photo whose bytes are still to go; one that cannot be drawn never goes. */
export const isToGo = ({ state }: { state: PhotoState }): boolean => state === "saved" || state === "ready";

/** A photo of an act that no server has. A draft's photo is nobody's work yet. */
export const isUnsentPhoto = (photo: { event: string | null; state: PhotoState }): boolean =>
  photo.event !== null && isToGo(photo);
