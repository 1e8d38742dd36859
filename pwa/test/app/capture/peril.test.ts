/** Danger is asked once, and its answer stands in both places that tell of it. */
import { beforeEach, describe, expect, it } from "vitest";
import { blank } from "../../../src/app/capture/body.ts";
import { toCapture } from "../../../src/app/capture/form.ts";
import { asksDanger, dangerOf, questionsOf } from "../../../src/app/capture/peril.ts";
import type { Account } from "../../../src/app/state/account.ts";
import type { PetitionType, Question } from "../../../src/shared/documents.ts";
import { enter, freshPhone, opened } from "../../opened.ts";

const asked = { id: "peligro", text: "¿Hay alguien en peligro?", kind: "boolean" } as Question;
const other = { id: "cuantos", text: "¿Cuántos hay?", kind: "number" } as Question;
const type = { _id: "type:leak", name: "Fuga", urgent: true, questions: [other, asked] } as PetitionType;

freshPhone();
let account: Account;
beforeEach(async () => {
  account = await enter(await opened());
});

describe("the question", () => {
  it("is known by what it asks, whatever its id", () => {
    expect(asksDanger({ ...asked, id: "q1", text: "¿Alguien está en PELIGRO?" })).toBe(true);
    expect(asksDanger({ ...asked, kind: "text" })).toBe(false);
    expect(asksDanger({ ...asked, text: "¿Es material peligroso?" })).toBe(false);
  });

  it("is not put again where the urgent way has asked it", () => {
    expect(questionsOf(type, true)).toEqual([other]);
    expect(questionsOf(type, false)).toEqual([other, asked]);
  });
});

describe("the answer", () => {
  it("given on the urgent way answers the type's question too", () => {
    account.feeds.types.value = new Map([["leak", type]]);
    const said = toCapture({ ...blank(), type: "leak", urgent: true, danger: true, answers: { cuantos: 2 } });
    expect([said.danger, said.answers]).toEqual([true, { cuantos: 2, peligro: true }]);
  });

  it("given to the type's question is the report's danger", () => {
    account.feeds.types.value = new Map([["leak", { ...type, urgent: false }]]);
    const said = toCapture({ ...blank(), type: "leak", answers: { peligro: true } });
    expect([said.danger, said.answers]).toEqual([true, { peligro: true }]);
  });

  it("is nobody's where nobody knows", () => {
    expect(dangerOf({}, type, null)).toBeUndefined();
    expect("danger" in toCapture({ ...blank(), type: "leak", urgent: true })).toBe(false);
  });
});
