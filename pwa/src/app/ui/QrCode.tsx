/**
 * A QR as one SVG path, dark on white in every theme: scanners expect it.
 *
 * Law: its place is drawn at once and the code a frame later, once a text: whoever reads the folio beside it does not
 * wait for it.
 */
import { useEffect, useState } from "preact/hooks";
import encodeQR from "qr";

export interface Drawn {
  text: string;
  size: number;
  dark: string;
}

/** One rectangle a run of dark modules: a third of the path that one a module would make. */
export function draw(text: string): Drawn {
  const rows: boolean[][] = encodeQR(text, "raw", { ecc: "medium", border: 2 });
  let dark = "";
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x++;
      const run = x + 1 - from;
      dark += `M${from} ${y}h${run}v1h-${run}z`;
    }
  }
  return { text, size: rows.length, dark };
}

export default function QrCode({ text, label }: { text: string; label: string }) {
  const [held, setDrawn] = useState<Drawn | null>(null);
  const drawn = held?.text === text ? held : null;
  useEffect(() => {
    // After the frame that shows the page: encoding takes a slow phone longer than drawing everything else.
    const soon = setTimeout(() => setDrawn(draw(text)));
    return () => clearTimeout(soon);
  }, [text]);
  const size = drawn?.size ?? 1;
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <path d={`M0 0h${size}v${size}h-${size}z`} class="qr__ground" />
      {drawn && <path d={drawn.dark} />}
    </svg>
  );
}
