/** A report in a list: pictogram, type, street, semáforo; an emergency wears a full-width black bar. */

import { isOpen } from "../../shared/status.ts";
import { path } from "../route.ts";
import type { ReportRow } from "../state/contract.ts";
import { areas, blocks, municipality, now, types } from "../state/index.ts";
import { common as w } from "../words/common.ts";
import { pictogramOf } from "../words/families.ts";
import { Alarm } from "./Alarm.tsx";
import { Sign } from "./Icon.tsx";
import { Light } from "./Light.tsx";
import { Seal } from "./Seal.tsx";

export function typeName(type: string | null | undefined): string {
  return (type && types.value.get(type)?.name) || w.unknownType;
}

export function pictogram(row: { type?: string | null; family?: string | null }): string {
  const type = row.type ? types.value.get(row.type) : undefined;
  return type ? pictogramOf(type) : (row.family ?? "question");
}

interface Placed {
  street?: string | null | undefined;
  block?: string | null | undefined;
  /** As the report itself has it: phones hold the blocks of one sector, or none. */
  block_name?: string | null | undefined;
  colonia?: string | null | undefined;
}

export const blockName = (row: Placed): string | null =>
  (row.block && blocks.value.get(row.block)?.name) || row.block_name || null;

/** The street, else the block, else the colonia, by name: a phone that does not know a block's name shows no id. */
export function whereKnown(row: Placed): string | null {
  const block = blockName(row);
  const colonia = row.colonia && areas.value.get(`colonia:${row.colonia}`)?.name;
  return row.street || block || (colonia && w.inColonia(colonia)) || null;
}

export const whereOf = (row: Placed): string => whereKnown(row) ?? w.noPlace;

export function zone(): string | undefined {
  return municipality.value?.timezone;
}

export function Card(props: { row: ReportRow; extra?: string | undefined; href?: string | undefined }) {
  const { row } = props;
  const emergency = row.priority === 1 && isOpen(row.status);
  return (
    <a
      class={row.changed ? "card fresh" : "card"}
      href={props.href ?? path("report", row.id)}
      data-report={row.id}
    >
      {emergency && <Alarm danger={row.danger} />}
      <Sign name={pictogram(row)} alarm={emergency} />
      <span class="card__text">
        <span class="card__name">{typeName(row.type)}</span>
        <span class="card__where">
          {whereOf(row)}
          {props.extra ? ` · ${props.extra}` : ""}
        </span>
        <span class="card__marks">
          {row.view === "local" ? (
            <Seal received={false} />
          ) : (
            <Light due={row} now={now.value} zone={zone()} />
          )}
          {row.changed && (
            <span class={row.unseen ? "mark mark--new" : "mark"}>{row.unseen ? w.unseen : w.changed}</span>
          )}
          {row.view === "card" && <span class="mark">{w.card}</span>}
          {row.pending > 0 && row.view !== "local" && (
            <Seal received={false} words={w.status.onPhone(row.pending)} />
          )}
        </span>
      </span>
    </a>
  );
}
