/** Base64url without padding (RFC 4648 §5): how signatures, keys and challenges travel. */

export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  // A spread of a large array overflows the stack, so the bytes go in slices.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Throws a DOMException where `text` is no base64url. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}
