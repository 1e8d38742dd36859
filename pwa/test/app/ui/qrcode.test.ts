import jsQR from "jsqr";
import { expect, it } from "vitest";
import { draw } from "../../../src/app/ui/QrCode.tsx";

const SCALE = 4;

/** The path as a camera sees it: dark rectangles on white. */
function seen(size: number, path: string): Uint8ClampedArray {
  const side = size * SCALE;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row++) {
      const from = row * side + Number(x) * SCALE;
      for (let at = from; at < from + Number(run) * SCALE; at++) pixels.fill(0, at * 4, at * 4 + 3);
    }
  }
  return pixels;
}

it.each(["P-7K3M-2Q", "https://ejemplo.mx/#enrol=12345678"])("draws %s so that it can be read", (text) => {
  const { size, dark } = draw(text);
  expect(jsQR(seen(size, dark), size * SCALE, size * SCALE)?.data).toBe(text);
});
