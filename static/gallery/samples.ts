// Views made of fixed values, for looking at the panels without a cluster and for tests of drawing.
import { Store } from "../src/live/store";
import { ENSEMBLES } from "./ensembles";
import { handsOf } from "./office";
import type { Liveness, Selection, View } from "../src/page/view";
import type { Change, Changes, Chapter, Ensemble, Groups, Lane, Mark, Moment, Node, Part, Quorum, Server, Span, Stage, Status, Story, Timeline, Workload } from "../src/protocol";

/** The moment at which all samples are drawn. */
export const NOW = new Date(2026, 2, 3, 10, 42, 18, 300).getTime();

const ELECTION = "/election";
const TIMEOUT = 4000;

export const pad = (number: number): string => String(number).padStart(10, "0");

type Some<T> = { [K in keyof T]?: T[K] };

export function node(slot: number, more: Some<Node> = {}): Node {
  const name = more.name ?? `node-${slot + 1}`;
  const number = more.number ?? slot;
  return {
    id: `node-${slot + 1}`, name, slot, numeral: String(slot + 1), state: "alive", since: NOW - 240_000, joined: NOW - 240_000 + slot * 800,
    session: `0x20003a7c5e${(slot + 16).toString(16).padStart(4, "0")}`, timeout: TIMEOUT, asked: 3000, server: String((slot % 3) + 1),
    heard: NOW - 400 - slot * 90, group: ELECTION, znode: `${ELECTION}/c_${pad(number)}`, number, connection: "connected",
    owns: [`${ELECTION}/c_${pad(number)}`, `/service_registry/n_${pad(number)}`], pid: 4100 + slot, lab: true,
    actions: ["stop", "kill", "pause"], ...more,
  };
}

/** Give each candidate its place and predecessor, by its number. */
export function chain(nodes: Node[]): Node[] {
  const line = nodes.filter((one) => one.state !== "dead" && one.znode && one.number !== undefined).sort((a, b) => a.number! - b.number!);
  const leader = line[0];
  return nodes.map((one) => {
    const place = line.indexOf(one) + 1;
    if (!place) return one;
    const ahead = line[place - 2];
    return {
      ...one, place,
      ...(leader && one.state === "alive" ? { acknowledges: leader.id } : {}),
      ...(ahead ? { watches: ahead.id } : { leads: true, leads_since: one.leads_since ?? NOW - 190_000, elected: one.elected ?? NOW - 189_990 }),
    };
  });
}

export function stage(nodes: Node[], more: Some<Stage> = {}): Stage {
  const line = nodes.filter((one) => one.place).sort((a, b) => a.place! - b.place!);
  return {
    nodes: Object.fromEntries(nodes.map((one) => [one.id, one])), group: ELECTION, layout: "course",
    leader: line[0]?.id ?? "", next: line[1]?.id ?? "", slots: nodes.reduce((most, one) => Math.max(most, one.slot + 1), 0),
    expiry_low: 2700, expiry_high: 6000, ...more,
  };
}

export function server(number: number, more: Some<Server> = {}): Server {
  return {
    id: String(number), address: `127.0.0.1:${2180 + number}`, role: "following", since: NOW - 300_000, version: "3.8.0", zxid: "0x500001a2f",
    behind: 0, latency: [0.8, 0.6, 2.4, 1.1, 0.9, 1.6, 3.2][number - 1] ?? 1, connections: [3, 2, 2, 4, 1, 0, 5][number - 1] ?? 1, outstanding: 0, znodes: 31,
    recent: [0.9, 0.5, 11.2, 1, 0.8, 2.6, 4][number - 1] ?? 1, requests: 40 * number, process: "running", pid: 3900 + number, actions: ["kill"], ...more,
  };
}

