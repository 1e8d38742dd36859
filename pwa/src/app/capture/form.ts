/**
 * The report being written in this window, shared by the steps of the flow; each has a draft of its own.
 *
 * Law: GPS improves what is saved and never delays it; a place chosen by the person is never overruled by GPS.
 */
import { signal } from "@preact/signals";
import type { Answers, CitizenContent, PlaceText, Position } from "../../shared/documents.ts";
import { GOOD_ACCURACY } from "../../shared/geometry.ts";
import type { Capture, Fix, FixWatch } from "../state/contract.ts";
import { blocks, drafts, locate, profile, types, watchFix } from "../state/index.ts";
import { centre } from "../ui/centre.ts";
import { ownDraft } from "../ui/draft.ts";
import { blank, type CaptureBody, type Where } from "./body.ts";
import { answersWith, dangerOf } from "./peril.ts";
import { newKey, touched, unfinished } from "./unfinished.ts";

export const form = ownDraft<CaptureBody>("capture", blank, touched);

/** Which draft this window has open: outlives a reload, and is no other window's. */
const OPEN = "manzana:capture";

export function keepOpen(): void {
  sessionStorage.setItem(OPEN, form.key);
}

/** Takes up `key`, else what this window had open, else what was touched last. Another account's is not among them. */
export async function takeUp(key?: string): Promise<void> {
  const mine = unfinished(drafts.value);
  const open = sessionStorage.getItem(OPEN);
  await form.load(key ?? mine.find((draft) => draft.key === open)?.key ?? mine[0]?.key ?? newKey(Date.now()));
  keepOpen();
}

export const isOpen = (): boolean => form.ready.value;

export { GOOD_ACCURACY };

let watch: FixWatch | null = null;
const watching = signal(0);

export function openFix(): void {
  watch ??= watchFix();
  watching.value++;
}

export function closeFix(): void {
  watch?.stop();
  watch = null;
  watching.value++;
}

export function fix(): Fix | null {
  watching.value;
  return watch?.fix.value ?? null;
}

export function fixTrouble(): "denied" | "unavailable" | null {
  watching.value;
  return watch?.trouble.value ?? null;
}

/** The block a report falls in when nobody says otherwise: the leader's only one. */
export function ownBlock(): string | null {
  const own = profile.value?.blocks ?? [];
  return own.length === 1 ? (own[0] as string) : null;
}

/** What counts as the place now: the person's choice, else a good fix, else their own block, else any fix. */
export function whereNow(body: CaptureBody): {
  where: Where | null;
  position: Position;
  block: string | null;
} {
  const now = fix();
  if (body.where === "pin" && body.point)
    return {
      where: "pin",
      position: { source: "pin", ...body.point },
      block: locate(body.point.lat, body.point.lon).block?.id ?? null,
    };
  if (body.where === "streets")
    return { where: "streets", position: { source: "address" }, block: body.block };
  if (body.where === "block" && body.block) return inBlock(body.block);
  const own = ownBlock();
  if (now && (now.accuracy <= GOOD_ACCURACY || body.where === "gps" || !own)) {
    const position: Position = {
      source: "gps",
      lat: now.lat,
      lon: now.lon,
      accuracy: now.accuracy,
      taken_at: now.taken_at,
    };
    return { where: "gps", position, block: locate(now.lat, now.lon).block?.id ?? null };
  }
  if (own && body.where !== "gps") return inBlock(own);
  return { where: body.where === "gps" ? "gps" : null, position: { source: "none" }, block: own };
}

function inBlock(id: string): { where: Where; position: Position; block: string } {
  const shape = blocks.value.get(id)?.geometry;
  const middle = shape ? centre(shape) : null;
  return {
    where: "block",
    position: middle ? { source: "block", ...middle } : { source: "block" },
    block: id,
  };
}

/** Free text without what an event may not carry. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is removed.
const clean = (text: string) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "").trim();

/** The largest number an event takes (`event.v1`, answer); one beyond it, a slipped thumb mostly, is kept as it was typed. */
const LARGEST = 1e15;

const fitting = (answers: Answers): Answers =>
  Object.fromEntries(
    Object.entries(answers).map(([id, value]) => [
      id,
      typeof value === "number" && !(Math.abs(value) <= LARGEST) ? String(value) : value,
    ]),
  );
/** Their own name and number, where who reports for themselves agreed to be called. */
function callable(body: CaptureBody): CitizenContent {
  const phone = clean(body.own_phone);
  if (body.for_whom !== "self" || !body.call_me || !phone) return {};
  const name = profile.value?.name;
  return { ...(name && { name }), phone };
}

/** What was typed in the search and found no name is what the desk will classify it by; never over what was written. */
export const firstWords = (type: string, written: string, typed: string): string =>
  type === "unknown" && !written ? typed : written;

/** "No sé qué es" without a word or a photo: nobody could classify it. What is urgent is never held back. */
export function lacksWords(): boolean {
  const { type, text, urgent } = form.body.value;
  return type === "unknown" && !urgent && !clean(text) && form.photos.value.length === 0;
}

export function toCapture(body: CaptureBody): Capture {
  const type = body.type ?? "unknown";
  const { position, block } = whereNow(body);
  const place: PlaceText = {};
  for (const key of ["street", "between", "reference", "pole"] as const) {
    const value = clean(body.place[key] ?? "");
    if (value) place[key] = value;
  }
  if (block) place.block = block;
  const colonia =
    position.lat !== undefined && position.lon !== undefined
      ? locate(position.lat, position.lon).colonia?.id
      : block
        ? blocks.value.get(block)?.colonia
        : undefined;
  if (colonia) place.colonia = colonia;
  const neighbour = body.for_whom === "neighbour" && body.consent;
  const citizen = neighbour
    ? {
        ...(clean(body.name) && { name: clean(body.name) }),
        ...(clean(body.phone) && { phone: clean(body.phone) }),
      }
    : callable(body);
  const known = Object.keys(citizen).length > 0;
  const text = clean(body.text);
  const facts = types.value.get(type);
  const danger = dangerOf(body.answers, facts, body.danger);
  return {
    type,
    for_whom: body.for_whom === "neighbour" && !known ? "anonymous" : body.for_whom,
    answers: fitting(answersWith(body.answers, facts, body.danger)),
    ...(text && { text }),
    place,
    position,
    urgent: body.urgent || facts?.urgent === true,
    ...(danger !== undefined && { danger }),
    ...(known && { citizen }),
    photos: form.photoIds(),
    draft: form.key,
  };
}
