/** Blocks and their leaders as one list. Pure. */
import type { Block, Leader } from "../../shared/documents.ts";

export interface Entry {
  block: Block;
  name: string;
  phone: string | null;
  account: string | null;
  vacant: boolean;
  pending: boolean;
}

const id = (doc: { _id: string }) => doc._id.slice(doc._id.indexOf(":") + 1);

export function entries(blocks: readonly Block[], leaders: readonly Leader[]): Entry[] {
  const byBlock = new Map<string, Leader>();
  for (const leader of leaders)
    for (const block of leader.blocks) {
      const known = byBlock.get(block);
      if (known?.status !== "active") byBlock.set(block, leader);
    }
  return blocks
    .map((block) => {
      const leader = byBlock.get(id(block));
      const named = block.leader ?? null;
      const active = leader?.status === "active";
      return {
        block,
        name: named?.name ?? (active ? leader.name : ""),
        phone: named?.phone ?? (active ? (leader.phone ?? null) : null),
        account: named?.account ?? (active ? (leader.account ?? null) : null),
        vacant: block.vacant ?? (!named && !active),
        pending: leader?.status === "pending",
      };
    })
    .sort((a, b) => a.block.name.localeCompare(b.block.name, "es", { numeric: true }));
}

const plain = (text: string) =>
  text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();

export function matches(entry: Entry, query: string): boolean {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const text = plain(`${entry.block.name} ${entry.name}`);
  return words.every((word) => text.includes(word));
}
