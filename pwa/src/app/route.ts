/**
 * Where the person is: the hash of the address, so that the phone's own back button works and nothing is asked
 * of the server.
 *
 * Law: a screen is a name and arguments (`#/report/<id>`); whatever must survive a closed app is a draft, never a route.
 */
import { signal } from "@preact/signals";

export interface Route {
  name: string;
  args: string[];
}

export function parse(hash: string): Route {
  const code = /^#enrol=(\d{8})$/.exec(hash);
  if (code) return { name: "enrol", args: [code[1] as string] };
  const parts = hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decode);
  return { name: parts[0] ?? "", args: parts.slice(1) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a hand-written address with a lone percent sign is still an address
  }
}

export const route = signal<Route>(parse(location.hash));

/** How far the person has gone inside the app: below it, going back would leave. */
const depth = () => (history.state as { depth?: number } | null)?.depth ?? 0;
const scrolls = new Map<string, number>();

export function path(name: string, ...args: string[]): string {
  return `#/${[name, ...args].map(encodeURIComponent).join("/")}`;
}

export function go(to: string, replace = false): void {
  scrolls.set(location.hash, window.scrollY);
  const state = { depth: replace ? depth() : depth() + 1 };
  if (replace) history.replaceState(state, "", to);
  else history.pushState(state, "", to);
  route.value = parse(to);
  window.scrollTo(0, 0);
}

/** To the previous screen, or to `fallback` where the app was opened right here. */
export function back(fallback = "#/"): void {
  if (depth() > 0) history.back();
  else go(fallback, true);
}

export function listen(): void {
  if ("scrollRestoration" in history) history.scrollRestoration = "manual";
  const follow = () => {
    route.value = parse(location.hash);
    const top = scrolls.get(location.hash) ?? 0;
    requestAnimationFrame(() => window.scrollTo(0, top));
  };
  window.addEventListener("popstate", follow);
  // A link followed inside the page changes the hash without our depth: it counts as one step.
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.('a[href^="#/"]');
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href") as string);
  });
}
