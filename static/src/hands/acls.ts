// The ACL of a znode as it is read when somebody wants to see it: ZooKeeper does not tell when it changes.
import { withQuery, type Actions } from "../page/actions";
import type { Problem } from "../protocol";
import type { Ace } from "./aces";

export interface Acl {
  entries: readonly Ace[];
  /** Its own version, which a change must name. */
  aversion: number;
}

export async function readAcl(actions: Actions, path: string): Promise<{ acl: Acl | null; problem: Problem | null }> {
  const { ok, problem, value } = await actions.request("GET", withQuery("/api/acl", { path }));
  const acl = ok ? aclIn(value) : null;
  return { acl, problem: ok && !acl ? { code: "failed", text: "The answer was no ACL.", hint: "" } : problem };
}

/** An ACL in an answer, or in what a refusal says is there now. */
export function aclIn(value: Record<string, unknown>): Acl | null {
  const { acl, aversion } = value;
  if (!Array.isArray(acl) || typeof aversion !== "number") return null;
  return { entries: acl.filter(isAce), aversion };
}

function isAce(value: unknown): value is Ace {
  const { scheme, id, perms } = (value ?? {}) as Partial<Ace>;
  return typeof scheme === "string" && typeof id === "string" && typeof perms === "string";
}
