/**
 * Reports begun and not saved: which drafts are worth offering, newest first. Pure.
 *
 * Law: a draft belongs to one report; its key is its own and is never used again.
 */
import { uuid7 } from "../../shared/uuid7.ts";
import type { Draft } from "../state/contract.ts";
import type { CaptureBody } from "./body.ts";

const PREFIX = "capture:";

export const newKey = (now: number): string => PREFIX + uuid7(now);

/** `capture` alone is the one draft that earlier versions had. */
export const isCapture = (key: string): boolean => key === "capture" || key.startsWith(PREFIX);

/** Whether somebody said anything beyond what it is: that alone is two taps, and is asked again. */
export function touched(body: Partial<CaptureBody>): boolean {
  const { answers = {}, place = {}, danger = null, where = null, for_whom = "self", call_me = false } = body;
  return (
    [body.text, body.name, body.phone, ...Object.values(place)].some((text) => text?.trim()) ||
    Object.keys(answers).length > 0 ||
    danger !== null ||
    where !== null ||
    for_whom !== "self" ||
    call_me
  );
}

export function unfinished(drafts: readonly Draft[]): Draft<CaptureBody>[] {
  return (drafts as readonly Draft<CaptureBody>[])
    .filter(({ key, body, photos }) => isCapture(key) && body.type && (photos.length > 0 || touched(body)))
    .sort((a, b) => b.updated_at.localeCompare(a.updated_at));
}
