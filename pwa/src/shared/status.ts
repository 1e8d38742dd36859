/**
 * What a report's status says of it. Pure.
 *
 * Law: open is what somebody still has to end; every list, count and map asks here.
 */
import type { Status } from "./documents.ts";

const OPEN: ReadonlySet<Status> = new Set(["captured", "in_progress", "reopened"]);

export const isOpen = (status: Status): boolean => OPEN.has(status);
