/**
 * JPEGs that stop before their end marker, as some panoramas do. Pure.
 *
 * Law: a picture is whole where what follows its last byte makes no difference to it.
 */
export const END = new Uint8Array([0xff, 0xd9]);

/** Entropy-coded data that means nothing, without a marker in it: what a cut picture would go on to draw. */
export const NOISE = Uint8Array.from({ length: 4096 }, (_, index) => (index * 151 + 37) % 255);

export function lacksEnd(bytes: Uint8Array): boolean {
  const size = bytes.length;
  const isJpeg = size > 4 && bytes[0] === 0xff && bytes[1] === 0xd8;
  return isJpeg && !(bytes[size - 2] === 0xff && bytes[size - 1] === 0xd9);
}
