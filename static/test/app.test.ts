import { beforeEach, describe, expect, it, vi } from "vitest";
import { Hands } from "../src/hands/hands";
import { permitsOf } from "../src/hands/permits";
import { ServerClock } from "../src/live/clock";
import type { SocketState } from "../src/live/liveness";
import { Store } from "../src/live/store";
import { Actions } from "../src/page/actions";
import { App } from "../src/page/app";
import { question } from "../src/page/dialogs";
import { forPage, intentOf, keysFor } from "../src/page/keys";
import { pace } from "../src/page/loop";
import { Router } from "../src/page/router";
import { ThemeChoice } from "../src/page/theme";
import { Toasts } from "../src/page/toasts";
import { node, stage } from "../gallery/samples";

const MAY = ["node.add", "node.kill", "node.pause", "server.kill"];
let asked: string[];
let posts: string[];
let answer: () => Promise<Response>;
let state: SocketState;
let store: Store;
let toasts: Toasts;
let app: App;

const snapshot = (topic: string, data: object, seq = 1) => app.take({ type: "snapshot", topic, epoch: 1, seq, data });
const beat = (received = Date.now()) => app.take({ type: "beat", at: received, viewers: 4 }, received);

beforeEach(() => {
  history.replaceState(null, "", "/");
  asked = [];
  posts = [];
  answer = () => Promise.resolve(new Response("{}", { status: 200 }));
  state = { kind: "open", since: Date.now() };
  store = new Store((op, topic) => asked.push(`${op} ${topic}`));
  store.opened();
  toasts = new Toasts(() => {});
  const actions = new Actions("t", () => {}, ((address: string, { method = "" }: RequestInit) => (posts.push(method === "POST" ? address : `${method} ${address}`), answer())) as typeof fetch);
  app = new App({
    store,
    clock: new ServerClock(),
    socket: () => state,
    router: new Router(window, (place) => app.arrive(place)),
    theme: new ThemeChoice(document.documentElement),
    actions,
    toasts,
    hands: new Hands({ actions, toasts, store, redraw: () => {}, drawNow: () => {}, show: () => {} }),
    joinAddress: () => Promise.resolve({ url: "http://zoo.test/join/x", problem: null }),
    redraw: () => {},
    redrawSoon: () => {},
    role: "",
  });
  app.start();
  app.take({ type: "hello", run: "r", cluster: "demo", at: Date.now(), role: "operator", may: MAY });
  beat();
  snapshot("status", { state: "live", since: Date.now() - 1_000, cluster: "demo", epoch: 1, lab: true });
  snapshot("stage", stage([node(0), node(1)]));
});

describe("App, for a projector", () => {
  beforeEach(() => sessionStorage.clear());

  /** The page loaded again in the same tab. */
  const reloaded = (): App => {
    const parts = (app as unknown as { parts: ConstructorParameters<typeof App>[0] }).parts;
    const again = new App(parts);
    again.start();
    return again;
  };

  it("stays with the figure alone over a reload, and not once it was left", () => {
    app.send({ want: "present" });
    expect(reloaded().view().present).toBe(true);
    app.send({ want: "present" });
    expect(reloaded().view().present).toBe(false);
    app.send({ want: "present" });
    app.send({ want: "go", to: "tree" });
    expect(reloaded().view().present).toBe(false);
  });

  it("closes the bar of the selected node by Escape, and then leaves", () => {
    app.send({ want: "present" });
    app.send({ want: "select", what: { kind: "node", id: "node-1" } });
    app.escape();
    expect(app.view()).toMatchObject({ present: true, selection: null });
    app.escape();
    expect(app.view().present).toBe(false);
  });
});

