/**
 * A half-written form that survives the app being killed.
 *
 * Law: every change is handed to storage at once; nothing is asked of the person to keep it. The key names the
 * form and its report, so two open forms never overwrite one another; a form nobody has touched leaves nothing.
 */
import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { DraftPhoto } from "../state/contract.ts";
import { discardDraft, loadDraft, own, removePhoto, saveDraft } from "../state/index.ts";

export interface DraftForm<B extends object> {
  readonly key: string;
  readonly body: Signal<B>;
  readonly photos: Signal<DraftPhoto[]>;
  /** False until storage was asked whether something was left unfinished. */
  readonly ready: Signal<boolean>;
  /** Something had been left unfinished. */
  readonly resumed: Signal<boolean>;
  load(key?: string): Promise<void>;
  /** A clean one under this key; what stood here before stays kept under its own, where there is anything of it. */
  begin(key: string): void;
  /** The screen is left: what nobody touched is forgotten, the rest stays unfinished. */
  leave(): void;
  edit(patch: Partial<B>): void;
  addPhoto(photo: DraftPhoto): void;
  dropPhoto(id: string): void;
  /** Writes now, before a camera or a map opens. */
  keep(): Promise<void>;
  /** Forgets it, photos included unless they were saved with an event. */
  clear(photosToo: boolean): Promise<void>;
  photoIds(): string[];
}

/** `touched` says whether a body holds anything that somebody would miss; without it every edit does. */
export function createDraft<B extends object>(
  first: string,
  initial: () => B,
  touched: (body: B) => boolean = () => true,
): DraftForm<B> {
  let key = first;
  let written = false;
  const body = signal(initial());
  const photos = signal<DraftPhoto[]>([]);
  const ready = signal(false);
  const resumed = signal(false);
  const ids = () => photos.value.map((photo) => photo.id);
  const keep = () => {
    written = true;
    return saveDraft(key, body.value, ids());
  };
  const worth = () => photos.value.length > 0 || touched(body.value);
  const leave = () => {
    if (written && !worth()) void discardDraft(key);
    written &&= worth();
  };
  return {
    get key() {
      return key;
    },
    body,
    photos,
    ready,
    resumed,
    photoIds: ids,
    keep,
    leave,
    begin(next) {
      leave();
      key = next;
      written = false;
      body.value = initial();
      photos.value = [];
      resumed.value = false;
      ready.value = true;
    },
    async load(next = key) {
      if (next !== key) leave();
      key = next;
      const found = await loadDraft<B>(key);
      written = found !== null;
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
      if (written || worth()) void keep();
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
      written = false;
      await discardDraft(key);
    },
  };
}

/** A form that several screens share and that outlives each of them: everybody's own, for as long as they use the phone. */
export function ownDraft<B extends object>(
  first: string,
  initial: () => B,
  touched?: (body: B) => boolean,
): DraftForm<B> {
  const mine = own(() => createDraft(first, initial, touched));
  return {
    get key() {
      return mine().key;
    },
    get body() {
      return mine().body;
    },
    get photos() {
      return mine().photos;
    },
    get ready() {
      return mine().ready;
    },
    get resumed() {
      return mine().resumed;
    },
    load: (key) => mine().load(key),
    begin: (key) => mine().begin(key),
    leave: () => mine().leave(),
    edit: (patch) => mine().edit(patch),
    addPhoto: (photo) => mine().addPhoto(photo),
    dropPhoto: (id) => mine().dropPhoto(id),
    keep: () => mine().keep(),
    clear: (photosToo) => mine().clear(photosToo),
    photoIds: () => mine().photoIds(),
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