export function ensemble(servers: Server[], more: Some<Ensemble> = {}): Ensemble {
  const up = servers.filter((one) => !["down", "looking", "unknown"].includes(one.role)).length;
  const needs = Math.floor(servers.length / 2) + 1;
  const running = servers.filter((one) => !["down", "unknown"].includes(one.role)).length;
  const held = up >= needs;
  const quorum: Quorum = {
    size: servers.length, needs, up: running, can_lose: Math.max(0, running - needs), held,
    words: held ? `needs ${needs} of ${servers.length}, can lose ${running - needs}` : `needs ${needs} of ${servers.length}, only ${running} up`,
  };
  return {
    servers: Object.fromEntries(servers.map((one) => [one.id, one])), quorum,
    leader: servers.find((one) => one.role === "leading")?.id ?? "", epoch: 5, tick: 2000, ...more,
  };
}

const three = (): Ensemble =>
  ensemble([server(1), server(2, { role: "leading" }), server(3, { zxid: "0x500001a2d", behind: 2 })]);

function status(more: Some<Status> = {}): Status {
  return {
    state: "live", since: NOW - 300_000, cluster: "demo", epoch: 1, lab: true, zxid: "0x500001a2f", server: "127.0.0.1:2181",
    session: "0x10003a7c5e0001", timeout: 6000, znodes: 31, rate: 14, rates: Array.from({ length: 60 }, (_, i) => [0, 2, 1, 0, 4, 9, 3, 1][(i * 5) % 8]!),
    cost: { watches: 1, requests: 4.2, received: 21_000, checked: 1_240 }, ...more,
  };
}

const live: Liveness = { word: "LIVE", since: NOW - 300_000, why: "", held: false };

const words = (text: string): Part => ({ text });
const who = (id: string): Part => ({ text: id, kind: "node", ref: id });
const numeral = (n: number): Part => ({ text: String(n), kind: "numeral" });
const path = (text: string): Part => ({ text: text.split("/").pop()!, kind: "znode", ref: text });

function moments(list: Moment[]): Record<string, Moment> {
  return Object.fromEntries(list.map((one) => [one.id, one]));
}

function spans(list: Span[]): Record<string, Span> {
  const ensemble: Span = { id: "seen", lane: "ensemble", start: NOW - 600_000, kind: "alive" };
  return Object.fromEntries([ensemble, ...list].map((one) => [one.id, one]));
}

/** Writes elsewhere in the tree over ten minutes, so that the histogram has a shape. */
function background(from: number, to: number): Moment[] {
  const found: Moment[] = [];
  let seed = 7;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  for (let at = from, i = 0; at < to; i++) {
    at += 400 + random() * (i % 31 < 6 ? 900 : 6_000);
    if (at < to)
      found.push({ id: `w${i}`, lane: "znodes", at, kind: i % 3 ? "data" : "created", label: i % 3 ? "/config set" : `task-${i} created`,
        zxid: `0x5${(6000 + i).toString(16).padStart(8, "0")}`, path: i % 3 ? "/config" : `/tasks/task-${i}` });
  }
  return found;
}

export function lanes(nodes: Node[]): Lane[] {
  return [...nodes.map((one) => ({ id: one.id, name: one.name })), { id: "ensemble", name: "ensemble" }, { id: "znodes", name: "znodes" }];
}

function quiet(nodes: Node[]): Timeline {
  return {
    lanes: lanes(nodes), start: NOW - 600_000, moments: moments(background(NOW - 600_000, NOW)),
    spans: spans(nodes.map((one) => ({ id: `s-${one.id}`, lane: one.id, start: one.joined ?? NOW - 240_000, kind: one.leads ? "leading" : "alive" } as Span))),
  };
}

const EXPIRED = NOW - 7_000;
const KILLED = EXPIRED - 4_212;