describe("App", () => {
  it("dismisses all graves by a request each, and stops at the first that is refused", async () => {
    app.take({ type: "hello", run: "r", cluster: "demo", at: Date.now(), role: "operator", may: ["node.dismiss"] });
    app.send({ want: "dismiss", ids: ["node-1", "node-2"] });
    await vi.waitFor(() => expect(posts).toEqual(["/api/nodes/node-1/dismiss", "/api/nodes/node-2/dismiss"]));
    posts.length = 0;
    answer = () => Promise.resolve(new Response(JSON.stringify({ problem: { code: "not-possible", text: "No.", hint: "" } }), { status: 409 }));
    app.send({ want: "dismiss", ids: ["node-3", "node-4"] });
    await vi.waitFor(() => expect(toasts.shown).toMatchObject([{ title: "Dismiss node-3: not done." }]));
    expect(posts).toEqual(["/api/nodes/node-3/dismiss"]);
  });

  it("dismisses nothing for whoever may not", () => {
    app.send({ want: "dismiss", ids: ["node-1"] });
    expect(posts).toEqual([]);
  });

  it("does not take whoever is not on the stage any more to the next page", () => {
    app.send({ want: "select", what: { kind: "node", id: "node-2" } });
    app.send({ want: "go", to: "lab" });
    expect(app.view().selection).toEqual({ kind: "node", id: "node-2" });
    snapshot("stage", stage([node(0)]), 2);
    app.send({ want: "go", to: "cluster" });
    expect(app.view().selection).toBeNull();
    expect(location.search).toBe("");
  });

  it("asks for its topics and knows who it is for", () => {
    expect(asked).toEqual(["status", "ensemble", "groups", "story", "timeline", "alerts", "workload", "stage"].map((topic) => `subscribe ${topic}`));
    expect(app.view()).toMatchObject({ role: "operator", viewers: 4, liveness: { word: "LIVE" } });
  });

  it("asks before a node is killed, and not before it is paused", async () => {
    app.send({ want: "act", method: "node.kill", id: "node-1" });
    expect(posts).toEqual([]);
    expect(app.dialog).toEqual({ kind: "confirm", method: "node.kill", id: "node-1" });
    app.confirm("node.kill", "node-1", false);
    expect(app.dialog).toBeNull();
    app.send({ want: "act", method: "node.pause", id: "node-2" });
    expect(posts).toEqual(["/api/nodes/node-1/kill", "/api/nodes/node-2/pause"]);
  });

  describe("a cut that costs the quorum", () => {
    const COST = "At most 1 of 3 servers would still hear each other, and a quorum needs 2.";
    const body = { from: "server-1", to: "ensemble", both: true, seconds: 30 };
    beforeEach(() => {
      app.take({ type: "hello", run: "r", cluster: "demo", at: Date.now(), role: "operator", lab: true, may: [...MAY, "link.cut"] });
    });

    it("says so and asks, once, and only then", () => {
      snapshot("lab", { faults: {}, links: {}, processes: {}, network: true, costs: { "server-1>ensemble": COST } });
      app.send({ want: "act", method: "link.cut", id: "server-2>ensemble", body: { ...body, from: "server-2" } });
      expect(posts).toEqual(["/api/links/cut"]);
      app.send({ want: "act", method: "link.cut", id: "server-1>ensemble", body });
      expect(app.dialog).toEqual({ kind: "confirm", method: "link.cut", id: "server-1>ensemble", body, told: COST });
      expect(posts).toHaveLength(1);
      expect(question("link.cut", "server-1>ensemble", app.view(), body, COST)).toMatchObject({ title: "Cut the link between server 1 and the other servers?", grave: true });
      app.confirm("link.cut", "server-1>ensemble", true);
      expect(posts).toHaveLength(2);
    });

    it("is asked about when only the bridge knew it, and sent again with force", async () => {
      answer = () => Promise.resolve(new Response(JSON.stringify({ problem: { code: "would-lose-quorum", text: COST, hint: "" } }), { status: 409 }));
      app.send({ want: "act", method: "link.cut", id: "server-1>ensemble", body });
      await vi.waitFor(() => expect(app.dialog).toEqual({ kind: "confirm", method: "link.cut", id: "server-1>ensemble", body, told: COST }));
      expect(toasts.shown).toEqual([]);
      app.confirm("link.cut", "server-1>ensemble", true);
      await vi.waitFor(() => expect(toasts.shown).toHaveLength(1));
      expect(app.dialog).toBeNull();
    });
  });

  it("says what was healed and what stays as it is", async () => {
    app.take({ type: "hello", run: "r", cluster: "demo", at: Date.now(), role: "operator", lab: true, may: [...MAY, "lab.heal"] });
    snapshot("lab", { faults: {}, links: {}, processes: {}, ended: { "node-2": { at: 1, how: "killed" } } });
    answer = () => Promise.resolve(new Response(JSON.stringify({ result: "ok", links: 2, resumed: 1, started: 0 })));
    app.send({ want: "act", method: "lab.heal", id: "" });
    await vi.waitFor(() => expect(toasts.shown[0]).toMatchObject({ title: "Healed: 2 faults of links, 1 process resumed.", text: "node-2 has ended and stays so until started again." }));
  });

  it("does nothing that is not permitted", () => {
    app.send({ want: "act", method: "node.stop", id: "node-1" });
    app.send({ want: "act", method: "node.explode", id: "node-1" });
    expect(app.dialog).toBeNull();
    expect(posts).toEqual([]);
  });

  it("says of an unknown result that it is unknown", async () => {
    answer = () => Promise.reject(new TypeError("network"));
    app.send({ want: "act", method: "node.add", id: "" });
    await vi.waitFor(() => expect(toasts.shown).toHaveLength(1));
    expect(toasts.shown[0]).toMatchObject({ tone: "unknown", title: "Add node: unknown." });
  });

  it("shows the moment of the pause, counts what is missed, and shows what is now after", () => {
    app.send({ want: "pause" });
    const { now } = app.view();
    snapshot("changes?limit=1", { changes: {}, last: 100, writes: 100 });
    snapshot("changes?limit=1", { changes: {}, last: 102, writes: 112 }, 2);
    snapshot("stage", stage([node(0)]), 2);
    expect(Object.keys(app.view().stage?.nodes ?? {})).toHaveLength(2);
    expect(app.view()).toMatchObject({ now, paused: { changes: 12 } });
    expect(pace(app.view())).toBe(0);
    app.send({ want: "resume" });
    expect(Object.keys(app.view().stage?.nodes ?? {})).toHaveLength(1);
    expect(app.view().paused).toBeNull();
    expect(asked.at(-1)).toBe("unsubscribe changes?limit=1");
  });

  it("goes on telling the state of the connection while paused", () => {
    app.send({ want: "pause" });
    snapshot("status", { state: "no-quorum", since: Date.now(), cluster: "demo", epoch: 1 }, 2);
    expect(app.view().liveness.word).toBe("NO QUORUM");
    expect(app.view().status?.state).toBe("live");
  });

  it("stops the clock of what is shown when nothing comes any more", () => {
    app.view();
    const last = Date.now() - 60_000;
    beat(last);
    expect(app.view().liveness).toMatchObject({ word: "STALE", held: true });
    expect(app.view().now).toBeLessThan(app.view().clock - 50_000);
  });

  it("never calls an old status live on a new connection", () => {
    state = { kind: "waiting", since: Date.now(), retryAt: Date.now() + 300, why: "Gone." };
    app.closed();
    expect(app.view().liveness.word).toBe("OFFLINE");
    state = { kind: "open", since: Date.now() };
    store.opened();
    beat();
    expect(app.view().liveness.word).toBe("CONNECTING");
    snapshot("status", { state: "live", since: 0, cluster: "demo", epoch: 2 });
    expect(app.view().liveness).toMatchObject({ word: "CONNECTING", held: true });
    snapshot("stage", stage([node(0)]));
    expect(app.view().liveness).toMatchObject({ word: "LIVE", held: false });
  });

  it("never calls the state of an older run live", () => {
    app.take({ type: "beat", at: Date.now(), bridge: "gone", since: Date.now() });
    expect(app.view().liveness.word).toBe("BRIDGE GONE");
    app.take({ type: "hello", run: "r2", cluster: "demo", at: Date.now(), role: "operator", may: MAY });
    beat();
    expect(app.view().liveness).toMatchObject({ word: "CONNECTING", held: true });
    snapshot("stage", stage([node(0)]));
    expect(app.view().liveness.word).toBe("CONNECTING");
    snapshot("status", { state: "connecting", since: Date.now(), cluster: "demo", epoch: 0 });
    expect(app.view().liveness.word).toBe("CONNECTING");
    snapshot("status", { state: "live", since: Date.now(), cluster: "demo", epoch: 1 }, 2);
    expect(app.view().liveness.word).toBe("LIVE");
  });

  it("believes nothing from before the bridge was gone, be it the same run", () => {
    app.take({ type: "beat", at: Date.now(), bridge: "gone", since: Date.now() });
    beat();
    expect(app.view().liveness.word).toBe("CONNECTING");
    snapshot("status", { state: "live", since: Date.now(), cluster: "demo", epoch: 1 });
    snapshot("stage", stage([node(0)]));
    expect(app.view().liveness.word).toBe("LIVE");
  });

  it("stays live when its rights alone have changed", () => {
    app.take({ type: "hello", run: "r", cluster: "demo", at: Date.now(), role: "viewer", user: "bob", read_only: true });
    expect(app.view()).toMatchObject({ role: "viewer", user: "bob", readOnly: true, liveness: { word: "LIVE" } });
  });

  it("keeps what is inspected in the address", () => {
    app.send({ want: "select", what: { kind: "node", id: "node-2" } });
    expect(location.search).toBe("?node=node-2");
    app.send({ want: "go", to: "tree" });
    expect(location.pathname + location.search).toBe("/tree");
    app.send({ want: "go", to: "cluster" });
    expect(app.view().selection).toEqual({ kind: "node", id: "node-2" });
    app.escape();
    expect(location.search).toBe("");
  });

  it("takes another group's stage", () => {
    app.send({ want: "group", path: "/app/lock" });
    expect(asked.slice(-2)).toEqual(["unsubscribe stage", "subscribe stage?group=%2Fapp%2Flock"]);
    expect(app.view().stage).toBeNull();
  });
});

