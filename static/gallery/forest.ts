// A tree of znodes that lives in the page and answers topics as the bridge does, for looking at the tree panel.
import { Store } from "../src/live/store";
import type { Children, Ghost, Hit, Row, Search, Znode } from "../src/protocol";
import { sequenceNumber } from "../src/tree/names";
import { join, nameOf, parentOf } from "../src/tree/paths";

interface Leaf {
  row: Row;
  data: Uint8Array;
  born: number;
}

/** What it knows by itself; samples give other topics. */
const TREE = new Set(["children", "znode", "search"]);

export class Forest {
  readonly store: Store;
  /** Topics subscribed to at this moment, and how often any was asked for. */
  readonly open = new Set<string>();
  asked = 0;
  /** How long a search takes, ms. */
  searching = 300;
  /** Topics of other pages; null for those of the tree. */
  others: (name: string, query: URLSearchParams) => object | null = () => null;
  private readonly children = new Map<string, Map<string, Leaf>>([["/", new Map()]]);
  private readonly ghosts = new Map<string, Map<string, Ghost>>();
  private readonly sorted = new Map<string, { stamp: number; names: string[] }>();
  private readonly stamps = new Map<string, number>();
  private readonly seqs = new Map<string, number>();
  private births = 0;

  constructor(
    private readonly now: () => number,
    private readonly delay = 4,
  ) {
    this.store = new Store((op, topic) => {
      if (op === "unsubscribe") this.open.delete(topic);
      else {
        this.open.add(topic);
        this.asked += 1;
        setTimeout(() => this.snapshot(topic), this.delay);
      }
    });
    this.store.opened();
  }

  add(path: string, more: Partial<Row> = {}, data: string | Uint8Array = "", quiet = true): void {
    const parent = parentOf(path);
    const name = nameOf(path);
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const row: Row = { name, kind: "persistent", sequential: sequenceNumber(name) !== null, size: bytes.length, ...more };
    if (!quiet) Object.assign(row, { changed: this.now(), change: "created" });
    const siblings = this.children.get(parent) ?? new Map<string, Leaf>();
    this.children.set(parent, siblings.set(name, { row, data: bytes, born: (this.births += 1) }));
    this.ghosts.get(parent)?.delete(name);
    this.count(parent, quiet);
    this.touch(path, quiet);
  }

  write(path: string, data: string): void {
    const leaf = this.children.get(parentOf(path))?.get(nameOf(path));
    if (!leaf) return;
    leaf.data = new TextEncoder().encode(data);
    leaf.row = { ...leaf.row, size: leaf.data.length, version: (leaf.row.version ?? 0) + 1, changed: this.now(), change: "data" };
    this.touch(path);
  }

  remove(path: string): void {
    const parent = parentOf(path);
    const leaf = this.children.get(parent)?.get(nameOf(path));
    if (!leaf) return;
    this.children.get(parent)?.delete(leaf.row.name);
    const ghosts = this.ghosts.get(parent) ?? new Map<string, Ghost>();
    const ghost: Ghost = { name: leaf.row.name, kind: leaf.row.kind, at: this.now(), ...(leaf.row.holder ? { holder: leaf.row.holder } : {}) };
    this.ghosts.set(parent, ghosts.set(ghost.name, ghost));
    setTimeout(() => {
      if (ghosts.get(ghost.name) === ghost) ghosts.delete(ghost.name);
      this.touch(path);
    }, 10_000);
    this.count(parent, false);
    this.touch(path);
  }

  private count(parent: string, quiet: boolean): void {
    const leaf = this.children.get(parentOf(parent))?.get(nameOf(parent));
    if (!leaf || parent === "/") return;
    leaf.row = { ...leaf.row, children: this.children.get(parent)?.size ?? 0, ...(quiet ? {} : { changed: this.now(), change: "children" as const }) };
  }

  private touch(path: string, quiet = false): void {
    const parent = parentOf(path);
    this.stamps.set(parent, (this.stamps.get(parent) ?? 0) + 1);
    if (quiet) return;
    for (const topic of this.open) {
      const at = new URLSearchParams(topic.slice(topic.indexOf("?"))).get("path");
      if (at === path || at === parent || at === parentOf(parent)) this.snapshot(topic);
    }
  }

