/** The report's photos: those only this phone has first, then the municipality's, each with its word on custody. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Photo } from "../photo/Photo.tsx";
import type { LocalReport } from "../state/contract.ts";
import { Button } from "../ui/Button.tsx";
import { common } from "../words/common.ts";
import { photo as pw } from "../words/photo.ts";
import { report as w } from "../words/report.ts";
import { beforeAndAfter, type Picture, picturesOf } from "./pictures.ts";

export function Album({ report }: { report: LocalReport }) {
  const all = picturesOf(report);
  if (all.length === 0) return null;
  return (
    <section class="stack">
      <h2>{w.photos}</h2>
      <Thumbs pictures={all} of={w.photos} report={report.id} />
    </section>
  );
}

/** Before beside after, so that the eye compares and need not remember. */
export function Compared({ report }: { report: LocalReport }) {
  const { before, after } = beforeAndAfter(report);
  if (before.length + after.length === 0) return <p class="muted">{w.noPhotos}</p>;
  return (
    <div class="compared">
      <section>
        <h2>{w.before}</h2>
        {before.length > 0 ? (
          <Thumbs pictures={before} of={w.before} report={report.id} />
        ) : (
          <p>{w.noneBefore}</p>
        )}
      </section>
      <section>
        <h2>{w.after}</h2>
        {after.length > 0 ? (
          <Thumbs pictures={after} of={w.after} report={report.id} />
        ) : (
          <p>{w.noneAfter}</p>
        )}
      </section>
    </div>
  );
}

function Thumbs(props: { pictures: readonly Picture[]; of: string; report: string }) {
  const { pictures, of, report } = props;
  const [open, setOpen] = useState<string | null>(null);
  return (
    <>
      <ul class="photos album">
        {pictures.map((one, index) => (
          <li key={one.id}>
            <button
              type="button"
              class="photo"
              aria-label={`${pw.open}: ${of}, ${pw.photoNumber(index + 1)}, ${one.words}`}
              onClick={() => setOpen(one.id)}
            >
              <Photo id={one.id} alt="" report={report} />
            </button>
            <span class="small muted">{one.words}</span>
          </li>
        ))}
      </ul>
      {open && <Big id={open} report={report} onClose={() => setOpen(null)} />}
    </>
  );
}

function Big({ id, report, onClose }: { id: string; report: string; onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      class="view"
      ref={ref}
      aria-label={pw.open}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <Photo id={id} alt={w.photos} width={1280} report={report} />
      <div class="view__close">
        <Button icon="close" onClick={onClose}>
          {common.close}
        </Button>
      </div>
    </dialog>
  );
}