describe("keys", () => {
  const press = (key: string, target: Element, more: KeyboardEventInit = {}) => {
    let meant = false;
    const listen = (event: Event) => (meant = forPage(event as KeyboardEvent));
    window.addEventListener("keydown", listen, { once: true });
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
    window.removeEventListener("keydown", listen);
    return meant;
  };

  it("leaves what is typed, pressed or combined alone", () => {
    document.body.innerHTML = "<input><button></button><dialog><p></p></dialog><div></div>";
    const [input, button, inDialog, ground] = ["input", "button", "dialog p", "div"].map((name) => document.querySelector(name) as Element) as [Element, Element, Element, Element];
    expect(press("p", input)).toBe(false);
    expect(press("Escape", input)).toBe(true);
    expect(press(" ", button)).toBe(false);
    expect(press("p", button)).toBe(true);
    expect(press(" ", ground)).toBe(true);
    expect(press("p", ground, { ctrlKey: true })).toBe(false);
    document.querySelector("dialog")?.setAttribute("open", "");
    expect(press("Escape", inDialog)).toBe(false);
    expect(press("Escape", document.body)).toBe(false);
  });

  it("asks for what the list of keys says", () => {
    const view = app.view();
    expect(intentOf(" ", view)).toEqual({ want: "pause" });
    expect(intentOf("/", view)).toBe("search");
    expect(intentOf("[", view)).toBeNull();
    expect(intentOf("?", view)).toEqual({ want: "dialog", which: "keys" });
    expect(intentOf("x", view)).toBeNull();
  });

  it("are listed as far as they do something for this person", () => {
    const listed = (): string[] => keysFor(app.view()).flatMap(({ keys }) => keys.map((one) => one.keys[0] ?? ""));
    expect(listed()).toContain("a");
    app.take({ type: "hello", run: "r", cluster: "demo", at: Date.now(), role: "viewer", may: [] });
    expect(listed()).not.toContain("a");
    for (const key of ["n", "e", "m", "F2", "Del", "Insert"]) expect(listed()).not.toContain(key);
  });

  it("say that letters do nothing to a znode in the tree", () => {
    const { hands } = app.view();
    hands.permits = permitsOf(["znode.set", "subtree.move", "znode.create"]);
    const parts = (key: string) => keysFor(app.view()).filter(({ keys }) => keys.some((one) => one.keys[0] === key)).map(({ title }) => title);
    expect(parts("m")).toEqual(["On the znode that is shown"]);
    expect(parts("F2")).toEqual(["On the znode that is shown", "In the tree, on the znode that the keyboard is on"]);
    expect(parts("a…z")).toEqual(["In the tree, on the znode that the keyboard is on"]);
    expect(parts("e")).toEqual([]);
    hands.edit = () => {};
    expect(parts("e")).toEqual(parts("m"));
  });
});

