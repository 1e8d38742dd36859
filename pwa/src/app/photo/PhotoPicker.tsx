/**
 * "Tomar foto" and "Galería", and the photos taken so far.
 *
 * Law: the bytes are stored before anything else happens to them, and the draft before any camera opens: an Android
 * short of memory kills the app behind its camera. A picture that cannot be sent is said at once and taken away, and
 * the limit holds however many are chosen together.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { PhotoOrigin } from "../../shared/documents.ts";
import { lazy } from "../lazy.tsx";
import { addPhoto, photoUsable, removePhoto } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { guarded } from "../ui/commit.ts";
import type { DraftForm } from "../ui/draft.ts";
import { Icon } from "../ui/Icon.tsx";
import { say } from "../ui/toast.tsx";
import { photo as w } from "../words/photo.ts";
import { Photo } from "./Photo.tsx";

/** What one form takes; an event may carry twenty. */
const MOST_PHOTOS = 6;

const Camera = lazy(() => import("./Camera.tsx"));

/** The camera inside the page is reliable where the page can ask for it; elsewhere the phone's own is used. */
export function inPageCamera(): boolean {
  const apple = /iP(hone|ad|od)/.test(navigator.userAgent);
  return !apple && typeof navigator.mediaDevices?.getUserMedia === "function";
}

export function PhotoPicker<B extends object>(props: { form: DraftForm<B>; max?: number; label?: string }) {
  const { form } = props;
  const [open, setOpen] = useState(false);
  const [fallback, setFallback] = useState(!inPageCamera());
  const camera = useRef<HTMLInputElement>(null);
  const gallery = useRef<HTMLInputElement>(null);
  const max = props.max ?? MOST_PHOTOS;
  const full = form.photos.value.length >= max;

  // Also those of a draft taken up again: whoever left did not hear.
  const judging = useRef(new Set<string>());
  useEffect(() => {
    for (const { id } of form.photos.value) {
      if (judging.current.has(id)) continue;
      judging.current.add(id);
      void photoUsable(id).then((usable) => {
        if (usable || !form.photos.value.some((photo) => photo.id === id)) return;
        form.dropPhoto(id);
        say(w.unusable, true);
      });
    }
  }, [form.photos.value]);

  async function take(file: Blob, origin: PhotoOrigin) {
    if (file.size === 0) return say(w.unusable, true);
    const photo = await guarded(() => addPhoto(file, origin));
    if (!photo) return;
    // Another window of choosing may have filled it meanwhile.
    if (form.photos.value.length >= max) {
      void removePhoto(photo.id);
      return say(w.full(max), true);
    }
    form.addPhoto(photo);
  }
  async function chosen(input: HTMLInputElement, origin: PhotoOrigin) {
    const files = Array.from(input.files ?? []);
    input.value = "";
    const room = Math.max(0, max - form.photos.value.length);
    for (const file of files.slice(0, room)) await take(file, origin);
    if (files.length > room) say(w.full(max), true);
  }
  async function openCamera() {
    await form.keep();
    if (fallback) camera.current?.click();
    else setOpen(true);
  }
  return (
    <section class="stack" aria-label={props.label ?? w.photos}>
      {form.photos.value.length > 0 && (
        <ul class="photos">
          {form.photos.value.map((taken, index) => (
            <li key={taken.id} class="photo">
              <Photo id={taken.id} alt={w.photoNumber(index + 1)} />
              <button
                type="button"
                class="photo__drop"
                aria-label={w.remove(index + 1)}
                onClick={() => form.dropPhoto(taken.id)}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="two">
        <Button icon="camera" onClick={() => void openCamera()} disabled={full}>
          {w.take}
        </Button>
        <Button
          icon="gallery"
          disabled={full}
          onClick={() => void form.keep().then(() => gallery.current?.click())}
        >
          {w.gallery}
        </Button>
      </div>
      <input
        ref={camera}
        hidden
        type="file"
        accept="image/*"
        capture="environment"
        aria-label={w.take}
        onChange={(event) => void chosen(event.currentTarget, "camera")}
      />
      <input
        ref={gallery}
        hidden
        type="file"
        accept="image/*"
        multiple
        aria-label={w.gallery}
        data-gallery
        onChange={(event) => void chosen(event.currentTarget, "gallery")}
      />
      {open && (
        <Camera
          onPhoto={(blob: Blob) => {
            setOpen(false);
            void take(blob, "camera");
          }}
          onClose={() => setOpen(false)}
          onRefused={() => {
            setOpen(false);
            setFallback(true);
          }}
        />
      )}
    </section>
  );
}
