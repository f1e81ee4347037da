// What a cut between servers costs, before it is made: the bridge says where it is the quorum. Pure.
import type { Lab } from "../protocol";
import { span } from "../page/words";
import { ENSEMBLE, toWords } from "./words";

/** What is sent to cut a link. */
export interface CutBody {
  from: string;
  to: string;
  both?: boolean;
  seconds?: number;
}

/** Why it would lose the quorum; '' where it would not. A cut of one way costs as much as one of both. */
export function costOfCut(lab: Lab | null, { from, to }: CutBody): string {
  return lab?.costs?.[from === ENSEMBLE ? `${to}>${from}` : `${from}>${to}`] ?? "";
}

export function cutQuestion({ from, to, both = true, seconds = 60 }: CutBody, told: string): { title: string; words: string[]; button: string; grave: boolean } {
  const [origin, other] = [toWords(to, from), toWords(from, to)];
  return {
    title: both ? `Cut the link between ${origin} and ${other}?` : `Cut the link from ${origin} to ${other}?`,
    words: [told, `No session can expire meanwhile either. It heals by itself after ${span(seconds * 1000).replace(".0", "")}, or when somebody heals it.`],
    button: "Cut it all the same",
    grave: true,
  };
}