/** node-2 led and was killed 11 s ago; its session expired after 4.2 s; node-5 leads now. */
function failoverNodes(): Node[] {
  return chain([
    node(0, { number: 9, joined: NOW - 2_900, since: NOW - 2_900, server: "1" }),
    { ...node(1, { number: 3 }), state: "dead", cause: "kill -9", ended: KILLED, since: EXPIRED, detected: 4_212, server: "", connection: "", actions: ["dismiss"] },
    node(2, { number: 8, server: "1" }),
    node(3, { number: 6, server: "2" }),
    node(4, { number: 4, server: "3", leads_since: EXPIRED + 2, elected: EXPIRED + 14, fired: { on: "node-2", path: `${ELECTION}/c_${pad(3)}`, at: EXPIRED + 6 } }),
    node(5, { number: 5, server: "2", state: "paused", since: NOW - 2_100, expires: NOW + 1_900, expiry: "server", heard: NOW - 2_100, connection: "connected", actions: ["resume", "kill"] }),
    node(6, { number: 7, server: "3" }),
  ]);
}

function failoverTimeline(nodes: Node[]): Timeline {
  const zxid = (n: number): string => `0x500001a${n.toString(16).padStart(2, "0")}`;
  const all: Moment[] = [
    { id: "m1", lane: "node-2", at: KILLED, kind: "killed", label: "killed" },
    { id: "m2", lane: "ensemble", at: EXPIRED, kind: "expired", label: "session expired", zxid: zxid(0x26), delta: 4_212, cause: "m1" },
    { id: "m3", lane: "znodes", at: EXPIRED + 2, kind: "deleted", label: "c_…3 deleted", zxid: zxid(0x26), delta: 2, cause: "m2", path: `${ELECTION}/c_${pad(3)}` },
    { id: "m3b", lane: "znodes", at: EXPIRED + 2.4, kind: "deleted", label: "n_…3 deleted", zxid: zxid(0x26), delta: 2, cause: "m2", path: `/service_registry/n_${pad(3)}` },
    { id: "m4", lane: "node-5", at: EXPIRED + 6, kind: "watch", label: "watch fired", delta: 4, cause: "m3", path: `${ELECTION}/c_${pad(3)}` },
    { id: "m5", lane: "node-5", at: EXPIRED + 14, kind: "leads", label: "leads", delta: 8, cause: "m4" },
    { id: "m6", lane: "znodes", at: EXPIRED + 17, kind: "deleted", label: "n_…4 deleted", zxid: zxid(0x27), delta: 3, cause: "m5", path: `/service_registry/n_${pad(4)}` },
    { id: "m7", lane: "node-3", at: EXPIRED + 19, kind: "acknowledged", label: "acknowledged", delta: 19 },
    { id: "m8", lane: "node-4", at: EXPIRED + 21, kind: "acknowledged", label: "acknowledged", delta: 21 },
    { id: "m9", lane: "node-6", at: EXPIRED + 24, kind: "acknowledged", label: "acknowledged", delta: 24 },
    { id: "m10", lane: "node-7", at: EXPIRED + 26, kind: "acknowledged", label: "acknowledged", delta: 26 },
    { id: "m11", lane: "node-1", at: NOW - 2_900, kind: "session", label: "session created" },
    { id: "m12", lane: "node-1", at: NOW - 2_891, kind: "created", label: "znode", zxid: zxid(0x2c), delta: 9, cause: "m11", path: `${ELECTION}/c_${pad(9)}` },
    { id: "m13", lane: "node-6", at: NOW - 2_100, kind: "paused", label: "paused" },
  ];
  const start = NOW - 600_000;
  const list: Span[] = [
    { id: "a1", lane: "node-1", start: NOW - 2_900, kind: "alive" },
    { id: "a2", lane: "node-2", start: NOW - 239_000, end: KILLED, kind: "leading" },
    { id: "a2s", lane: "node-2", start: KILLED, end: EXPIRED, kind: "silent" },
    ...["node-3", "node-4", "node-7"].map((id): Span => ({ id: `a-${id}`, lane: id, start: NOW - 238_000, kind: "alive" })),
    { id: "a5", lane: "node-5", start: NOW - 236_000, end: EXPIRED + 14, kind: "alive" },
    { id: "a5l", lane: "node-5", start: EXPIRED + 14, kind: "leading" },
    { id: "a6", lane: "node-6", start: NOW - 236_000, end: NOW - 2_100, kind: "alive" },
    { id: "a6p", lane: "node-6", start: NOW - 2_100, kind: "paused" },
  ];
  return { lanes: lanes(nodes), start, moments: moments([...background(start, KILLED - 700), ...all]), spans: spans(list) };
}

