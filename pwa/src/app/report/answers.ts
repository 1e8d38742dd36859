/** A report's answers as sentences. Pure. */
import type { Answers, PetitionType } from "../../shared/documents.ts";

export function answerText(
  answers: Answers | undefined,
  type: PetitionType | undefined,
): { question: string; answer: string }[] {
  return Object.entries(answers ?? {}).map(([id, value]) => {
    const question = type?.questions.find((one) => one.id === id);
    const word = (code: string) => question?.options?.find((option) => option.value === code)?.text ?? code;
    const answer =
      typeof value === "boolean"
        ? value
          ? "Sí"
          : "No"
        : Array.isArray(value)
          ? value.map(word).join(", ")
          : typeof value === "number"
            ? String(value)
            : word(value);
    return { question: question?.text ?? id, answer };
  });
}
