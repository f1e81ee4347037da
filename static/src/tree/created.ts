// What kind a znode was made as through this page: ZooKeeper tells its clients of containers and TTL znodes no more than of
// persistent ones (ZOOKEEPER-3583). Kept as long as the page, by the transaction that made it.
import type { Znode } from "../protocol";
import { kindWords } from "./names";

type Kind = NonNullable<Znode["kind"]>;

const made = new Map<string, { kind: Kind; czxid: string }>();

/** Made just now; which transaction that was is learnt when it is first seen. */
export function noteMade(path: string, kind: Kind): void {
  made.set(path, { kind, czxid: "" });
}

/** What it is, where that is known: what the tree says, or what this page made of it. */
export function kindOf({ path, kind = "persistent", stat }: Pick<Znode, "path" | "kind" | "stat">): Kind | null {
  if (kind !== "persistent" || path === "/" || path === "/zookeeper" || path.startsWith("/zookeeper/")) return kind;
  const known = made.get(path);
  if (!known || !stat) return null;
  known.czxid ||= stat.czxid;
  // Another one has its name now.
  return known.czxid === stat.czxid ? known.kind : null;
}

/** 'ephemeral sequential'; of what is not ephemeral, all that it may be. Containers cannot be sequential. */
export function kindLabel(znode: Pick<Znode, "path" | "kind" | "stat" | "sequential">): { words: string; why: string } {
  const kind = kindOf(znode);
  if (kind !== null) return { words: kindWords(kind, znode.sequential), why: "" };
  return {
    words: znode.sequential ? "persistent or TTL, sequential" : "persistent, container or TTL",
    why: "ZooKeeper does not tell which: to its clients they look the same.",
  };
}
