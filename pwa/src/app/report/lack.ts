/** What is missing of finished work, as the leader's word keeps it: the chosen sentence, then one's own. Pure. */
import { report as w } from "../words/report.ts";

export type Lack = keyof typeof w.lacks;

export interface Lacking {
  lack: Lack | null;
  text: string;
}

export const lackText = ({ lack, text }: Lacking): string =>
  [lack && w.lacks[lack], text.trim()].filter(Boolean).join(". ");
