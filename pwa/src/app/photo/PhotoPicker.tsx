/**
 * "Tomar foto" and "Galería", and the photos taken so far.
 *
 * Law: the bytes are stored before anything else happens to them, and the draft before any camera opens: an Android
 * short of memory kills the app behind its camera.
 */
import { useRef, useState } from "preact/hooks";
import type { PhotoOrigin } from "../../shared/documents.ts";
import { lazy } from "../lazy.tsx";
import { addPhoto } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { guarded } from "../ui/commit.ts";
import type { DraftForm } from "../ui/draft.ts";
import { Icon } from "../ui/Icon.tsx";
import { photo as w } from "../words/photo.ts";
import { Photo } from "./Photo.tsx";

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
  const full = form.photos.value.length >= (props.max ?? 6);

  async function take(file: Blob, origin: PhotoOrigin) {
    const photo = await guarded(() => addPhoto(file, origin));
    if (photo) form.addPhoto(photo);
  }
  async function chosen(input: HTMLInputElement, origin: PhotoOrigin) {
    for (const file of Array.from(input.files ?? [])) await take(file, origin);
    input.value = "";
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
