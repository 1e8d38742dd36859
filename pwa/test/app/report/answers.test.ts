import { expect, it } from "vitest";
import { answerText } from "../../../src/app/report/answers.ts";
import type { PetitionType } from "../../../src/shared/documents.ts";

it("says answers in the words of the question, and codes nobody knows as they are", () => {
  const type = {
    questions: [{ id: "q", text: "¿Cuántas?", kind: "choice", options: [{ value: "1", text: "Una" }] }],
  } as unknown as PetitionType;
  expect(answerText({ q: "1", other: true, many: ["1", "x"], n: 3 }, type)).toEqual([
    { question: "¿Cuántas?", answer: "Una" },
    { question: "other", answer: "Sí" },
    { question: "many", answer: "1, x" },
    { question: "n", answer: "3" },
  ]);
  expect(answerText(undefined, undefined)).toEqual([]);
});
