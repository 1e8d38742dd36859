/**
 * Whether this browser can be trusted with a person's work: asked of features and tried, not read from names.
 *
 * Law: the floor is Chrome 108 and Safari 16.4, told by a feature each of them was the first to have; a browser
 * inside another app is named so that the page can say how to leave it.
 */

/** What the floor's browsers have and older ones lack; each is used by the app or came with that version. */
export function missingFeatures(scope: typeof globalThis): string[] {
  const has: Record<string, boolean> = {
    indexedDB: "indexedDB" in scope,
    crypto: scope.crypto?.subtle !== undefined,
    workers: "Worker" in scope,
    // Safari 16.4.
    canvas: "OffscreenCanvas" in scope,
    compression: "CompressionStream" in scope,
    // Chrome 93, Safari 15.4.
    at: typeof Array.prototype.at === "function" && typeof Object.hasOwn === "function",
    structuredClone: typeof scope.structuredClone === "function",
    // Chrome 98, Safari 15.4.
    locks: scope.navigator !== undefined && "locks" in scope.navigator,
    serviceWorker: scope.navigator !== undefined && "serviceWorker" in scope.navigator,
    durability: typeof scope.IDBTransaction === "function" && "durability" in scope.IDBTransaction.prototype,
  };
  return Object.entries(has)
    .filter(([, present]) => !present)
    .map(([name]) => name);
}

/** In-app browsers: they keep storage apart, throw it away and cannot install. The only place a name is read. */
const IN_APP: [RegExp, string][] = [
  [/\bFB(AN|AV|_IAB)\b/, "Facebook"],
  [/\bInstagram\b/, "Instagram"],
  [/\bWhatsApp\b/, "WhatsApp"],
  [/\bTwitter\b/, "X"],
  [/\bTikTok|musical_ly|BytedanceWebview\b/, "TikTok"],
  [/\bLine\//, "LINE"],
  [/\bMessenger\b/, "Messenger"],
  [/\bGSA\//, "Google"],
  // Android's own mark of a WebView.
  [/;\s*wv\)/, "otra aplicación"],
];

export function inAppBrowser(userAgent: string): string | null {
  return IN_APP.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
}

/** iOS outside the home screen: storage there may be erased after seven days without use, so install first. */
export function mustInstallFirst(navigatorLike: {
  userAgent: string;
  maxTouchPoints?: number;
  standalone?: boolean;
}): boolean {
  const { userAgent, maxTouchPoints = 0, standalone } = navigatorLike;
  const isIos = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return isIos && standalone !== true;
}
