import { html, render } from "lit-html";
import { afterEach, expect, it } from "vitest";
import { node, sample, stage } from "../gallery/samples";
import { stageLayout } from "../src/figure/stage";
import { nodeText } from "../src/figure/node";
import { timelinePanel } from "../src/figure/timeline";
import { gravesButton, gravesOf } from "../src/page/graves";
import { nodeBar } from "../src/page/nodebar";
import type { Intent, View } from "../src/page/view";

const root = document.body.appendChild(document.createElement("div"));
const drawn = (what: unknown): HTMLElement => (render(html`${what}`, root), root);
afterEach(() => render(html``, root));

const WALL = { width: 1504, height: 500 };
const laid = (count: number, size = WALL) => stageLayout(stage(Array.from({ length: count }, (_, i) => node(i))), sample("healthy").ensemble, size, false, true);

it("writes names and sequence numbers at least 22 px high for a room, with five nodes at 1600 px", () => {
  const { slots, scale } = laid(5);
  expect(slots.nameSize * scale).toBeGreaterThanOrEqual(22);
  expect(slots.size * scale).toBeGreaterThanOrEqual(22);
});

it.each([1, 5, 7, 9, 12, 20, 30])("has the sequence number of each of %i nodes on a wall, within its slot", (count) => {
  const lay = laid(count);
  for (const closeness of [WALL, { width: 1504, height: 380 }].map((size) => laid(count, size))) {
    const nodes = Array.from({ length: count }, (_, i) => node(i));
    for (const one of nodes) {
      const text = nodeText(one, stage(nodes), closeness.slots, Date.now());
      const number = text.znode ?? text.beside;
      expect(number?.digits).toBe(String(one.number));
      // What stands beside each other does not run into each other.
      expect(2 * text.half).toBeLessThanOrEqual(closeness.slots.pitch - (text.beside ? 10 : -1));
    }
  }
  expect(lay.slots.rows).toBeGreaterThan(0);
});

it("does not let lines of a wall's words touch", () => {
  for (const count of [1, 7, 9, 12]) {
    const { slots } = laid(count);
    expect(slots.lineStep).toBeGreaterThanOrEqual(slots.size * 1.05);
  }
});

it("has ticks of 16 px on a wall", () => {
  const view = { ...sample("healthy"), present: true, width: 1600, height: 900 };
  const axis = drawn(timelinePanel(view)).querySelector(".axis")!;
  const zoom = Number(axis.getAttribute("height")) / 30;
  expect(13 * zoom).toBeGreaterThanOrEqual(16);
});

const bar = (over: Partial<View>): HTMLElement => drawn(nodeBar({ ...sample("healthy"), present: true, ...over }));

it("offers what can be done to the selected node on a wall, and closes", () => {
  const asked: Intent[] = [];
  const view = sample("healthy");
  const one = Object.values(view.stage!.nodes)[0]!;
  const stageWith = { ...view.stage!, nodes: { [one.id]: { ...one, actions: ["kill", "stop", "pause"] } } };
  const shown = bar({ stage: stageWith, selection: { kind: "node", id: one.id }, may: new Set(["node.kill", "node.stop", "node.pause", "node.resume"]), send: (intent) => asked.push(intent) });
  expect([...shown.querySelectorAll(".btn-line")].map((each) => each.textContent?.trim())).toEqual(["Pause", "Stop…", "Kill…"]);
  shown.querySelectorAll<HTMLElement>(".btn-line")[2]!.click();
  shown.querySelector<HTMLElement>(".icon-btn")!.click();
  expect(asked).toEqual([{ want: "act", method: "node.kill", id: one.id }, { want: "close-inspector" }]);
});

it("offers nothing to whoever may do nothing, and is not there without a selection or beside the inspector", () => {
  const view = sample("healthy");
  const selection = { kind: "node" as const, id: Object.keys(view.stage!.nodes)[0]! };
  expect(bar({ selection, may: new Set() }).querySelectorAll(".btn-line")).toHaveLength(0);
  expect(bar({ selection: null }).querySelector(".nodebar")).toBeNull();
  expect(bar({ selection, present: false }).querySelector(".nodebar")).toBeNull();
});

it("dismisses several graves at once, and none of those that can be woken", () => {
  const asked: Intent[] = [];
  const dead = (i: number, actions: string[]) => ({ ...node(i), state: "dead" as const, actions });
  const nodes = [dead(0, ["dismiss"]), dead(1, ["dismiss", "start"]), dead(2, ["dismiss", "resume"]), node(3)];
  expect(gravesOf(stage(nodes).nodes)).toEqual(["node-1", "node-2"]);
  const view: View = { ...sample("healthy"), stage: stage(nodes), may: new Set(["node.dismiss"]), send: (intent) => asked.push(intent) };
  const button = drawn(gravesButton(view)).querySelector("button")!;
  expect(button.textContent).toBe("Dismiss all 2 that ended");
  button.click();
  expect(asked).toEqual([{ want: "dismiss", ids: ["node-1", "node-2"] }]);
  expect(drawn(gravesButton({ ...view, may: new Set() })).querySelector("button")).toBeNull();
  expect(drawn(gravesButton({ ...view, stage: stage(nodes.slice(1)) })).querySelector("button")).toBeNull();
});
