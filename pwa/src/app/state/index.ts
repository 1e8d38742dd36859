/** What screens import: every member of `contract.ts` by name (a test's types hold the two together). */
export { UnusablePhotos } from "../saving/verdict.ts";
export { Trouble } from "../sync/request.ts";
export * from "./acts.ts";
export type * from "./contract.ts";
export { carry, courierFile, diagnose, dismissRefused, persist, setSetting } from "./device.ts";
export { rowById as row } from "./listing.ts";
export { photo_wait } from "./network.ts";
export {
  demoAccounts,
  enrol,
  enrolDemo,
  enrolPassword,
  issueCode,
  lock,
  setPin,
  signOut,
  switchAccount,
  unlock,
} from "./people.ts";
export { onPhotoGone, photoUrl } from "./photos.ts";
export { locate, nearby } from "./places.ts";
export { improveFix, watchFix } from "./position.ts";
export { previewWith } from "./preview.ts";
export { markSeen, watchReport } from "./reading.ts";
export { search } from "./searching.ts";
export {
  account,
  accounts,
  agencies,
  areas,
  blocks,
  boot,
  channels,
  colleagues,
  counts,
  drafts,
  held,
  incidents,
  leaders,
  loaded,
  municipality,
  notice,
  now,
  outbox,
  outline,
  preview,
  profile,
  quarantine,
  refusals,
  rows,
  settings,
  storage,
  sync,
  types,
  update_waiting,
} from "./signals.ts";
export { start } from "./start.ts";
export { syncNow } from "./syncing.ts";
export const version: string = __VERSION__;
