/** The report's photos: those only this phone has first, then the municipality's, each with its word on custody. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Photo } from "../photo/Photo.tsx";
import type { LocalReport } from "../state/contract.ts";
import { Button } from "../ui/Button.tsx";
import { common } from "../words/common.ts";
import { photo as pw } from "../words/photo.ts";
import { report as w } from "../words/report.ts";

export function Album({ report }: { report: LocalReport }) {
  const [open, setOpen] = useState<string | null>(null);
  const all = [
    ...report.local_photos.map((photo) => ({ id: photo.id, words: common.photo[photo.state] })),
    ...report.evidence
      .filter((one) => one.verdict !== "refused")
      .map((one) => ({
        id: one.sha256,
        words: one.verdict === "ok" ? common.photo.verified : common.photo.uploaded,
      })),
  ];
  if (all.length === 0) return null;
  return (
    <section class="stack">
      <h2>{w.photos}</h2>
      <ul class="photos album">
        {all.map((one, index) => (
          <li key={one.id}>
            <button
              type="button"
              class="photo"
              aria-label={`${pw.open}: ${pw.photoNumber(index + 1)}, ${one.words}`}
              onClick={() => setOpen(one.id)}
            >
              <Photo id={one.id} alt="" report={report.id} />
            </button>
            <span class="small muted">{one.words}</span>
          </li>
        ))}
      </ul>
      {open && <Big id={open} report={report.id} onClose={() => setOpen(null)} />}
    </section>
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
