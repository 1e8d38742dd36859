/** Shares text or a file through the phone's own sheet; where there is none, copies the text or saves the file. */
import { common } from "../words/common.ts";
import { settings } from "../words/settings.ts";
import { say } from "./toast.tsx";

const cancelled = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";

export async function share(title: string, text: string): Promise<void> {
  try {
    if (typeof navigator.share === "function") await navigator.share({ title, text });
    else {
      await navigator.clipboard.writeText(text);
      say(settings.copied);
    }
  } catch (error) {
    if (cancelled(error)) return;
    if (!(error instanceof DOMException)) throw error;
    say(common.wrong, true);
  }
}

export async function shareFile(file: File): Promise<void> {
  try {
    if (typeof navigator.canShare === "function" && navigator.canShare({ files: [file] })) {
      await navigator.share({ files: [file] });
      return;
    }
  } catch (error) {
    if (cancelled(error)) return;
    if (!(error instanceof DOMException)) throw error;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
