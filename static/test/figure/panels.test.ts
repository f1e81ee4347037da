import { html, render } from "lit-html";
import { afterEach, describe, expect, it, vi } from "vitest";
import { stagePanel, stageLayout } from "../../src/figure/stage";
import { stands, told } from "../../src/figure/marks";
import { layLanes } from "../../src/figure/lanes";
import { timelinePanel } from "../../src/figure/timeline";
import type { Intent, View } from "../../src/page/view";
import { NOW, sample, SAMPLES } from "../../gallery/samples";

let root: HTMLElement | null = null;

function draw(view: View): HTMLElement {
  root ??= document.body.appendChild(document.createElement("div"));
  render(html`${stagePanel(view)}${timelinePanel(view)}`, root);
  return root;
}

afterEach(() => {
  root?.remove();
  root = null;
});

describe.each(Object.keys(SAMPLES))("sample %s", (name) => {
  it.each([390, 1280, 1600])("draws at %i px: no broken number, no markup out of names", (width) => {
    const drawn = draw(sample(name, { width, height: 900 }));
    expect(drawn.innerHTML).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(drawn.querySelector("img, script, b b, iframe")).toBeNull();
    expect(drawn.querySelectorAll("[style]")).toHaveLength(0);
  });
});

it("gives each node and server a button that tells its whole state", () => {
  const labels = [...draw(sample("failover")).querySelectorAll(".hit")].map((one) => one.getAttribute("aria-label"));
  expect(labels).toHaveLength(10);
  expect(labels[4]).toMatch(/^node-5, LEADER, for 6 s, znode .*session on server 3$/);
  expect(labels[8]).toMatch(/^server 2, quorum leader, /);
  expect(draw(sample("failover")).querySelectorAll(".hit[tabindex='0']")).toHaveLength(2);
});

it("selects by Enter and dismisses the dead", () => {
  const asked: Intent[] = [];
  const drawn = draw({ ...sample("failover"), send: (intent) => asked.push(intent) });
  drawn.querySelectorAll(".hit")[2]!.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  drawn.querySelector(".dismiss")!.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(asked).toEqual([{ want: "select", what: { kind: "node", id: "node-3" } }, { want: "act", method: "node.dismiss", id: "node-2" }]);
  expect(draw({ ...sample("failover"), may: new Set() }).querySelector(".dismiss")).toBeNull();
});

it("sets the numerals of the chapter on disc, session, znode, watch and words", () => {
  const view = sample("failover");
  const spots = stands(told(view.story, null), view.stage, view.timeline, ["1", "2", "3"]).map(({ mark, spot, of }) => [mark.n, spot, of]);
  expect(spots).toEqual([[1, "disc", "node-2"], [2, "server", "2"], [3, "znode", "node-2"], [4, "watch", "node-5"], [5, "words", "node-5"]]);
});

it("keeps the figure no higher than the room that there is, down to what can be read", () => {
  const { stage, ensemble } = sample("failover");
  const natural = stageLayout(stage, ensemble, { width: 912, height: 0 });
  expect(stageLayout(stage, ensemble, { width: 912, height: natural.height - 30 }).height).toBeCloseTo(natural.height - 30, 0);
  expect(stageLayout(stage, ensemble, { width: 912, height: 100 }).height).toBeGreaterThan(360);
  expect(stageLayout(stage, ensemble, { width: 1824, height: 1000 }).scale).toBeGreaterThan(1.4);
});

it("reaches every moment by the arrow keys, with its time and zxid", () => {
  let view = sample("failover");
  const show = (): HTMLElement => draw(view);
  view = { ...view, send: () => show() };
  const drawn = show();
  const lanes = drawn.querySelector(".lanes svg")!;
  lanes.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
  lanes.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
  expect(drawn.querySelector(".detail text")!.textContent).toMatch(/:15\.409 · znode · \+9 ms after “session created” · zxid 5·1a2c/);
});

