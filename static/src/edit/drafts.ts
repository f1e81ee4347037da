// What was typed and not saved, kept by this tab over a reload.
import type { Mode } from "./faults";

/** One tab may show several clusters, one after the other: each has its own. */
const KEY = `zooscope-draft:${/^\/c\/[^/]+/.exec(location.pathname)?.[0] ?? ""}:`;

export interface Draft {
  /** The value that the text was made of. */
  version: number;
  mzxid: string;
  data: string;
  mode: Mode;
  text: string;
  /** Saved as it was packed. */
  packed: boolean;
  /** When it was typed last, ms since 1970. */
  at: number;
}

export function hasDraft(path: string): boolean {
  try {
    return sessionStorage.getItem(KEY + path) !== null;
  } catch {
    return false;
  }
}

export function readDraft(path: string): Draft | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(KEY + path) ?? "null") as Partial<Draft> | null;
    if (typeof draft?.text !== "string" || typeof draft.mode !== "string" || typeof draft.data !== "string" || typeof draft.mzxid !== "string") return null;
    if (typeof draft.version !== "number" || typeof draft.at !== "number") return null;
    return { ...draft, packed: draft.packed !== false } as Draft;
  } catch {
    return null;
  }
}

/** False where the browser has no room for it. */
export function keepDraft(path: string, draft: Draft): boolean {
  try {
    sessionStorage.setItem(KEY + path, JSON.stringify(draft));
    return true;
  } catch {
    dropDraft(path);
    return false;
  }
}

export function dropDraft(path: string): void {
  try {
    sessionStorage.removeItem(KEY + path);
  } catch {
    // There was none.
  }
}