function failoverStory(): Story {
  const marks: Mark[] = [
    { n: 1, at: KILLED, on: "node", ref: "node-2", moment: "m1", label: "killed" },
    { n: 2, at: EXPIRED, on: "server", ref: "2", moment: "m2", label: "session expired" },
    { n: 3, at: EXPIRED + 2, on: "znode", ref: `${ELECTION}/c_${pad(3)}`, moment: "m3", path: `${ELECTION}/c_${pad(3)}`, label: "znode deleted" },
    { n: 4, at: EXPIRED + 6, on: "node", ref: "node-5", moment: "m4", label: "watch fired" },
    { n: 5, at: EXPIRED + 14, on: "node", ref: "node-5", moment: "m5", label: "leads" },
  ];
  const failover: Chapter = {
    id: "c7", at: KILLED, end: EXPIRED + 26, marks,
    parts: [
      who("node-2"), words(" was killed "), numeral(1), words(". Its session lived on for 4.2 s "), numeral(2),
      words("; then ZooKeeper deleted "), path(`${ELECTION}/c_${pad(3)}`), words(" "), numeral(3), words(", "), who("node-5"),
      words("’s watch fired "), numeral(4), words(", and it now leads "), numeral(5), words("."),
    ],
  };
  const joined: Chapter = {
    id: "c6", at: NOW - 236_000, end: NOW - 235_980, parts: [who("node-7"), words(" joined and stands last in line "), numeral(1), words(".")],
    marks: [{ n: 1, at: NOW - 236_000, on: "node", ref: "node-7", label: "joined" }],
  };
  return { chapters: { c6: joined, c7: failover }, order: ["c6", "c7"] };
}

function dyingStory(id: string): Story {
  const chapter: Chapter = {
    id: "c1", at: NOW - 2_100, open: true, parts: [who(id), words(" was paused "), numeral(1), words(". Its session lives on until it expires.")],
    marks: [{ n: 1, at: NOW - 2_100, on: "node", ref: id, label: "paused" }],
  };
  return { chapters: { c1: chapter }, order: ["c1"] };
}

const NO_STORY: Story = { chapters: {}, order: [] };

function changesOf(timeline: Timeline | null): Changes {
  const written = Object.values(timeline?.moments ?? {}).filter((one) => one.path && ["created", "deleted", "data", "gap"].includes(one.kind)).sort((a, b) => a.at - b.at);
  const list = written.map((one, i): Change => ({
    id: i + 1, at: one.at, kind: one.kind as Change["kind"], path: one.path!, zxid: one.zxid ?? "", sure: i % 9 !== 0,
    ...(one.kind === "data" ? { version: i, writes: i % 11 === 0 ? 3 : 1 } : {}),
    ...(i ? { delta: one.at - written[i - 1]!.at } : {}),
  }));
  return { changes: Object.fromEntries(list.map((one) => [String(one.id), one])), last: list.length };
}

export interface Parts {
  stage?: Stage | null;
  ensemble?: Ensemble | null;
  timeline?: Timeline | null;
  story?: Story | null;
  status?: Status | null;
  groups?: Groups | null;
  liveness?: Liveness;
  selection?: Selection;
  paused?: View["paused"];
  now?: number;
  /** Values of further topics, for panels that subscribe by themselves. */
  topics?: Record<string, object>;
}

