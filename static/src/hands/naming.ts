// Names for new znodes: what is wrong with one, and what the server will probably make of a sequential one. Pure.
import type { Stat } from "../protocol";
import { fault, join } from "../tree/paths";

export interface Naming {
  /** What is missing above it is made too: it may name several levels. Left out where that cannot be asked for. */
  parents?: boolean;
  /** The server puts a number behind it, which is enough of a name. */
  sequential?: boolean;
}

/** What is wrong with a name below a parent, and what to do; '' for a good one. */
export function nameFault(parent: string, name: string, { parents, sequential = false }: Naming = {}): string {
  if (name === "" && !sequential) return "Type a name.";
  if (name.startsWith("/")) return "A name does not start with '/': it stands below the parent.";
  if (name.includes("/") && !parents) return `A name has no '/' in it${parents === undefined ? "." : ", unless what is missing above it is made too."}`;
  return fault(join(parent, sequential ? name + "0".repeat(10) : name));
}

/** The highest number that a sequential name can end in. */
const HIGHEST = 2 ** 31 - 1;

/** The name that a sequential znode probably gets; null where it cannot be foretold. Others may be faster. */
export function probableName(name: string, parent: Stat | null | undefined): string | null {
  if (!parent) return null;
  // A server counts creations only; what clients are told as cversion is twice that, less the children that are left.
  const next = ((parent.cversion ?? 0) + (parent.children ?? 0)) / 2;
  return Number.isInteger(next) && next >= 0 && next <= HIGHEST ? name + String(next).padStart(10, "0") : null;
}

/** '90' s, '5 min', '2h', '1 d' or ms as a plain number with 'ms'; null for anything else. */
export function duration(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)?\s*$/i.exec(text);
  if (!match) return null;
  const ms = Math.round(Number(match[1]) * (UNITS[(match[2] ?? "s").toLowerCase()] as number));
  return ms >= 1 && ms < 2 ** 40 ? ms : null;
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
