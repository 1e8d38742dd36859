/**
 * The municipality's offsets as the server told them.
 *
 * Law: the server's time-zone data are kept up to date by its operator; a browser's are as old as the browser. So its word
 * is taken at once and kept over the phone's own.
 */
import { rememberZone, type ZoneTable } from "../../shared/zones.ts";
import { type AccountStore, readMeta, writeMeta } from "./account.ts";

/** As a check-in answers: everything in seconds, instants since 1970. */
export interface ToldZone {
  zone: string;
  from: number;
  until: number;
  offsets: [number, number][];
}

/** Keeps and uses what was told; the same again writes nothing. True where it was news. */
export async function takeZone(db: AccountStore, told: ToldZone): Promise<boolean> {
  const table: ZoneTable = {
    zone: told.zone,
    from: told.from * 1000,
    until: told.until * 1000,
    offsets: told.offsets.map(([since, offset]) => ({ since: since * 1000, offset: offset * 1000 })),
  };
  const kept = await readMeta(db, "zone");
  if (kept?.told && JSON.stringify(kept.table) === JSON.stringify(table)) return false;
  rememberZone(table);
  await writeMeta(db, "zone", { table, browser: "", made_at: 0, told: true });
  return true;
}
