import { describe, expect, test } from "vitest";
import { short, spread, together } from "../../src/ensemble/ends";
import { brief, ceiling, gaps, pictureOf, summaryOf, type Track } from "../../src/ensemble/series";
import type { Plots } from "../../src/protocol";

const PLOTS: Plots = {
  span: "10m",
  step: 1_000,
  length: 10_000,
  lines: [{ kind: "rate" }, { kind: "latency", server: "10" }, { kind: "latency", server: "2" }],
  rows: { "100": "1 0.5 0.7", "101": "2 - 1/2.5/9", "104": "0" },
};

describe("a picture", () => {
  const picture = pictureOf(PLOTS, 106_300);

  test("has a place for each bucket of the span, which ends now", () => {
    expect(picture.times).toHaveLength(10);
    expect(picture.times.at(-1)).toBe(105);
    expect(picture.known).toEqual([false, false, false, false, true, true, false, false, true, false]);
  });

  test("is empty where nothing is known, and never 0", () => {
    const [rate, latency] = picture.panels;
    expect(rate!.tracks[0]!.mean).toEqual([null, null, null, null, 1, 2, null, null, 0, null]);
    expect(latency!.tracks.map(({ server }) => server)).toEqual(["2", "10"]);
    expect(latency!.tracks[1]!.mean[5]).toBeNull();
    expect([latency!.tracks[0]!.least[5], latency!.tracks[0]!.mean[5], latency!.tracks[0]!.most[5]]).toEqual([1, 2.5, 9]);
  });

  test("goes on with the clock while nothing comes", () => {
    const later = pictureOf(PLOTS, 112_000);
    expect(later.times.at(-1)).toBe(111);
    expect(later.known.filter(Boolean)).toHaveLength(1);
    expect(summaryOf(later.panels[0]!.tracks[0]!)!.last).toBeNull();
  });

  test("leaves out what does not fit, whatever is sent", () => {
    const odd = pictureOf({ ...PLOTS, rows: { "5": "1", "105": "1 2 3 4 5 6 7", x: "9" } }, 106_000);
    expect(odd.known.filter(Boolean)).toHaveLength(1);
    expect(pictureOf({ span: "10m", step: 1_000, length: 10_000 }, 5_000).panels).toEqual([]);
  });
});

test("the summary has every spike, and what is newest", () => {
  const track = pictureOf(PLOTS, 106_300).panels[1]!.tracks[0]!;
  expect(summaryOf(track)).toEqual({ least: 0.7, mean: 1.6, most: 9, last: null });
  expect(summaryOf({ server: "", least: [null], mean: [null], most: [null] })).toBeNull();
});

test("gaps are stretches", () => {
  expect(gaps([false, true, false, false, true, false])).toEqual([{ from: 0, to: 1 }, { from: 2, to: 4 }, { from: 5, to: 6 }]);
  expect(gaps([])).toEqual([]);
});

test("figures are short", () => {
  expect([0, 0.4213, 3, 12.34, 99.96, 1234.5].map(brief)).toEqual(["0", "0.42", "3", "12.3", "100", "1,235"]);
});

test("scales end at a round number above all that is drawn", () => {
  expect([null, 0, 0.3, 1, 3, 5, 7, 41, 97].map(ceiling)).toEqual([1, 1, 0.4, 2, 4, 6, 8, 60, 200]);
});

describe("labels at the ends of lines", () => {
  const end = (server: string, y: number) => ({ track: { server, least: [], mean: [], most: [] } as Track, y });

  test("are shared by lines at one height", () => {
    expect(together([end("1", 10), end("2", 40), end("3", 12)], 5).map(({ tracks }) => tracks.map(({ server }) => server))).toEqual([["1", "3"], ["2"]]);
  });

  test("do not cover each other, and stay inside", () => {
    const groups = spread(together([end("1", 90), end("2", 96), end("3", 99), end("4", 2)], 1), 14, 0, 100);
    const places = groups.map(({ at }) => at);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Math.max(...places)).toBeLessThanOrEqual(100);
    for (let at = 1; at < places.length; at += 1) expect(places[at]! - places[at - 1]!).toBeGreaterThanOrEqual(14);
  });

  test("are short", () => {
    expect([["1"], ["3", "1"], ["3", "2", "1"], ["5", "1", "2", "3"], ["zk-1.example:2181"], ["a:1", "b:1"]].map(short)).toEqual(["1", "1 3", "1–3", "1–3 5", "zk-1.e…", "2 servers"]);
  });
});
