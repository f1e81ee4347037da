// One znode in the editor: which value the text is made of, what became of it meanwhile, and what saving came to.
// It knows nothing of how the text is edited. A value that a person has not seen is never replaced.
import { withQuery, type Actions, type Outcome } from "../page/actions";
import { verdictOn } from "../page/verdict";
import { REDACTED } from "../page/words";
import type { Problem, Znode } from "../protocol";
import { equal, fromBase64, toBase64 } from "./bytes";

/** A value as the ensemble held it. */
export interface Value {
  version: number;
  /** Tells it from any other, also of a znode that was deleted and created again. */
  mzxid: string;
  /** Of its creation; '' where that is not known. */
  czxid?: string;
  data: Uint8Array;
}

/** Whether a value is of a znode that was created after another value was seen: of another znode, whatever its version. */
export function isAnew({ czxid }: { czxid?: string | undefined }, { mzxid }: { mzxid: string }): boolean {
  return !!czxid && mzxid !== "" && later(czxid, mzxid);
}

export type Phase = "opening" | "editing" | "saving" | "saved";

interface Parts {
  actions: Actions;
  path: string;
  changed: () => void;
}

export class Session {
  phase: Phase = "opening";
  /** What the text is made of, or what was seen beside it since. */
  base: Value | null = null;
  /** Kind of the znode, for creating it again. */
  kind = "persistent";
  /** What it became while it was edited, as the page is told: not the value itself. */
  moved: { version: number; at: number; anew: boolean } | null = null;
  gone = false;
  /** Both values are to be looked at: this is the other one. */
  conflict: Value | null = null;
  problem: Problem | null = null;
  /** The result of saving was lost: what is known of it. */
  unknown: { words: string; verdict: "asking" | "applied" | "not-applied" | "cannot-tell" } | null = null;

  constructor(private readonly parts: Parts) {}

  /** Read the znode; false, with `problem`, where it cannot be edited. */
  async open(): Promise<boolean> {
    const found = await this.read();
    if (found === null) return false;
    if (found === "gone") {
      this.problem = { code: "no-znode", text: "There is no znode at this path.", hint: "It may have been deleted." };
      return false;
    }
    this.resume(found);
    return true;
  }

  /** Go on from a value that was read before, such as that of a draft. */
  resume(base: Value): void {
    this.base = base;
    this.problem = null;
    this.phase = "editing";
    this.gone = false;
    this.moved = null;
    this.parts.changed();
  }

  /** Whether the znode still holds the value that was resumed: it is read anew, for the value may be of long ago. */
  async check(): Promise<void> {
    const found = await this.read();
    if (found === "gone") this.gone = true;
    else if (found && found.mzxid !== this.base?.mzxid) this.moved = { version: found.version, at: Date.now(), anew: this.base !== null && isAnew(found, this.base) };
    this.parts.changed();
  }

  /** The page was told what the znode is now. */
  hear(znode: Znode | null, now: number): void {
    if (!znode || !this.base || this.phase === "saved") return;
    // Of what it was meanwhile nothing is left that could be taken, or saved over.
    if (!znode.exists) this.lost();
    else {
      this.gone = false;
      this.kind = znode.kind ?? "persistent";
      const { mzxid, czxid, version = 0 } = znode.stat ?? {};
      const known = this.conflict ?? this.base;
      const seen = known.mzxid;
      const anew = isAnew({ czxid }, known);
      // What the page is told may lag behind what was just read: what is earlier says nothing.
      if (mzxid === seen) this.moved = null;
      else if (mzxid !== undefined && later(mzxid, seen) && (this.moved?.version !== version || this.moved.anew !== anew)) this.moved = { version, at: now, anew };
    }
    this.parts.changed();
  }

  private lost(): void {
    this.gone = true;
    this.conflict = this.moved = null;
  }

  /** Save over `base`, and over nothing else. */
  async save(data: Uint8Array): Promise<void> {
    if (!this.base || this.phase !== "editing") return;
    // What is known to have changed is looked at before, never after.
    if (this.moved) return this.look();
    const over = this.conflict ?? this.base;
    this.begin();
    const body = { data: { encoding: "base64", value: toBase64(data) }, version: over.version };
    this.ended(await this.parts.actions.request("PUT", withQuery("/api/znodes", { path: this.parts.path }), body), data);
  }

