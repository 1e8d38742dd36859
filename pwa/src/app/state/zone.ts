/**
 * The municipality's time zone as a table kept on the phone, so that a start need not ask the browser for it.
 *
 * Law: what the server told at a check-in counts (`storage/zone.ts`). Before it has, the table is made while nobody waits,
 * from the browser's own data, and made anew often enough that a change of the law on clocks, or of the browser, is
 * taken up. A browser that does not know the zone leaves it to the server.
 */
import { isKnown, rememberZone, tableOf } from "../../shared/zones.ts";
import { type AccountStore, readMeta, writeMeta } from "../storage/account.ts";

const DAY = 86_400_000;
/** What a phone shows lies within: reports of the last year, deadlines of the next. */
const REACH = 400 * DAY;
/** Browsers bring new data with new versions, systems at any time: a week's delay is the most. */
const KEPT = 7 * DAY;

/** Before anything is drawn. */
export async function readZone(db: AccountStore): Promise<void> {
  const kept = await readMeta(db, "zone");
  if (kept) rememberZone(kept.table);
}

/** After everything is drawn. `browser`: whatever changes with its version. True where the table was made anew. */
export async function keepZone(
  db: AccountStore,
  zone: string | undefined,
  browser: string,
  now: number,
): Promise<boolean> {
  if (zone === undefined) return false;
  const kept = await readMeta(db, "zone");
  if (kept?.told && kept.table.zone === zone && now < kept.table.until) return false;
  const young = kept && now >= kept.made_at && now < kept.made_at + KEPT;
  if (young && kept.table.zone === zone && kept.browser === browser) return false;
  const table = isKnown(zone) ? tableOf(zone, now - REACH, now + REACH) : null;
  if (table === null) return false;
  rememberZone(table);
  await writeMeta(db, "zone", { table, browser, made_at: now });
  return true;
}
