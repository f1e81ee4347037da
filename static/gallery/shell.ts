// Draws the whole page from a sample, without a cluster: ?sample=failover&theme=dark&dialog=keys&page=tree&present. A development aid.
import "../src/style/tokens.css";
import type { Dialog } from "../src/page/dialogs";
import { NO_TABS, tabsAfter } from "../src/page/inspector";
import { forPage, intentOf } from "../src/page/keys";
import { actionOf } from "../src/page/consequences";
import { PAGES } from "../src/page/pages";
import { Shell } from "../src/page/shell";
import { SCENARIO_TOPIC } from "../src/lab/scenariotopic";
import { Toasts } from "../src/page/toasts";
import type { Intent, View } from "../src/page/view";
import { focusGoto } from "../src/tree/treepanel";
import type { DeedId } from "../src/hands/deeds";
import { shownTarget } from "../src/hands/target";
import { ReconfigSheet } from "../src/ensemble/reconfig";
import { attendance, partingOf, sessionsOf, watches } from "./attendance";
import { Forest } from "./forest";
import { members } from "./members";
import { CHANGES, handsOf } from "./office";
import { sampleOffice } from "./works";
import { NOW, sample, SAMPLES, workload } from "./samples";
import { ALERTS, feed, type PlotSample } from "./watched";
import { SCENARIOS } from "./scenarios";

const query = new URLSearchParams(location.search);
const { dataset } = document.documentElement;
dataset["theme"] = query.get("theme") ?? "light";

const root = document.getElementById("app") as HTMLElement;
const made = sample(query.get("sample") ?? Object.keys(SAMPLES)[0] ?? "", { width: innerWidth, height: innerHeight });
const page = PAGES.find(({ name }) => name === query.get("page"))?.name ?? "cluster";
const forest = Forest.sample(() => NOW);
// &sessions=40 of them, &kind=bare without AdminServer.
const all = attendance(Number(query.get("sessions") ?? 3), query.get("kind") ?? "");
forest.others = (name, asked) => (name === "sessions" ? sessionsOf(all, asked, query.get("kind") ?? "") : name === "session" ? partingOf(all, asked.get("id") ?? "") : null);
// The ensemble’s page draws from topics of the sample’s own.
const store = page === "ensemble" || page === "lab" ? made.store : forest.store;
// ?page=ensemble&plots=full|gaps|young|empty|problem|untold&servers=7&alerts=quiet|firing&span=24h
if (query.has("plots")) feed(store, Number(query.get("servers") ?? 3), query.get("plots") as PlotSample, ALERTS[query.get("alerts") ?? "quiet"]!);
const toasts = new Toasts(() => requestAnimationFrame(draw));
const office = sampleOffice(query.get("refuse"));
office.answers.unshift(watches);
const hands = handsOf(store, () => requestAnimationFrame(draw), office, toasts, (path) => send({ want: "select", what: { kind: "znode", path } }));
let view: View = { ...made, store, hands, send, page, present: query.has("present") };
// &scenario=running shows the run of a scenario, on &page=lab and beside the figure.
const scenario = SCENARIOS[query.get("scenario") ?? ""];
if (scenario) {
  store.subscribe(SCENARIO_TOPIC, () => {});
  store.take({ type: "snapshot", topic: SCENARIO_TOPIC, epoch: 1, seq: 1, data: { ...scenario() } });
  view = { ...view, may: new Set([...view.may, "scenario.run"]) };
}
let tabs = tabsAfter(NO_TABS, view.selection);
let dialog: Dialog | null = null;

const shell = new Shell(root, {
  confirm: (method, id) => {
    toasts.add("unknown", `${method} ${id}: unknown.`, "No answer came. It may or may not have been done: look at the figure before you try again.");
    close();
  },
  close,
  leave: hands.leave,
  stay: hands.stay,
  copy: () => {},
});

function close(): void {
  dialog = null;
  hands.close();
  requestAnimationFrame(draw);
}

