// What this person may do, and where. What they may not do is not on the page; the web process checks it all again.
import type { Actions } from "../page/actions";
import { isUnder, ROOT, ZOOKEEPER } from "../tree/paths";

/** A permission holds at this path and below it; '/' is everywhere. */
interface Granted {
  permission: string;
  prefix: string;
}

/** Permissions to look at a subtree as a whole, which protection does not keep from anybody. */
const READS: ReadonlySet<string> = new Set(["subtree.export"]);

const covers = (prefix: string, path: string): boolean => prefix === path || isUnder(path, prefix);

export class Permits {
  static readonly NONE = new Permits([], []);

  constructor(
    private readonly grants: readonly Granted[],
    /** Prefixes that nobody changes. */
    private readonly shut: readonly string[],
    /** Whether the bridge shows the ensemble an identity; without one an ACL's 'auth' stands for nobody. */
    readonly signsIn = true,
  ) {}

  /** Whether it is permitted at this path; with `below`, on all that lies below it too. */
  may(permission: string, path: string, below = false): boolean {
    if (!this.grants.some((grant) => grant.permission === permission && covers(grant.prefix, path))) return false;
    return READS.has(permission) || !this.shut.some((prefix) => covers(prefix, path) || (below && covers(path, prefix)));
  }

  /** Whether there is any path where this is permitted. */
  anywhere(permission: string): boolean {
    return this.grants.some((grant) => grant.permission === permission);
  }

  /** Whether they could do something here, were it not that nobody may. */
  guarded(path: string): boolean {
    return this.shut.some((prefix) => covers(prefix, path)) && this.grants.some(({ permission, prefix }) => /^(znode|subtree)\./.test(permission) && !READS.has(permission) && covers(prefix, path));
  }

  /** Whether there is any path where this person may change or export znodes. */
  get any(): boolean {
    return this.grants.some(({ permission }) => /^(znode|subtree)\./.test(permission));
  }
}

/** What `/api/me` says, and of whom; null where it did not say anything. */
export async function readPermits(actions: Actions): Promise<{ user: string; permits: Permits } | null> {
  const { ok, value } = await actions.request("GET", "/api/me");
  if (!ok) return null;
  const grants = listed(value["grants"]).filter(isGranted);
  const shut = listed(value["protected"]).filter((prefix) => typeof prefix === "string");
  return { user: String(value["user"]), permits: new Permits(grants, shut, value["signs_in"] !== false) };
}

/** As long as nothing else is known: all that the socket names, everywhere but in ZooKeeper's own znodes. */
export function permitsOf(may: Iterable<string>): Permits {
  return new Permits([...may].map((permission) => ({ permission, prefix: ROOT })), [ZOOKEEPER]);
}

function listed(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isGranted(value: unknown): value is Granted {
  const { permission, prefix } = (value ?? {}) as Partial<Granted>;
  return typeof permission === "string" && typeof prefix === "string";
}