it("lists every change in the log", async () => {
  let view = sample("failover");
  view = { ...view, send: () => draw(view) };
  const drawn = draw(view);
  drawn.querySelectorAll<HTMLButtonElement>(".timeline-modes button")[1]!.click();
  const first = await vi.waitUntil(() => drawn.querySelector(".log tbody tr"));
  expect(first.textContent).toContain("/election/c_0000000009");
  expect(first.querySelector(".log-time")!.textContent).toMatch(/\.\d{3}$/);
});

it("draws a failover's burst in its order, each cause before its effect", () => {
  const view = sample("failover");
  const lanes = layLanes(view.timeline!, { start: NOW - 14_000, end: NOW }, told(view.story, null), { width: 912, gutter: 92, step: 20, spare: false, fits: 10 });
  const x = Object.fromEntries(lanes.moments.map((one) => [one.moment.id, one.x]));
  expect(x["m2"]! + 8).toBeLessThan(x["m4"]!);
  expect(x["m4"]! + 20).toBeLessThan(x["m5"]!);
  expect(lanes.scale.stretches[0]!.factor).toBeGreaterThan(100);
  expect(lanes.labels.map((one) => one.text)).toContain("leads +14 ms");
});

const ROOM = { width: 912, gutter: 92, step: 20, spare: false, fits: 10 };

it("counts all times of a burst from its first moment, and gives none outside of bursts", () => {
  const view = sample("failover");
  const { labels } = layLanes(view.timeline!, { start: NOW - 14_000, end: NOW }, told(view.story, null), ROOM);
  const said = Object.fromEntries(labels.map((one) => [one.id, one.text]));
  expect(said["m1"]).toBe("killed");
  expect(said["m2"]).toBe("session expired");
  expect(said["m4"]).toBe("watch fired +6 ms");
  expect(said["m7"]).toBe("acknowledged +19 ms");
});

it.each(Object.keys(SAMPLES))("draws no cause right of its effect, and ends a span at its mark: %s", (name) => {
  const view = sample(name);
  if (!view.timeline) return;
  for (const span of [14_000, 60_000, 600_000]) {
    const lanes = layLanes(view.timeline, { start: NOW - span, end: NOW }, told(view.story, null), ROOM);
    for (const one of lanes.causes) expect(one.from.x).toBeLessThanOrEqual(one.to.x);
    for (let i = 1; i < lanes.moments.length; i++) expect(lanes.moments[i]!.x).toBeGreaterThanOrEqual(lanes.moments[i - 1]!.x);
    const wedge = lanes.pieces.find((one) => one.id === "a2s");
    const leads = lanes.pieces.find((one) => one.id === "a5l");
    if (wedge) expect(wedge.to).toBeLessThanOrEqual(lanes.moments.find((one) => one.moment.id === "m2")!.x);
    if (leads) expect(leads.from).toBe(lanes.moments.find((one) => one.moment.id === "m5")!.x);
  }
});

it("labels only the weightiest of a heap that is not unfolded", () => {
  const view = sample("failover");
  const moments = Object.fromEntries([0, 60, 120, 180].map((ms, i) => [`h${i}`, { id: `h${i}`, lane: "node-3", at: NOW - 500_000 + ms, kind: i === 2 ? "suspended" as const : "other" as const, label: `event ${i}` }]));
  const { labels } = layLanes({ ...view.timeline!, moments, spans: {} }, { start: NOW - 600_000, end: NOW }, null, ROOM);
  expect(labels.map((one) => one.text)).toEqual(["event 2"]);
});

it("claims nothing of servers that never answered", () => {
  const view = sample("failover");
  const ensemble = { ...view.ensemble!, answered: false, leader: "", quorum: { ...view.ensemble!.quorum, held: false } };
  const timeline = { ...view.timeline!, spans: {} };
  const drawn = draw({ ...view, ensemble, timeline });
  expect(drawn.textContent).toContain("No ZooKeeper server has answered yet.");
  expect(drawn.querySelector(".quorum")).toBeNull();
  expect(drawn.querySelector(".common-line.ensemble")).toBeNull();
  expect(draw(view).querySelector(".common-line.ensemble")).not.toBeNull();
});
