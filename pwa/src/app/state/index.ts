/** What screens import: every member of `contract.ts` by name (a test's types hold the two together). */
export { UnusablePhotos } from "../saving/verdict.ts";
export { Trouble } from "../sync/request.ts";
export type * from "./contract.ts";
export { carry, courierFile, diagnose, dismissRefused, persist, setSetting } from "./device.ts";
export * from "./doing.ts";
export { photo_wait } from "./network.ts";
export { previewWith } from "./opening.ts";
export { own } from "./own.ts";
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
export { watchFix } from "./position.ts";
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
export const version: string = __VERSION__;
