import { expect, it } from "vitest";
import { bins, clamp, moved, REACH } from "../../src/figure/scrubber";
import { changeWords, newestFirst, shownRows } from "../../src/figure/log";
import { NOW } from "../../gallery/samples";

it("keeps the window within ten minutes", () => {
  expect(clamp({ start: NOW - 5_000, end: NOW + 9_000 }, NOW)).toEqual({ start: NOW - 14_000, end: NOW });
  expect(clamp({ start: NOW - 2 * REACH, end: NOW - 2 * REACH + 1 }, NOW)).toEqual({ start: NOW - REACH, end: NOW - REACH + 2_000 });
});

it("moves and sizes the window by keys, up to the live edge", () => {
  const window = { start: NOW - 60_000, end: NOW - 40_000 };
  expect(moved(window, "ArrowLeft", NOW)!.end).toBe(NOW - 45_000);
  expect(moved(window, "ArrowUp", NOW)).toEqual({ start: NOW - 70_000, end: NOW - 40_000 });
  expect(moved(window, "End", NOW)).toEqual({ start: NOW - 20_000, end: NOW });
  expect(moved(window, "Home", NOW)!.start).toBe(NOW - REACH);
  expect(moved(window, "x", NOW)).toBeNull();
});

it("counts moments into bins that end now", () => {
  const moment = (id: string, at: number) => ({ id, lane: "znodes", at, kind: "data" as const, label: "" });
  const counts = bins({ lanes: [], spans: {}, start: 0, moments: { a: moment("a", NOW), b: moment("b", NOW - 1), c: moment("c", NOW - 4_000), d: moment("d", NOW - 2 * REACH) } }, NOW);
  expect([counts.length, counts.at(-1), counts.at(-2), counts.reduce((a, b) => a + b)]).toEqual([200, 2, 1, 3]);
});

it("draws only the rows that can be seen", () => {
  expect(shownRows(1_000, 0, 240)).toEqual({ from: 0, to: 16 });
  expect(shownRows(1_000, 12_000, 240)).toEqual({ from: 494, to: 516 });
  expect(shownRows(3, 9_999, 240).from).toBeLessThan(3);
});

it("says each change in words, newest first", () => {
  const change = { id: 1, at: NOW, kind: "data" as const, path: "/config", version: 8, writes: 3, found: true };
  expect(changeWords(change)).toEqual({ sign: "~", what: "data set, version 8", path: "/config", more: "found after a gap; 3 writes, the last shown" });
  expect(changeWords({ ...change, kind: "gap", lost: 3_200 }).what).toBe("Zooscope’s connection lost 3.2 s");
  expect(newestFirst({ changes: { 1: change, 2: { ...change, id: 2 } }, last: 2 }).map((one) => one.id)).toEqual([2, 1]);
});