  private snapshot(topic: string): void {
    if (!this.open.has(topic)) return;
    const [name = ""] = topic.split("?");
    const query = new URLSearchParams(topic.slice(topic.indexOf("?")));
    const other = this.others(name, query);
    if (!other && !TREE.has(name)) return;
    const seq = (this.seqs.get(topic) ?? 0) + 1;
    this.seqs.set(topic, seq);
    if (other) return this.store.take({ type: "snapshot", topic, epoch: 1, seq, data: other });
    const data = name === "children" ? this.window(query) : name === "search" ? this.search(query, 1) : this.znode(query.get("path") ?? "/");
    if (name === "search") {
      if (query.get("how") === "regex" && !regular(query.get("q") ?? "")) return this.refuse(topic);
      this.store.take({ type: "snapshot", topic, epoch: 1, seq, data: this.search(query, 0.4) });
      setTimeout(() => this.open.has(topic) && this.store.take({ type: "snapshot", topic, epoch: 1, seq: seq + 1, data }), this.searching);
      return;
    }
    this.store.take({ type: "snapshot", topic, epoch: 1, seq, data });
  }

  private refuse(topic: string): void {
    const text = "The regular expression cannot be read: missing ): (.";
    this.store.take({ type: "trouble", topic, problem: { code: "bad-query", text, hint: "It is written as RE2 takes it." } });
  }

  /** What is found once a part of the tree was looked at. */
  private search(query: URLSearchParams, part: number): Search {
    const q = query.get("q") ?? "";
    const pattern = query.get("how") === "regex" ? (regular(q) ?? /$^/) : new RegExp(q.replace(/[^\p{L}\p{N}*?]/gu, "\\$&").replace(/\*/g, "[^/]*").replace(/\?/g, "."));
    const inData = query.get("in") === "data";
    const limit = Number(query.get("limit"));
    const all = [...this.children].flatMap(([parent, leaves]) => [...leaves.values()].map((leaf) => ({ path: join(parent, leaf.row.name), leaf })));
    const searched = Math.round(all.length * part);
    const hits: Record<string, Hit> = {};
    let found = 0;
    for (const { path, leaf } of all.slice(0, searched)) {
      const text = inData ? new TextDecoder().decode(leaf.data.subarray(0, 200)) : path;
      const match = pattern.exec(text);
      if (!match) continue;
      if (found < limit) hits[found] = { path, kind: leaf.row.kind, start: match.index, end: match.index + match[0].length, ...(inData ? { text } : {}) };
      found += 1;
    }
    const more = found > limit ? { more: true } : {};
    return { hits, searched, of: all.length, ...(part === 1 ? { done: true } : {}), ...(part === 1 ? more : {}), ...(inData ? { preview: 1024 } : {}) };
  }

  private window(query: URLSearchParams): Children {
    const path = query.get("path") ?? "/";
    const offset = Number(query.get("offset"));
    const limit = Number(query.get("limit"));
    const all = this.names(path, query.get("order") ?? "name", query.get("filter") ?? "");
    const order = all.slice(offset, offset + limit);
    const siblings = this.children.get(path);
    const rows = Object.fromEntries(order.map((one) => [one, siblings!.get(one)!.row]));
    const ghosts = Object.fromEntries(this.ghosts.get(path) ?? []);
    return { path, exists: true, total: all.length, offset, order, rows, ghosts };
  }

  private names(path: string, order: string, filter: string): string[] {
    const key = `${path} ${order} ${filter}`;
    const stamp = this.stamps.get(path) ?? 0;
    const kept = this.sorted.get(key);
    if (kept?.stamp === stamp) return kept.names;
    const leaves = [...(this.children.get(path)?.values() ?? [])].filter(({ row }) => row.name.includes(filter));
    const by: Record<string, (a: Leaf, b: Leaf) => number> = {
      name: () => 0,
      number: (a, b) => (sequenceNumber(a.row.name) ?? Infinity) - (sequenceNumber(b.row.name) ?? Infinity) || 0,
      newest: (a, b) => b.born - a.born,
      size: (a, b) => (b.row.size ?? 0) - (a.row.size ?? 0),
    };
    leaves.sort((a, b) => by[order]!(a, b) || (a.row.name < b.row.name ? -1 : 1));
    const names = leaves.map(({ row }) => row.name);
    this.sorted.set(key, { stamp, names });
    return names;
  }

