/**
 * A half-written form that survives the app being killed.
 *
 * Law: every change is handed to storage at once; nothing is asked of the person to keep it. The key names the
 * form and its report, so two open forms never overwrite one another.
 */
import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { DraftPhoto } from "../state/contract.ts";
import { discardDraft, loadDraft, removePhoto, saveDraft } from "../state/index.ts";

export interface DraftForm<B extends object> {
  key: string;
  body: Signal<B>;
  photos: Signal<DraftPhoto[]>;
  /** False until storage was asked whether something was left unfinished. */
  ready: Signal<boolean>;
  /** Something had been left unfinished. */
  resumed: Signal<boolean>;
  load(): Promise<void>;
  edit(patch: Partial<B>): void;
  addPhoto(photo: DraftPhoto): void;
  dropPhoto(id: string): void;
  /** Writes now, before a camera or a map opens. */
  keep(): Promise<void>;
  /** Forgets it, photos included unless they were saved with an event. */
  clear(photosToo: boolean): Promise<void>;
  photoIds(): string[];
}

export function createDraft<B extends object>(key: string, initial: () => B): DraftForm<B> {
  const body = signal(initial());
  const photos = signal<DraftPhoto[]>([]);
  const ready = signal(false);
  const resumed = signal(false);
  const ids = () => photos.value.map((photo) => photo.id);
  const keep = () => saveDraft(key, body.value, ids());
  return {
    key,
    body,
    photos,
    ready,
    resumed,
    photoIds: ids,
    keep,
    async load() {
      const found = await loadDraft<B>(key);
      if (found) {
        body.value = { ...initial(), ...found.body };
        photos.value = found.photos.map((id) => ({ id, origin: "camera", state: "saved" }));
        resumed.value = true;
      } else {
        body.value = initial();
        photos.value = [];
        resumed.value = false;
      }
      ready.value = true;
    },
    edit(patch) {
      body.value = { ...body.value, ...patch };
      void keep();
    },
    addPhoto(photo) {
      photos.value = [...photos.value, photo];
      void keep();
    },
    dropPhoto(id) {
      photos.value = photos.value.filter((photo) => photo.id !== id);
      void removePhoto(id);
      void keep();
    },
    async clear(photosToo) {
      if (photosToo) for (const id of ids()) void removePhoto(id);
      body.value = initial();
      photos.value = [];
      resumed.value = false;
      await discardDraft(key);
    },
  };
}

/** A draft for one open form, loaded when it appears. */
export function useDraft<B extends object>(key: string, initial: () => B): DraftForm<B> {
  const form = useMemo(() => createDraft(key, initial), [key]);
  useEffect(() => {
    void form.load();
  }, [form]);
  return form;
}