/** A view of these parts, with a store that answers from `topics`; `changes…` is made from the timeline. */
export function view(parts: Parts, size: { width: number; height: number } = { width: 1600, height: 900 }): View {
  const timeline = parts.timeline ?? null;
  const store: Store = new Store((op, topic) => {
    const data = parts.topics?.[topic] ?? (topic.startsWith("changes") ? changesOf(timeline) : null);
    if (op === "subscribe" && data) queueMicrotask(() => store.take({ type: "snapshot", topic, epoch: 1, seq: 1, data }));
  });
  store.opened();
  const send: View["send"] = (intent) => console.info("intent", JSON.stringify(intent));
  return {
    hands: handsOf(store, () => {}), lab: null,
    status: parts.status === undefined ? status() : parts.status,
    ensemble: parts.ensemble === undefined ? three() : parts.ensemble,
    stage: parts.stage === undefined ? stage([]) : parts.stage,
    groups: parts.groups ?? { groups: { [ELECTION]: { path: ELECTION, kind: "election", layout: "course", members: [], leader: "", sure: true } } },
    story: parts.story ?? NO_STORY, timeline, store, now: parts.now ?? NOW, clock: NOW, liveness: parts.liveness ?? live, paused: parts.paused ?? null,
    chapter: null, selection: parts.selection ?? null, page: "cluster", present: false,
    may: new Set(["node.add", "node.stop", "node.kill", "node.pause", "node.resume", "node.dismiss", "server.kill", "server.start", "session.expire", "watches.read"]),
    role: "operator", user: "ann", readOnly: false, clusters: [], label: "", viewers: 37, busy: new Set(), ...size, send,
  };
}

function many(count: number): Parts {
  const nodes = chain(Array.from({ length: count }, (_, i) => node(i, { number: i + 3 })));
  return { stage: stage(nodes), timeline: quiet(nodes) };
}

/** Links that are cut and slow, of nodes and between servers, with what was cut and healed on their lanes. */
function links(): Parts {
  const nodes = chain([
    node(0, { number: 3 }),
    { ...node(1, { number: 4 }), link: "cut off", connection: "suspended" },
    { ...node(2, { number: 5 }), link: "cut one way" },
    { ...node(3, { number: 6 }), link: "slow" },
    { ...node(4, { number: 7 }), link: "partly cut off" },
  ]);
  const timeline = quiet(nodes);
  const list: Moment[] = [
    { id: "k1", lane: "node-2", at: NOW - 3_000, kind: "cut", label: "link cut" },
    { id: "k2", lane: "node-2", at: NOW - 1_300, kind: "suspended", label: "connection lost" },
    { id: "k3", lane: "node-4", at: NOW - 6_000, kind: "cut", label: "link slow" },
    { id: "k4", lane: "node-5", at: NOW - 2_000, kind: "healed", label: "link healed" },
    { id: "k5", lane: "ensemble", at: NOW - 4_000, kind: "cut", label: "server 1 – server 2 cut" },
  ];
  const servers = three();
  const with_ = (id: string, link: string): Ensemble["servers"][string] => ({ ...servers.servers[id]!, link });
  return {
    stage: stage(nodes),
    ensemble: { ...servers, servers: { ...servers.servers, "1": with_("1", "partly cut off"), "2": with_("2", "slow") } },
    timeline: { ...timeline, moments: { ...timeline.moments, ...Object.fromEntries(list.map((one) => [one.id, one])) } },
  };
}

