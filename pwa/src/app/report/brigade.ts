/** A brigade by its name, where the catalogue on the phone knows it. */
import { agencies } from "../state/index.ts";

export function brigadeName(agency: string, brigade: string): string {
  return agencies.value.get(agency)?.brigades.find((one) => one.id === brigade)?.name ?? brigade;
}
