/** A question that must be answered before going on: a native modal dialog, closed by Esc and by its own button. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Toast } from "./toast.tsx";

export function Sheet(props: { label: string; onClose: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class="sheet"
      aria-label={props.label}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <div class="sheet__in">
        <h2>{props.label}</h2>
        {/* Behind a modal nothing is heard or touched: what goes wrong in it is said in it. */}
        <Toast />
        {props.children}
      </div>
    </dialog>
  );
}
