// Draws the tree and the znode inspector on a tree of fixed values: ?theme=dark&path=/config&live. A development aid.
import { html, nothing, render } from "lit-html";
import "../src/style/tokens.css";
import "./tree.css";
import type { Intent, View } from "../src/page/view";
import { sprite } from "../src/style/icons";
import { treePanel } from "../src/tree/treepanel";
import { znodePane } from "../src/tree/znodepane";
import { digits, Forest } from "./forest";
import { sample } from "./samples";

const query = new URLSearchParams(location.search);
document.documentElement.dataset["theme"] = query.get("theme") ?? "light";
const root = document.getElementById("panels")!;
const forest = Forest.sample(Date.now);
let view: View = { ...sample("failover", { width: innerWidth, height: innerHeight }), now: Date.now(), store: forest.store, send, selection: { kind: "node", id: "node-4" } };
const path = query.get("path");
if (path) view.selection = { kind: "znode", path };
let due = false;

function send(intent: Intent): void {
  if (intent.want === "select") view = { ...view, selection: intent.what };
  if (due) return;
  due = true;
  requestAnimationFrame(draw);
}

function draw(): void {
  due = false;
  view = { ...view, now: Date.now() };
  const shown = view.selection?.kind === "znode" ? view.selection.path : "/config";
  render(html`${sprite}${treePanel(view)}<div></div><div class="second">${shown ? znodePane(view, shown) : nothing}</div>`, root);
}

draw();
setInterval(draw, 1000);
Object.assign(window, { forest });
if (query.has("live")) {
  let next = 20;
  setTimeout(() => forest.remove("/election/c_0000000007"), 300);
  setTimeout(() => forest.write("/config", '{"batch_size": 30}'), 400);
  setTimeout(() => forest.add(`/election/c_${digits(10)}`, { kind: "ephemeral", holder: "node-2" }, "", false), 500);
  setInterval(() => forest.add(`/tasks/task-${digits(100_000 + (next += 1))}`, {}, "", false), 700);
}