  /** Read what the znode holds now, to be compared. */
  async look(): Promise<void> {
    if (!this.base || this.phase !== "editing") return;
    this.begin();
    const found = await this.read();
    this.phase = "editing";
    if (found === "gone") this.lost();
    else if (found) {
      this.moved = null;
      if (found.mzxid !== this.base.mzxid) this.conflict = found;
    }
    this.parts.changed();
  }

  /** The other value was seen: from now on it is what is saved over. */
  seen(): Value | null {
    const { conflict } = this;
    if (conflict) this.base = conflict;
    this.conflict = this.moved = this.problem = null;
    this.parts.changed();
    return conflict;
  }

  /** The znode is gone: make it again. */
  async recreate(data: Uint8Array): Promise<void> {
    if (this.phase !== "editing") return;
    this.begin();
    const kind = this.kind === "container" ? "container" : "persistent";
    const body = { path: this.parts.path, data: { encoding: "base64", value: toBase64(data) }, kind, parents: true };
    const outcome = await this.parts.actions.request("POST", "/api/znodes", body);
    if (outcome.problem?.code === "exists") {
      this.gone = false;
      this.phase = "editing";
      return this.look();
    }
    this.ended(outcome, data);
  }

  private begin(): void {
    this.phase = "saving";
    this.problem = this.unknown = null;
    this.parts.changed();
  }

  private ended({ ok, problem, value, row }: Outcome, data: Uint8Array): void {
    this.phase = ok ? "saved" : "editing";
    if (ok) this.base = { ...stampOf(value), data };
    else if (problem?.code === "wrong-version" && nowOf(value)) this.conflict = nowOf(value);
    else if (problem?.code === "no-znode") this.gone = true;
    else if (problem?.code === "unknown") {
      this.unknown = { words: `${problem.text} ${problem.hint ?? ""}`.trim(), verdict: row === null ? "cannot-tell" : "asking" };
      if (row !== null) void this.judge(row, data);
    } else this.problem = problem;
    this.parts.changed();
  }

  /** What became of it, once somebody knows. */
  private async judge(row: number, data: Uint8Array): Promise<void> {
    const asked = this.unknown;
    const verdict = await verdictOn(this.parts.actions, row);
    if (this.unknown !== asked) return;
    this.unknown = verdict ? { words: verdict.words, verdict: verdict.verdict } : { words: "It could not be told within five minutes.", verdict: "cannot-tell" };
    if (verdict?.verdict === "applied") {
      const found = await this.read();
      // Somebody may have written again since: then both are shown.
      if (found && found !== "gone" && equal(found.data, data)) {
        this.base = found;
        this.phase = "saved";
      } else if (found && found !== "gone") this.conflict = found;
      else this.gone = found === "gone";
    }
    this.parts.changed();
  }

  private async read(): Promise<Value | "gone" | null> {
    const { ok, value, problem } = await this.parts.actions.request("GET", withQuery("/api/znodes", { path: this.parts.path }));
    if (!ok) {
      this.problem = problem;
      return null;
    }
    if (value["exists"] !== true) return "gone";
    if (value["redacted"] === true) {
      this.problem = { code: "not-permitted", text: REDACTED, hint: "" };
      return null;
    }
    if (value["locked"] === true || typeof value["data"] !== "string") {
      this.problem = { code: "acl-denied", text: "The ACL of this znode does not let Zooscope read it.", hint: "" };
      return null;
    }
    if (typeof value["kind"] === "string") this.kind = value["kind"];
    return { ...stampOf(value), data: fromBase64(value["data"]) };
  }
}

function stampOf(value: Record<string, unknown>): Omit<Value, "data"> {
  const stat = value["stat"] as { version?: unknown; mzxid?: unknown; czxid?: unknown } | undefined;
  const text = (one: unknown): string => (typeof one === "string" ? one : "");
  return { version: typeof stat?.version === "number" ? stat.version : 0, mzxid: text(stat?.mzxid), czxid: text(stat?.czxid) };
}

function nowOf(value: Record<string, unknown>): Value | null {
  const now = value["now"] as { version?: unknown; mzxid?: unknown; data?: unknown } | undefined;
  if (typeof now?.version !== "number" || typeof now.data !== "string") return null;
  return { version: now.version, mzxid: typeof now.mzxid === "string" ? now.mzxid : "", data: fromBase64(now.data) };
}

/** Whether one zxid is after another. */
function later(one: string, other: string): boolean {
  try {
    return BigInt(one) > BigInt(other);
  } catch {
    return one !== other;
  }
}
