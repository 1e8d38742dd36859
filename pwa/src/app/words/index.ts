/**
 * The whole catalogue of what a person reads, by screen. Spanish of Mexico (es-MX), usted.
 *
 * Law: no screen writes a sentence of its own; screens import their part directly, so that a part loads with its
 * screen. This index is for tests and tools that need all of them.
 */
export { capture } from "./capture.ts";
export { common } from "./common.ts";
export { enrol } from "./enrol.ts";
export { families } from "./families.ts";
export { map } from "./map.ts";
export { mine } from "./mine.ts";
export { orders } from "./orders.ts";
export { outbox } from "./outbox.ts";
export { photo } from "./photo.ts";
export { registry } from "./registry.ts";
export { report } from "./report.ts";
export { settings } from "./settings.ts";
export { triage } from "./triage.ts";
