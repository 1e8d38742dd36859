/**
 * "¿Hay alguien en peligro?": one question, whoever asks it. Pure.
 *
 * Law: it is asked once. Where the urgent way has asked it the type's own question is not put again, its answer is
 * the one already given; elsewhere the type's question is the only one, and its yes is the report's `danger`.
 */
import type { Answers, PetitionType, Question } from "../../shared/documents.ts";
import { normalise } from "../../shared/normalise.ts";

/** A catalogue of one's own words it as it likes ("¿Hay peligro?", "¿Alguien en peligro?") under an id of its own. */
export const asksDanger = ({ kind, text }: Question): boolean =>
  kind === "boolean" && /\bpeligro\b/.test(normalise(text));

/** What is left to ask of a type. `urgent`: the urgent way has asked about danger. */
export const questionsOf = (type: PetitionType, urgent: boolean): Question[] =>
  type.questions.filter((question) => !(urgent && asksDanger(question)));

/** The answers of a report whose danger was asked apart: what was said there answers the type's question too. */
export function answersWith(
  answers: Answers,
  type: PetitionType | undefined,
  danger: boolean | null,
): Answers {
  const asked = type?.questions.find(asksDanger);
  return asked && danger !== null ? { ...answers, [asked.id]: danger } : answers;
}

/** Whether somebody is in danger, from either question; undefined where nobody said. */
export function dangerOf(
  answers: Answers,
  type: PetitionType | undefined,
  said: boolean | null,
): boolean | undefined {
  if (said !== null) return said;
  const asked = type?.questions.find(asksDanger);
  const answer = asked && answers[asked.id];
  return typeof answer === "boolean" ? answer : undefined;
}
