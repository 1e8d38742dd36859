/** What counts as the place, and what of the form becomes an event. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { blank } from "../../../src/app/capture/body.ts";
import {
  closeFix,
  firstWords,
  form,
  lacksWords,
  ownBlock,
  toCapture,
  whereNow,
} from "../../../src/app/capture/form.ts";
import type { Account } from "../../../src/app/state/account.ts";
import type { Block, Profile } from "../../../src/shared/documents.ts";
import { enter, freshPhone, opened } from "../../opened.ts";

const block = (id: string, lon: number): Block => ({
  _id: `block:${id}`,
  name: `Manzana ${id}`,
  colonia: "centro",
  geometry: {
    type: "Polygon",
    coordinates: [
      [
        [lon, 20],
        [lon + 0.002, 20],
        [lon + 0.002, 20.002],
        [lon, 20.002],
        [lon, 20],
      ],
    ],
  },
});
const profile = (...blocks: string[]): Profile => ({
  _id: "profile",
  account: "rosa",
  name: "Rosa",
  role: "block_leader",
  blocks,
});

freshPhone();
let account: Account;
beforeEach(async () => {
  account = await enter(await opened("rosa"));
  account.feeds.blocks.value = new Map([
    ["m-1", block("m-1", -101)],
    ["m-2", block("m-2", -100.9)],
  ]);
  account.feeds.profile.value = profile("m-1");
});
afterEach(() => {
  closeFix();
});

describe("the place", () => {
  it("is the middle of the leader's only block where nobody says otherwise", () => {
    const { where, position, block: at } = whereNow(blank());
    expect([where, at, position.source]).toEqual(["block", "m-1", "block"]);
    expect(position.lat).toBeCloseTo(20.001);
    expect(position.lon).toBeCloseTo(-100.999);
  });

  it("is open where a leader has several blocks and no fix", () => {
    account.feeds.profile.value = profile("m-1", "m-2");
    expect(ownBlock()).toBeNull();
    expect(whereNow(blank())).toEqual({ where: null, position: { source: "none" }, block: null });
  });

  it("is the block, the pin or the streets a person chose", () => {
    const chosen = { ...blank(), point: { lat: 20.001, lon: -100.899 }, block: "m-2" };
    expect(whereNow({ ...chosen, where: "block" }).block).toBe("m-2");
    expect(whereNow({ ...chosen, where: "pin" }).position).toEqual({ source: "pin", ...chosen.point });
    expect(whereNow({ ...chosen, where: "streets" }).position).toEqual({ source: "address" });
  });

  it("says a block without a shape by its name alone", () => {
    expect(whereNow({ ...blank(), where: "block", block: "m-9" })).toEqual({
      where: "block",
      position: { source: "block" },
      block: "m-9",
    });
  });
});

describe("what is saved", () => {
  const body = { ...blank(), type: "lamp" };

  it("keeps no control characters and no empty text", () => {
    const said = toCapture({
      ...body,
      text: " no\u0007 prende\n",
      place: { street: "Sauce\u0000", between: " ", pole: "" },
    });
    expect(said.text).toBe("no prende");
    expect(said.place).toEqual({ street: "Sauce", block: "m-1" });
    expect("text" in toCapture({ ...body, text: " \u0000 " })).toBe(false);
  });

  it("keeps a neighbour's name only with their consent", () => {
    const neighbour = { ...body, for_whom: "neighbour" as const, name: "Eva Ruiz", phone: " " };
    const silent = toCapture({ ...neighbour, consent: false });
    expect([silent.for_whom, silent.citizen]).toEqual(["anonymous", undefined]);
    const known = toCapture({ ...neighbour, consent: true });
    expect([known.for_whom, known.citizen]).toEqual(["neighbour", { name: "Eva Ruiz" }]);
  });

  it("has who reported for themselves called only where they said so, and never for others", () => {
    const self = { ...body, own_phone: " 452 123 4567 " };
    expect(toCapture(self).citizen).toBeUndefined();
    const said = toCapture({ ...self, call_me: true });
    expect([said.for_whom, said.citizen]).toEqual(["self", { name: "Rosa", phone: "452 123 4567" }]);
    expect(toCapture({ ...self, call_me: true, for_whom: "anonymous" }).citizen).toBeUndefined();
  });

  it("is of a type the desk will say where the person did not, and danger only where asked", () => {
    const said = toCapture(blank());
    expect(said.type).toBe("unknown");
    expect("danger" in said).toBe(false);
    expect(toCapture({ ...body, danger: false }).danger).toBe(false);
  });
});

describe("what nobody knows the name of", () => {
  afterEach(() => {
    form.body.value = blank();
  });

  it("needs a word or a photo, unless it is urgent", () => {
    form.body.value = { ...blank(), type: "unknown" };
    expect(lacksWords()).toBe(true);
    form.body.value = { ...blank(), type: "unknown", text: " \n " };
    expect(lacksWords()).toBe(true);
    form.body.value = { ...blank(), type: "unknown", text: "algo raro" };
    expect(lacksWords()).toBe(false);
    form.body.value = { ...blank(), type: "unknown", urgent: true };
    expect(lacksWords()).toBe(false);
    form.body.value = { ...blank(), type: "bache" };
    expect(lacksWords()).toBe(false);
  });

  it("keeps what was typed in the search, and never over what was written", () => {
    expect(firstWords("unknown", "", "sale algo verde")).toBe("sale algo verde");
    expect(firstWords("unknown", "escrito", "sale algo verde")).toBe("escrito");
    expect(firstWords("bache", "", "bache grande")).toBe("");
  });
});