/** So many that they stand in two rows; the last one has just joined, and the ensemble saw one of its servers fall. */
function crowd(count: number): Parts {
  const last = `node-${count}`;
  const at = NOW - 3_000;
  const nodes = chain(Array.from({ length: count }, (_, i) =>
    i === 3 || i === 8 ? { ...node(i, { number: i + 3 }), state: "dead" as const, cause: "kill -9", ended: NOW - 90_000, since: NOW - 86_000, detected: 4_000, server: "", connection: "" as const, actions: ["dismiss"] }
      : node(i, { number: i + 3, ...(i === count - 1 ? { joined: at, since: at } : {}) })));
  const timeline = quiet(nodes);
  const list: Moment[] = [
    { id: "j1", lane: last, at, kind: "started", label: "process started" },
    { id: "j2", lane: last, at: at + 22, kind: "created", label: "c_ created", path: `${ELECTION}/c_${pad(count + 2)}` },
    { id: "j3", lane: last, at: at + 25, kind: "other", label: "watches", delta: 3, cause: "j2" },
    { id: "j4", lane: "ensemble", at: at + 30, kind: "reconnected", label: "connection back" },
  ];
  for (const one of list) timeline.moments[one.id] = one;
  const marks: Mark[] = [
    { n: 1, at, on: "node", ref: last, moment: "j1", label: "started" },
    { n: 2, at: at + 22, on: "znode", ref: `${ELECTION}/c_${pad(count + 2)}`, moment: "j2", path: `${ELECTION}/c_${pad(count + 2)}`, label: "joined" },
    { n: 3, at: at + 25, on: "node", ref: last, moment: "j3", label: "watches" },
    { n: 4, at: at + 30, on: "server", ref: "1", moment: "j4", label: "connection back" },
    { n: 5, at: at + 30, on: "znode", ref: "/lab", path: "/lab", label: "changes" },
  ];
  const chapter: Chapter = { id: "c1", at, end: at + 40, marks, parts: [
    who(last), words(" was started "), numeral(1), words(" and joined the election as "), path(`${ELECTION}/c_${pad(count + 2)}`), words(" "), numeral(2),
    words(": last in line, it watches the one ahead "), numeral(3), words(". Zooscope saw nothing for 5 ms "), numeral(4), words("."),
  ] };
  return { stage: stage(nodes), timeline, story: { chapters: { c1: chapter }, order: ["c1"] } };
}

function failover(): Parts {
  const nodes = failoverNodes();
  return {
    stage: stage(nodes, { failover: { at: EXPIRED + 14, before: "node-2", after: "node-5", detect: 4_212, elect: 14 } }),
    timeline: failoverTimeline(nodes), story: failoverStory(), selection: { kind: "node", id: "node-4" },
  };
}

function paused(expiry: "server" | "estimated"): Parts {
  const nodes = chain([0, 1, 2, 3, 4].map((i) =>
    i === 0 ? node(0, { state: "paused", since: NOW - 2_100, expires: NOW + 1_900, expiry, actions: ["resume", "kill"] }) : node(i)));
  const timeline = quiet(nodes);
  timeline.moments["p1"] = { id: "p1", lane: "node-1", at: NOW - 2_100, kind: "paused", label: "paused" };
  timeline.spans["s-node-1"] = { id: "s-node-1", lane: "node-1", start: NOW - 240_000, end: NOW - 2_100, kind: "leading" };
  timeline.spans["p"] = { id: "p", lane: "node-1", start: NOW - 2_100, kind: "paused" };
  return { stage: stage(nodes), timeline, story: dyingStory("node-1") };
}

function dead(): Parts {
  const gone = (cause: string, detected: number | undefined): Some<Node> => ({
    state: "dead", cause, ended: NOW - 60_000, since: NOW - 56_000, connection: "", server: "", actions: ["dismiss"], ...(detected === undefined ? {} : { detected }),
  });
  const nodes = chain([node(0, gone("kill -9", 4_212)), node(1, gone("stopped", 9)), node(2), node(3, { ...gone("paused too long", 4_800), actions: ["resume", "kill"] }), node(4),
    node(5, { state: "silent", cause: "kill -9", since: NOW - 800, ended: NOW - 800, expires: NOW + 3_400, expiry: "estimated", actions: [] }),
    node(6, { state: "starting", znode: "", number: undefined as never, session: "", server: "", connection: "", since: NOW - 600, joined: NOW - 600, actions: [] })]);
  return { stage: stage(nodes), timeline: quiet(nodes.filter((one) => one.state === "alive")) };
}

