// What became of an action whose result was lost: the web process finds out, and is asked until it knows.
import type { Actions, Outcome } from "./actions";
import type { Toasts } from "./toasts";

/** Pauses between questions, ms: quick at first, for most is known within seconds. */
const PAUSES = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Nobody asks for longer than this, ms. */
export const LONGEST = 300_000;

export interface Verdict {
  verdict: "applied" | "not-applied" | "cannot-tell";
  /** What was found, for a person. */
  words: string;
}

/** The verdict on a row of the audit log; null where none came within five minutes. Only asks, so it may ask again. */
export async function verdictOn(actions: Actions, row: number): Promise<Verdict | null> {
  const began = Date.now();
  for (let turn = 0; Date.now() - began < LONGEST; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(turn, PAUSES.length - 1)]));
    const { ok, value } = await actions.request("GET", `/api/actions/${row}`);
    const { verdict, found } = value;
    if (!ok || (verdict !== "applied" && verdict !== "not-applied" && verdict !== "cannot-tell")) continue;
    return { verdict, words: typeof found === "string" ? found : "" };
  }
  return null;
}

const TURNED_OUT = {
  applied: { tone: "done", title: "it turns out that it was done." },
  "not-applied": { tone: "problem", title: "it turns out that it was not done." },
  "cannot-tell": { tone: "unknown", title: "it cannot be told whether it was done." },
} as const;

/** Say in a toast that `what` failed or that its result is unknown; of the latter, say it again once it is known. */
export async function tellFailure(actions: Actions, toasts: Toasts, what: string, { problem, row }: Outcome): Promise<Verdict | null> {
  const { code = "failed", text = "", hint = "" } = problem ?? {};
  const words = `${text} ${hint}`.trim();
  if (code !== "unknown") {
    toasts.add("problem", `${what}: not done.`, words);
    return null;
  }
  const toast = toasts.add("unknown", `${what}: unknown.`, words);
  if (row === null) return null;
  const verdict = await verdictOn(actions, row);
  if (verdict) {
    const { tone, title } = TURNED_OUT[verdict.verdict];
    toasts.amend(toast, tone, `${what}: ${title}`, verdict.words);
  }
  return verdict;
}
