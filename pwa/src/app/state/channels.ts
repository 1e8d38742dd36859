/**
 * By which channel a report came.
 *
 * Law: a capture says truly how it reached the municipality: `app` is the citizens' own app and nobody's here.
 */
import type { Role } from "../../shared/documents.ts";

/** By which channel a role's reports come; `app` is the citizens' own and nobody's here. */
const CHANNELS: Partial<Record<Role, string>> = {
  block_leader: "jefe-de-manzana",
  sector_leader: "jefe-de-cuartel",
  brigade: "brigada",
  civil_protection: "proteccion-civil",
};
/** Who takes reports for others at a desk says by which channel they came; unsaid, they came to the desk. */
const AT_A_DESK = "ventanilla";

export function channelOf(asked: string | undefined, role: Role): string {
  return asked ?? CHANNELS[role] ?? AT_A_DESK;
}
