/** The way to a place, in whatever map the phone has. */

/** `geo:` opens whatever map the phone has; iOS has none for it and takes Apple's address. */
export function directions(lat: number, lon: number): string {
  const apple = /iP(hone|ad|od)/.test(navigator.userAgent);
  return apple ? `maps://?daddr=${lat},${lon}` : `geo:${lat},${lon}?q=${lat},${lon}`;
}