function noQuorum(): Parts {
  const since = NOW - 42_000;
  const gone: Some<Server> = { role: "down", since, process: "killed", reason: "killed at 10:41:36", actions: ["start"], latency: undefined as never, connections: undefined as never };
  const nodes = chain([0, 1, 2, 3, 4].map((i) => node(i, { connection: "suspended", heard: since })));
  return {
    stage: stage(nodes),
    ensemble: ensemble([server(1, { ...gone }), server(2, { ...gone }), server(3, { role: "looking", since, reason: "no leader is known to it", behind: undefined as never })]),
    timeline: quiet(nodes), status: status({ state: "no-quorum", since }), liveness: { word: "NO QUORUM", since, why: "1 of 3 servers is up; 2 are needed. Nothing can be written.", held: false },
  };
}

function servers(count: number): Parts {
  const parts = many(7);
  const all = Array.from({ length: count }, (_, i) => server(i + 1, i === 4 ? { role: "leading" } : i === 5 ? { role: "down", reason: "connection refused", process: "" } : i === 6 ? { role: "observing", voter: false, behind: 12 } : {}));
  return { ...parts, ensemble: ensemble(all) };
}

function foreign(): Parts {
  const names = ["10.0.3.17:8080", "10.0.3.18:8080", "10.0.3.21:8080"];
  const nodes = chain(names.map((name, i) => node(i, { id: `s${i}`, name, number: 104 + i, lab: false, actions: [], pid: 0, server: "", group: "/app/lock", znode: `/app/lock/3f2a9c1d5e6b47f08a1c2d3e4f5a6b7c__lock__${pad(104 + i)}` })));
  return {
    stage: stage(nodes, { group: "/app/lock", layout: "kazoo lock" }), timeline: quiet(nodes), status: status({ lab: false, cluster: "zk1:2181" }),
    groups: { groups: {
      "/app/lock": { path: "/app/lock", kind: "lock", layout: "kazoo lock", members: [], sure: false },
      "/services/orders": { path: "/services/orders", kind: "registry", layout: "Curator ServiceDiscovery", members: [] },
      "/workers": { path: "/workers", kind: "membership", layout: "Party", members: [] },
    } },
    ensemble: ensemble([server(1, { actions: [], process: "" }), server(2, { role: "leading", actions: [], process: "" }), server(3, { role: "unknown", reason: "it does not answer 'srvr' (4lw.commands.whitelist)", actions: [], process: "" })], { missing: "AdminServer is off: set admin.enableServer=true to see sessions." }),
  };
}

function hostile(): Parts {
  const names = ["n".repeat(200), "<img src=x onerror=alert(1)>", "עובד־שלוש \u202Eabc", "工作者节点一二三四五六七", "a\u0007b\nc", "&amp;\"'</svg>", "node-7"];
  const nodes = chain(names.map((name, i) => node(i, { id: `h${i}`, name, numeral: i === 3 ? "工" : i === 0 ? "123" : String(i + 1), number: i === 1 ? 2_147_483_647 : i,
    znode: i === 2 ? `/election/${"x".repeat(180)}${pad(i)}` : i === 5 ? "/election/</text><script>" : `/election/c_${pad(i === 1 ? 2_147_483_647 : i)}` })));
  const timeline = quiet(nodes);
  timeline.moments["x"] = { id: "x", lane: "h1", at: NOW - 4_000, kind: "other", label: "<b>bold</b> ".repeat(20), zxid: "0x1" };
  return { stage: stage(nodes), timeline, ensemble: ensemble([server(1, { id: "zk-very-long-host-name.example.internal:2181", address: "zk-very-long-host-name.example.internal:2181" }), server(2, { role: "leading" }), server(3)]) };
}

function gap(): Parts {
  const parts = many(5);
  const timeline = parts.timeline!;
  const gap = NOW - 8_200;
  timeline.spans["g"] = { id: "g", lane: "znodes", start: gap - 3_200, end: gap, kind: "gap" };
  timeline.moments["g1"] = { id: "g1", lane: "znodes", at: gap, kind: "gap", label: "connection lost 3.2 s; 2 changes found afterwards" };
  return parts;
}

