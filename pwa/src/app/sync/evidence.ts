/**
 * Photos go out after all text: urgent ones first, each resumed where it was cut, one bad photo blocking nothing.
 *
 * Law: the bytes stay until the municipality has checked them: "uploaded" frees nothing (custody.ts does). Only the
 * line's failures end the round; a photo's own failure is counted on it and the next one goes.
 */
import { Upload } from "tus-js-client";
import type { AccountStore } from "../storage/account.ts";
import { durably } from "../storage/durability.ts";
import type { PhotoRecord } from "../storage/records.ts";
import { type Line, Trouble } from "./request.ts";
import { renew, tokenOf } from "./session.ts";
import { FetchStack } from "./tusline.ts";

/** Small enough to survive a cell change, large enough that a photo takes two requests. */
const CHUNK = 192 * 1024;
/** After so many failures of its own a photo waits for the next start or "enviar ahora". */
export const MOST_FAILURES = 6;
/** Answers that condemn this photo and say nothing of the line. */
const OWN_FAULT = new Set([400, 404, 410, 413, 415, 422, 460]);
/** Another request of this phone, cut but not yet ended, is on the same upload: what came of it is kept. */
const HELD = new Set([409, 423]);

/** `held`: neither the photo nor the line is to blame; it goes on later where it was. */
export type Sending = "sent" | "failed" | "held";

/** Photos to send now: hashed, their event received, urgent first, then in order of taking. */
export async function photosToSend(db: AccountStore): Promise<PhotoRecord[]> {
  const ready = await db.getAllFromIndex("photos", "state", "ready");
  const sendable: PhotoRecord[] = [];
  for (const photo of ready) {
    if (photo.event === null || (photo.failures ?? 0) >= MOST_FAILURES) continue;
    const record = await db.get("outbox", photo.event);
    if (record && (record.custody === "received" || record.custody === "accepted")) sendable.push(photo);
  }
  return sendable.sort((a, b) => Number(b.urgent) - Number(a.urgent) || a.taken_at.localeCompare(b.taken_at));
}

/** Uploads one photo. `failed` where the photo itself did; throws Trouble where the line did. */
export async function uploadPhoto(
  db: AccountStore,
  bearer: AccountStore,
  line: Line,
  photo: PhotoRecord,
  now: () => string,
  progress: (part: number) => void,
): Promise<Sending> {
  const bytes = await db.get("bytes", photo.id);
  const record = photo.event ? await db.get("outbox", photo.event) : undefined;
  if (!bytes || !record || photo.sha256 === undefined) {
    await change(db, photo.id, (p) => ({
      ...p,
      state: "broken",
      why: { code: "photo_bytes_missing", message: "El teléfono ya no tiene esta foto.", at: now() },
    }));
    return "failed";
  }
  for (let renewed = false; ; renewed = true) {
    const token = await tokenOf(bearer, line);
    try {
      await send(
        db,
        line,
        photo,
        record.id,
        new Blob([bytes], { type: photo.type ?? "image/jpeg" }),
        token,
        progress,
      );
      await change(db, photo.id, ({ upload_url: _u, sent: _s, failures: _f, why: _w, ...p }) => ({
        ...p,
        state: "uploaded",
      }));
      return "sent";
    } catch (error) {
      const status = statusOf(error);
      if (status === 401 && !renewed) {
        await renew(bearer, line, token);
        continue;
      }
      if (HELD.has(status)) return "held";
      if (!OWN_FAULT.has(status)) throw lineTrouble(status);
      const failures = (photo.failures ?? 0) + 1;
      await change(db, photo.id, ({ upload_url: _u, sent: _s, ...p }) => ({
        ...p,
        failures,
        why: { code: `upload_${status}`, message: sentenceOf(error), at: now() },
      }));
      return "failed";
    }
  }
}

function send(
  db: AccountStore,
  line: Line,
  photo: PhotoRecord,
  event: string,
  blob: Blob,
  token: string,
  progress: (part: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const upload: Upload = new Upload(blob, {
      endpoint: `${line.origin}/sync/evidence`,
      uploadUrl: photo.upload_url ?? null,
      httpStack: new FetchStack(line),
      headers: { Authorization: `Bearer ${token}` },
      metadata: { sha256: photo.sha256 ?? "", type: photo.type ?? "image/jpeg", event },
      chunkSize: CHUNK,
      // The round decides when to try again: one clock, one back-off.
      retryDelays: null,
      storeFingerprintForResuming: false,
      onUploadUrlAvailable() {
        const url = upload.url;
        if (url) change(db, photo.id, (p) => ({ ...p, upload_url: url })).catch(reject);
      },
      onProgress(sent, total) {
        progress(total > 0 ? sent / total : 0);
      },
      onSuccess: () => resolve(),
      onError: reject,
    });
    upload.start();
  });
}

async function change(
  db: AccountStore,
  id: string,
  next: (photo: PhotoRecord) => PhotoRecord,
): Promise<void> {
  await durably(db, ["photos"], async (tx) => {
    const photo = await tx.objectStore("photos").get(id);
    if (photo) await tx.objectStore("photos").put(next(photo));
  });
}

interface TusError {
  originalResponse?: { getStatus(): number; getBody(): string } | null;
}

function statusOf(error: unknown): number {
  return (error as TusError)?.originalResponse?.getStatus() ?? 0;
}

function sentenceOf(error: unknown): string {
  try {
    const told: unknown = JSON.parse((error as TusError).originalResponse?.getBody() ?? "");
    const message = (told as { message?: unknown } | null)?.message;
    return typeof message === "string" ? message : "";
  } catch (broken) {
    if (broken instanceof SyntaxError) return "";
    throw broken;
  }
}

function lineTrouble(status: number): Trouble {
  if (status === 0 || status === 408) return new Trouble("offline", "No hay señal.");
  if (status === 401) return new Trouble("session", "", status);
  return new Trouble(status === 503 || status === 429 ? "busy" : "server_unwell", "", status);
}