describe("pace", () => {
  it("is quick only while something counts down", () => {
    expect(pace(app.view())).toBe(250);
    snapshot("stage", stage([node(0, { state: "paused", expires: Date.now() + 3_000 })]), 3);
    expect(pace(app.view())).toBe(100);
  });
});

describe("the group on the stage", () => {
  const group = (path: string) => ({ path, kind: "election", layout: "course", members: [], leader: "" });
  const groups = (seq: number, ...paths: string[]) => snapshot("groups", { groups: Object.fromEntries(paths.map((path) => [path, group(path)])) }, seq);

  it("gives way to the main one when it is gone", () => {
    groups(1, "/election", "/election_herd");
    app.send({ want: "group", path: "/election_herd" });
    expect(asked.at(-1)).toBe("subscribe stage?group=%2Felection_herd");
    snapshot("stage?group=%2Felection_herd", { ...stage([]), group: "/election_herd" });
    groups(2, "/election");
    expect(asked.at(-1)).toBe("subscribe stage");
    expect(toasts.shown.at(-1)).toMatchObject({ title: "/election_herd is gone." });
    snapshot("stage", stage([node(0), node(1)]), 2);
    expect(app.view().stage?.group).toBe("/election");
    expect(location.search).toBe("");
  });

  it("is kept in the address, and read from it", () => {
    groups(1, "/election", "/service_registry");
    app.send({ want: "group", path: "/service_registry" });
    expect(location.search).toBe("?group=%2Fservice_registry");
    app.send({ want: "select", what: { kind: "server", id: "1" } });
    expect(location.search).toBe("?group=%2Fservice_registry&server=1");
    app.arrive({ page: "cluster", selection: null });
    expect(asked.at(-1)).toBe("subscribe stage");
    app.arrive({ page: "cluster", selection: null, group: "/service_registry" });
    expect(asked.at(-1)).toBe("subscribe stage?group=%2Fservice_registry");
  });
});
