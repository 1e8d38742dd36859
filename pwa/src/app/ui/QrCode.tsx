/** A QR as one SVG path, dark on white in every theme: scanners expect it. */
import encodeQR from "qr";

export default function QrCode(props: { text: string; label: string }) {
  const rows: boolean[][] = encodeQR(props.text, "raw", { ecc: "medium", border: 2 });
  const d = rows.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")).join("")).join("");
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      role="img"
      aria-label={props.label}
      shape-rendering="crispEdges"
    >
      <path d={`M0 0h${rows.length}v${rows.length}h-${rows.length}z`} class="qr__ground" />
      <path d={d} />
    </svg>
  );
}