function send(intent: Intent): void {
  if (intent.want === "select" || intent.want === "close-inspector") {
    const what = intent.want === "select" ? intent.what : null;
    tabs = tabsAfter(tabs, what);
    view = { ...view, selection: what };
  } else if (intent.want === "chapter") view = { ...view, chapter: intent.id };
  else if (intent.want === "go") view = { ...view, page: intent.to };
  else if (intent.want === "present") view = { ...view, present: !view.present };
  else if (intent.want === "theme") dataset["theme"] = dataset["theme"] === "dark" ? "light" : "dark";
  else if (intent.want === "pause") view = { ...view, paused: { since: view.now, changes: 12 } };
  else if (intent.want === "resume") view = { ...view, paused: null };
  else if (intent.want === "dialog") dialog = intent.which === "keys" ? { kind: "keys" } : { kind: "join", url: "http://192.168.1.20:8000/join/3vT0cZxk2Qy8mB5nR7wJ4hLp6sDf1aGe", problem: null, copied: false };
  else if (intent.want === "deed") hands.act(intent.deed, shownTarget(view), view);
  else if (intent.want === "act" && actionOf(intent.method)?.asks) dialog = { kind: "confirm", method: intent.method, id: intent.id };
  requestAnimationFrame(draw);
}

function draw(): void {
  shell.draw(view, { tabs, dialog, toasts });
}

window.addEventListener("keydown", (event) => {
  if (!forPage(event)) return;
  const intent = intentOf(event.key, view);
  if (intent === "search") focusGoto();
  else if (intent === "escape") void (hands.escape() || send({ want: "close-inspector" }));
  else if (intent) send(intent);
  if (intent) event.preventDefault();
});
window.addEventListener("resize", () => {
  view = { ...view, width: innerWidth, height: innerHeight };
  draw();
});

// ?workload puts one on the stage and on the lab's page; =wrong: one of which the check finds fault, =done: one at its end.
const load = query.get("workload");
if (load !== null) {
  view = { ...view, may: new Set([...view.may, "workload.run"]), status: { ...view.status!, lab: true } };
  const wrong = { violated: 1, violations: [{ task: 741, what: "twice" as const, at: NOW }] };
  const value = load === "" ? workload(view.stage) : load === "wrong" ? workload(view.stage, wrong) : workload(null, { state: "done", made: 5_000, done: 5_000, checked: 5_000, waiting: 0, rate: 0 });
  store.subscribe("workload", () => requestAnimationFrame(draw));
  // After the forest, which answers every topic as one of its own.
  setTimeout(() => store.take({ type: "snapshot", topic: "workload", epoch: 1, seq: 9, data: value }), 50);
}
const select = query.get("select");
if (select) send({ want: "select", what: select.startsWith("/") ? { kind: "znode", path: select } : /^\d/.test(select) ? { kind: "server", id: select } : { kind: "node", id: select } });
if (query.get("dialog") === "keys" || query.get("dialog") === "join") send({ want: "dialog", which: query.get("dialog") as "keys" | "join" });
const act = query.get("act")?.split(" ");
if (act) send({ want: "act", method: act[0] ?? "", id: act[1] ?? "" });
if (query.has("toast")) toasts.add("problem", "Kill server 1: not done.", "1 of 3 servers would be left; 2 are needed. Start server 3 first.");
draw();

// ?may lets it change znodes; &deed=create opens a sheet on &on=/config (comma: several), &deed=menu the menu, &deed=reconfig the sheet of members, &job=1 a work.
if (query.has("may")) void show();

async function show(): Promise<void> {
  await hands.learn(CHANGES);
  const paths = (query.get("on") ?? "/config").split(",");
  const targets = paths.map((path) => ({ path, children: path === "/config" ? 5 : 0, ephemeral: false, locked: false }));
  const deed = query.get("deed");
  view = { ...view, may: new Set([...view.may, "ensemble.reconfig", "server.add", "server.remove", "server.wipe"]) };
  office.answers.unshift(members(query.get("refuse") ?? ""));
  if (paths.length > 1) for (const path of paths) hands.picked.toggle({ path, version: 0, czxid: "0x1", children: 0 });
  if (deed === "menu") hands.openMenu(view, targets, { x: Number(query.get("x") ?? 300), y: 320 }, null);
  else if (deed === "reconfig") hands.open(new ReconfigSheet(hands));
  else if (deed === "tray") hands.tray = true;
  else if (deed) hands.act(deed as DeedId, targets, view);
  const job = hands.jobs.all[Number(query.get("job") ?? NaN)];
  if (job) hands.openJob(job.id);
  requestAnimationFrame(draw);
}
