import { expect, it } from "vitest";
import { END, lacksEnd, NOISE } from "../../src/worker/ending.ts";

it("knows a JPEG that lacks its end from one that has it and from anything else", () => {
  const jpeg = [0xff, 0xd8, 0xff, 0xe0, 1, 2, 3];
  expect(lacksEnd(Uint8Array.from(jpeg))).toBe(true);
  expect(lacksEnd(Uint8Array.from([...jpeg, ...END]))).toBe(false);
  expect(lacksEnd(Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 1, 2]))).toBe(false);
  expect(lacksEnd(new Uint8Array())).toBe(false);
  // A marker in it would end what it is to go on with.
  expect(NOISE.includes(0xff)).toBe(false);
});
