/**
 * The stores of one account's database, and what each holds.
 *
 * Law: nothing here is made or changed but by a step of `migrations.ts`.
 */
import type { DBSchema } from "idb";
import type { FeedDocument } from "../../shared/documents.ts";
import type { Bucket, DraftRecord, Meta, OutboxRecord, PhotoRecord, PictureRecord } from "./records.ts";

export interface AccountSchema extends DBSchema {
  meta: { key: string; value: Meta[keyof Meta] };
  outbox: { key: string; value: OutboxRecord };
  photos: { key: string; value: PhotoRecord; indexes: { event: string; state: string } };
  /** ArrayBuffers, not Blobs: WebKit has lost Blobs kept in IndexedDB. */
  bytes: { key: string; value: ArrayBuffer };
  pictures: { key: string; value: PictureRecord; indexes: { report: string; used: number; sha256: string } };
  "picture-bytes": { key: string; value: ArrayBuffer };
  drafts: { key: string; value: DraftRecord };
  "mailbox-a": { key: string; value: FeedDocument };
  "mailbox-b": { key: string; value: FeedDocument };
  "reference-a": { key: string; value: FeedDocument };
  "reference-b": { key: string; value: FeedDocument };
  rows: { key: string; value: Bucket };
  seen: { key: string; value: number };
}