function bursts(): Parts {
  const parts = failover();
  const timeline = parts.timeline!;
  [0, 3, 7, 12, 30].forEach((ms, i) => (timeline.moments[`b${i}`] = { id: `b${i}`, lane: i % 2 ? "ensemble" : "znodes", at: NOW - 1_400 + ms, kind: i % 2 ? "other" : "created", label: `task-${i} created`, delta: ms, zxid: `0x500001b0${i}`, path: `/tasks/task-${i}` }));
  return parts;
}

/** A workload at work: what stands before each node of `stage`; the dead left something behind. */
export function workload(stage: Stage | null, more: Some<Workload> = {}): Workload {
  const nodes = Object.values(stage?.nodes ?? {}).filter((one) => one.id !== stage?.leader);
  const workers = Object.fromEntries(
    nodes.map((one, at) => [`n_${pad(at + 2)}`, { node: one.id, queue: one.state === "dead" ? 9 : (at * 7 + 5) % 25, done: 30 + ((at * 37) % 90), rate: one.state === "dead" ? 0 : 20 + ((at * 13) % 29) / 2, ...(one.state === "dead" ? { gone: true } : {}) }]),
  );
  const assigned = Object.values(workers).reduce((sum, one) => sum + one.queue, 0);
  return {
    state: "making", tasks: 5_000, made: 2_310, waiting: 412, assigned, done: 2_310 - 412 - assigned, again: 24, work: 20, oldest: NOW - 2_400, rate: 142.4,
    rates: Array.from({ length: 60 }, (_, at) => (at < 14 ? 0 : at > 33 && at < 39 ? 12 : 120 + ((at * 31) % 47))), workers, checked: 2_310, ...more,
  };
}

export const SAMPLES: Record<string, () => Parts> = {
  failover,
  zero: () => many(0),
  "zero-foreign": () => ({ stage: stage([], { group: "", layout: "" }), groups: { groups: {} }, status: status({ lab: false }), timeline: quiet([]) }),
  one: () => many(1),
  five: () => many(5),
  seven: () => many(7),
  twelve: () => ({ ...many(12), selection: { kind: "node", id: "node-8" } }),
  fourteen: () => crowd(14),
  sixteen: () => crowd(16),
  twenty: () => many(20),
  forty: () => ({ ...many(40), selection: { kind: "node", id: "node-18" } }),
  paused: () => paused("server"),
  estimated: () => paused("estimated"),
  dead,
  noquorum: noQuorum,
  stale: () => ({ ...failover(), liveness: { word: "STALE", since: NOW - 3_200, why: "The bridge lost its connection to 127.0.0.1:2181.", held: false } }),
  readonly: () => ({ ...failover(), liveness: { word: "READ-ONLY", since: NOW - 9_000, why: "Server 3 has lost its quorum and serves reads only.", held: false } }),
  held: () => ({ ...failover(), paused: { since: NOW, changes: 12 } }),
  "bridge-gone": () => ({ ...failover(), liveness: { word: "BRIDGE GONE", since: NOW - 8_000, why: "The bridge process has ended; it is started again.", held: true } }),
  connecting: () => ({ stage: null, ensemble: null, timeline: null, status: null, liveness: { word: "CONNECTING", since: NOW - 2_000, why: "", held: true } }),
  servers1: () => ({ ...many(5), ensemble: ensemble([server(1, { role: "standalone" })]) }),
  servers5: () => servers(5),
  servers7: () => servers(7),
  foreign,
  hostile,
  bursts,
  gap,
  links,
  ...ENSEMBLES,
};

/** The sample of this name, or the first one. */
export function sample(name: string, size?: { width: number; height: number }): View {
  return view((SAMPLES[name] ?? failover)(), size);
}
