import { expect, test } from "vitest";
import type { Panel, Picture } from "../../src/ensemble/series";
import { HUES, strokesOf } from "../../src/ensemble/strokes";

const panel = (kind: Panel["kind"], servers: string[]): Panel => ({ kind, tracks: servers.map((server) => ({ server, least: [], mean: [], most: [] })) });
const picture = (...panels: Panel[]): Picture => ({ times: [], step: 1_000, panels, known: [] });

test("each of a few servers has a colour and a pattern that no other has", () => {
  const strokes = [...strokesOf(picture(panel("rate", [""]), panel("lag", ["3", "10", "1"]))).entries()];
  expect(strokes.map(([server]) => server)).toEqual(["1", "3", "10"]);
  expect(new Set(strokes.map(([, { hue }]) => hue)).size).toBe(3);
  expect(new Set(strokes.map(([, { dash }]) => dash.join())).size).toBe(3);
});

test("a server looks the same in every plot, also where others are missing", () => {
  const strokes = strokesOf(picture(panel("latency", ["2", "3"]), panel("lag", ["1", "2", "3"])));
  expect([...strokes.keys()]).toEqual(["1", "2", "3"]);
});

test("of many servers no two look alike", () => {
  const servers = Array.from({ length: HUES * 5 }, (_, at) => String(at + 1));
  const looks = [...strokesOf(picture(panel("lag", servers))).values()].map((stroke) => JSON.stringify(stroke));
  expect(new Set(looks).size).toBe(servers.length);
});
