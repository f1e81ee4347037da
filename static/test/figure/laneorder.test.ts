import { expect, it } from "vitest";
import { foldedWords, orderLanes, worthiest } from "../../src/figure/laneorder";
import { moreWords } from "../../src/figure/timeline";
import type { Chapter, Span, Timeline } from "../../src/protocol";

const WINDOW = { start: 1_000, end: 2_000 };

/** Lanes as they came; `dead` ended before the window, `leads` is a node that leads. */
function timeline(lanes: string[], dead: string[] = [], leads = "", later: string[] = []): Timeline {
  const spans: Record<string, Span> = {};
  for (const lane of lanes) {
    if (dead.includes(lane)) spans[`a ${lane}`] = { id: `a ${lane}`, lane, kind: "alive", start: 0, end: 900 };
    else if (later.includes(lane)) spans[`a ${lane}`] = { id: `a ${lane}`, lane, kind: "alive", start: 5_000 };
    else if (lane !== "znodes") spans[`a ${lane}`] = { id: `a ${lane}`, lane, kind: "alive", start: 0 };
  }
  if (leads) spans["l"] = { id: "l", lane: leads, kind: "leading", start: 100 };
  return { lanes: lanes.map((id) => ({ id, name: id })), spans, moments: {} } as unknown as Timeline;
}
const ids = (lanes: { id: string }[]): string[] => lanes.map(({ id }) => id);
const NODES = ["n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8"];
const DEAD = ["n1", "n2", "n3", "n4"];
const of = (...lanes: string[]): Chapter => ({ id: "c", at: 1_500, parts: [], marks: lanes.map((ref, i) => ({ n: i + 1, at: 1_500, on: "node", ref })) }) as unknown as Chapter;

it("keeps the order of the lanes while all fit", () => {
  expect(ids(orderLanes(timeline([...NODES, "ensemble", "znodes"], [], "n5"), WINDOW, null, 10).lanes)).toEqual([...NODES, "ensemble", "znodes"]);
});

it("folds the dead of whom nothing can be seen into one line, however long their stones stand", () => {
  const all = timeline([...NODES, "ensemble"], DEAD, "n5");
  const { lanes, folded } = orderLanes(all, WINDOW, null, 10);
  expect(ids(lanes)).toEqual(["n5", "n6", "n7", "n8", "ensemble"]);
  expect(ids(folded)).toEqual(DEAD);
  expect(foldedWords(folded, all, WINDOW)).toBe("4 that have ended: n1, n2, n3 and n4");
  expect(foldedWords(folded.slice(0, 1), all, WINDOW)).toBe("1 that has ended: n1");
});

it("does not fold the dead that the chapter is of", () => {
  expect(ids(orderLanes(timeline([...NODES, "ensemble"], DEAD, "n5"), WINDOW, of("n2"), 10).lanes)).toContain("n2");
});

it("does not call ended what was not there yet in a window of long ago", () => {
  const all = timeline(["n1", "n2", "ensemble"], [], "", ["n2"]);
  expect(foldedWords(orderLanes(all, WINDOW, null, 10).folded, all, WINDOW)).toBe("1 that was not there then: n2");
});

it("has who leads first where not all fit, then those that the chapter is of, then the living", () => {
  const { lanes } = orderLanes(timeline([...NODES, "znodes", "ensemble"], [], "n5"), WINDOW, of("n7"), 6);
  expect(ids(lanes).slice(0, 3)).toEqual(["n5", "n7", "n1"]);
});

it("has the ensemble in sight however few fit, above the line that tells of more", () => {
  for (let fits = 2; fits < 12; fits++) {
    const { lanes } = orderLanes(timeline([...NODES, "znodes", "ensemble"], [], "n5"), WINDOW, of(...NODES), fits);
    const seen = lanes.length > fits ? fits - 1 : fits;
    expect(ids(lanes).slice(0, seen), String(fits)).toContain("ensemble");
    expect(new Set(ids(lanes)).size).toBe(10);
  }
});

it("shows the leader and the ensemble on a wall, not graves", () => {
  const kept = ids(worthiest(timeline([...NODES, "znodes", "ensemble"], DEAD, "n5"), WINDOW, of("n8"), 6).lanes);
  expect(kept).toEqual(["n5", "n6", "n7", "n8", "znodes", "ensemble"]);
  expect(ids(worthiest(timeline([...NODES, "znodes", "ensemble"], [], "n8"), WINDOW, null, 6).lanes)).toEqual(["n1", "n2", "n3", "n4", "n8", "ensemble"]);
  expect(ids(worthiest(timeline(["n1", "ensemble"], [], "n1"), WINDOW, null, 6).lanes)).toEqual(["n1", "ensemble"]);
});

it("names what is below the lanes that can be seen", () => {
  const rows = NODES.map((id) => ({ lane: { id, name: id }, y: 0 }));
  expect(moreWords({ rows, folded: null } as never, 7)).toBe("1 more lane: n8");
  expect(moreWords({ rows, folded: null } as never, 3)).toBe("5 more lanes: n4, n5, n6 and 2 more");
  expect(moreWords({ rows, folded: { y: 0, text: "2 that have ended: a and b" } } as never, 8)).toBe("more: 2 that have ended: a and b");
});
