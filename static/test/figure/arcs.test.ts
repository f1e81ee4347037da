import { expect, it } from "vitest";
import { arcBetween, watches } from "../../src/figure/arcs";
import { slotsFor } from "../../src/figure/slots";
import { chain, node, NOW, stage } from "../../gallery/samples";

it("makes longer arcs higher, all within their room", () => {
  const at = (slot: number) => ({ x: 65 + slot * 130, y: 140 });
  const tops = [1, 2, 3, 4, 5, 6].map((far) => arcBetween(at(far), at(0), 42, 90, 780).points.reduce((least, one) => Math.min(least, one.y), Infinity));
  for (let i = 1; i < tops.length; i++) expect(tops[i]).toBeLessThan(tops[i - 1]!);
  expect(Math.min(...tops)).toBeGreaterThanOrEqual(140 - 42 - 90 - 1);
});

it("draws the chain, and a fired watch only until it has faded", () => {
  const nodes = chain([node(0), node(1), node(2, { fired: { on: "node-1", path: "/election/c", at: NOW - 4_000 } })]);
  const all = watches(stage(nodes), slotsFor(912, 3), "node-3", NOW);
  expect(all.filter((one) => one.kind === "watch")).toHaveLength(2);
  expect(all.find((one) => one.kind === "fired")!.fade).toBeCloseTo(0.6);
  expect(all.find((one) => one.weight === "strong")!.id).toBe("node-3 node-2");
  expect(watches(stage(nodes), slotsFor(912, 3), "", NOW + 7_000).some((one) => one.kind === "fired")).toBe(false);
});

it("keeps only the arcs of the selected and of the leader strong among many", () => {
  const nodes = chain(Array.from({ length: 40 }, (_, i) => node(i)));
  const all = watches(stage(nodes), slotsFor(912, 40), "node-20", NOW);
  const strong = all.filter((one) => one.weight !== "pale").map((one) => one.id);
  expect(strong.sort()).toEqual(["node-2 node-1", "node-20 node-19", "node-21 node-20"]);
  // From row to row no arc runs over the words: what is watched is written.
  expect(all.filter((one) => one.label).map((one) => [one.id, one.label!.text])).toEqual([["node-15 node-14", "14"], ["node-29 node-28", "28"]]);
});
