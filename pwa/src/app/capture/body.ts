/**
 * What a report being written holds.
 *
 * Law: a draft of an earlier version may lack any of it.
 */
import type { Answers, ForWhom, PlaceText } from "../../shared/documents.ts";

export type Where = "gps" | "block" | "pin" | "streets";

export interface CaptureBody {
  type: string | null;
  answers: Answers;
  text: string;
  for_whom: ForWhom;
  consent: boolean;
  name: string;
  phone: string;
  /** Who reports for themselves agrees to be called at their own number. */
  call_me: boolean;
  own_phone: string;
  /** null until the person says where: then GPS decides, else their own block. */
  where: Where | null;
  point: { lat: number; lon: number } | null;
  block: string | null;
  place: PlaceText;
  urgent: boolean;
  danger: boolean | null;
  /** Reports just saved of the same, one after another: this is another one, so none of them is offered to join. */
  besides?: readonly string[];
}

export const blank = (): CaptureBody => ({
  type: null,
  answers: {},
  text: "",
  for_whom: "self",
  consent: false,
  name: "",
  phone: "",
  call_me: false,
  own_phone: "",
  where: null,
  point: null,
  block: null,
  place: {},
  urgent: false,
  danger: null,
});