  private znode(path: string): Znode {
    const root: Leaf = { row: { name: "", kind: "persistent", children: this.children.get("/")?.size ?? 0 }, data: new Uint8Array(), born: 0 };
    const leaf = path === "/" ? root : this.children.get(parentOf(path))?.get(nameOf(path));
    if (!leaf) return { path, exists: false };
    const { row, data, born } = leaf;
    const some = data.subarray(0, 65_536);
    const children = row.children ?? 0;
    return {
      path, exists: true, kind: row.kind, sequential: row.sequential ?? false, locked: row.locked ?? false, redacted: row.redacted ?? false, preview: row.redacted ? 0 : some.length,
      data: row.redacted ? "" : btoa(String.fromCharCode(...some)), holder: row.holder ?? "", leads: row.leads ?? false,
      summary: row.holder ? `It is ${row.holder}'s candidacy. It will go when that session ends.` : "It has been changed 7 times; six nodes watch it.",
      stat: {
        czxid: zxid(born), mzxid: zxid(born + 14 + (row.version ?? 0)), pzxid: zxid(born), ctime: this.now() - 90_000, mtime: this.now() - 660_000,
        version: row.version ?? 0, cversion: 0, aversion: 0, owner: row.owner ?? "", data_length: data.length, children,
      },
      explained: [
        { field: "czxid", value: "0x5·1a21", words: "The transaction that created it: the 6,689th of epoch 5." },
        { field: "version", value: String(row.version ?? 0), words: "Its data was set 7 times since it was created." },
        { field: "ephemeralOwner", value: "0x200003a7c5e0004", words: "The session that owns it. It goes when this session ends." },
        { field: "numChildren", value: String(children), words: children ? "" : "Ephemeral znodes cannot have children." },
      ],
    };
  }

  /** The classroom's tree, one parent with 100,000 children, and one with names that mean harm. */
  static sample(now: () => number): Forest {
    const forest = new Forest(now);
    for (const path of ["/election", "/service_registry", "/tasks", "/assign", "/config", "/zookeeper", "/hostile", "/deep"]) forest.add(path);
    forest.add("/service_registry", { kind: "container" });
    const names = ["node-5", "node-6", "node-4", "node-7", "node-3", "node-1"];
    names.forEach((holder, at) => forest.add(`/election/c_${digits(at + 4)}`, { kind: "ephemeral", holder, leads: at === 0 }, `10.0.0.${at}:9000`));
    ["node-3", "node-5", "node-4"].forEach((holder, at) => forest.add(`/service_registry/n_${digits(at + 11)}`, { kind: "ephemeral", holder }, '{"host":"10.0.0.3","port":9003}'));
    for (let at = 0; at < 100_000; at += 1) forest.add(`/tasks/task-${digits(at)}`, {}, at % 7 ? "x".repeat(at % 900) : "");
    for (let at = 1; at < 5; at += 1) {
      forest.add(`/assign/worker-${at}`);
      forest.add(`/assign/worker-${at}/task-${digits(at)}`);
    }
    forest.write("/config", '{"queue":"/tasks","batch_size":20,"retry":{"max":3,"backoff_ms":250},"leader_lease_ms":2000,"id":9007199254740993,"drain_on_stop":true,"empty":[]}');
    forest.add("/config/rollout", { kind: "ttl" }, "canary");
    forest.add("/config/secret", { locked: true });
    forest.add("/config/keys", { redacted: true }, "opensesame");
    forest.add("/config/blob", {}, Uint8Array.from({ length: 70_000 }, (_, at) => (at * 37) & 255));
    forest.add("/config/long", {}, Array.from({ length: 900 }, (_, at) => `key.${at} = value ${at}`).join("\n"));
    for (const name of ["<img src=x onerror=alert(1)>", "a\u202egpj.exe", "zero\u200bwidth", "nb\u00a0space ", "שלום", "{{7*7}}", "'\"><script>alert(1)</script>", "__proto__", "constructor", "z͓̻̣͍a̺̫l̥̗g̫̘o", "a".repeat(180)]) {
      forest.add(join("/hostile", name), {}, `<b>${name}</b>`);
    }
    let path = "/deep";
    for (let at = 0; at < 14; at += 1) forest.add((path += `/level-${at}`));
    return forest;
  }
}

const zxid = (counter: number): string => `0x5${(0x1a21 + counter).toString(16).padStart(8, "0")}`;

function regular(text: string): RegExp | null {
  try {
    return new RegExp(text);
  } catch {
    return null;
  }
}

export const digits = (number: number): string => String(number).padStart(10, "0");
