// Draws the panels from a sample: ?sample=failover&theme=dark&w=912&chapter=c6&select=node-3&log. A development aid.
import { html, nothing, render } from "lit-html";
import "../src/style/tokens.css";
import "./gallery.css";
import { stagePanel } from "../src/figure/stage";
import { timelinePanel } from "../src/figure/timeline";
import type { Intent, View } from "../src/page/view";
import { sprite } from "../src/style/icons";
import { sample, SAMPLES } from "./samples";

const query = new URLSearchParams(location.search);
document.documentElement.dataset["theme"] = query.get("theme") ?? "light";
const root = document.getElementById("panels")!;
const width = Number(query.get("w")) || 0;
if (width) root.style.width = `${width}px`;

let view: View = { ...sample(query.get("sample") ?? "failover", { width: innerWidth, height: innerHeight }), send };
if (query.has("chapter")) view.chapter = query.get("chapter");
if (query.has("select")) view.selection = query.get("select") ? { kind: "node", id: query.get("select")! } : null;

function send(intent: Intent): void {
  if (intent.want === "select") view = { ...view, selection: intent.what };
  else if (intent.want === "chapter") view = { ...view, chapter: intent.id };
  else if (intent.want !== "redraw") console.info("intent", JSON.stringify(intent));
  requestAnimationFrame(draw);
}

const links = (): unknown => html`<nav class="samples">${Object.keys(SAMPLES).map((name) => html`<a href="?sample=${name}">${name}</a>`)}</nav>`;

function draw(): void {
  const start = performance.now();
  render(html`${sprite}${query.has("sample") ? nothing : links()}${stagePanel(view)}${timelinePanel(view)}`, root);
  root.dataset["took"] = (performance.now() - start).toFixed(2);
}

draw();
const run = Number(query.get("run"));
if (run) {
  // Let time pass, `run` times a second, as the page does during a countdown.
  const began = performance.now();
  const from = view.now;
  setInterval(() => {
    view = { ...view, now: from + performance.now() - began, clock: from + performance.now() - began };
    draw();
  }, 1000 / run);
}
