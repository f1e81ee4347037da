import { describe, expect, it } from "vitest";
import { axisTicks, burstsOf, scaleFor, times, windowFor } from "../../src/figure/timescale";

const T = 1_700_000_000_000;

describe("burstsOf", () => {
  it("finds runs with pauses under 50 ms, whatever the order", () => {
    expect(burstsOf([T + 26, T, T + 2, T + 14, T + 6, T + 4_000])).toEqual([{ start: T, end: T + 26, count: 5 }]);
    expect(burstsOf([T, T + 51])).toEqual([]);
    expect(burstsOf([T, T])).toEqual([]);
  });
  it("takes no endless stream of writes for a burst", () => {
    expect(burstsOf(Array.from({ length: 400 }, (_, i) => T + i * 20))).toEqual([]);
  });
});

describe("scaleFor", () => {
  const burst = { start: T + 10_000, end: T + 10_026, count: 8 };
  const scale = scaleFor(T, T + 24_000, 90, 912, [burst]);

  it("never goes back and ends at its edges", () => {
    let last = -Infinity;
    for (let at = T; at <= T + 24_000; at += 1.5) {
      const x = scale.x(at);
      expect(x).toBeGreaterThanOrEqual(last);
      last = x;
    }
    expect(scale.x(T)).toBe(90);
    expect(scale.x(T + 24_000)).toBe(912);
    expect([scale.x(T - 1), scale.x(T + 99_000)]).toEqual([90, 912]);
  });
  it("leads back from px to time", () => {
    for (const at of [T + 5, T + 9_990, T + 10_003, T + 10_020, T + 20_000]) expect(scale.at(scale.x(at))).toBeCloseTo(at, 3);
  });
  it("stretches the burst and says by how much", () => {
    const [stretch] = scale.stretches;
    expect(stretch!.to - stretch!.from).toBeGreaterThan(200);
    const around = (scale.x(T + 5_000) - scale.x(T + 4_000)) / 1_000;
    const within = (scale.x(T + 10_020) - scale.x(T + 10_010)) / 10;
    expect(within / around / stretch!.factor).toBeCloseTo(1, 5);
    expect(scale.x(T + 10_006) - scale.x(T + 10_002)).toBeGreaterThan(8);
  });
  it("stretches the burst that matters most when there is no room for all", () => {
    const many = Array.from({ length: 9 }, (_, i) => ({ start: T + 1_000 + i * 2_000, end: T + 1_020 + i * 2_000, count: 4 }));
    const chosen = scaleFor(T, T + 24_000, 0, 300, many, (one) => (one === many[2] ? 9 : 1));
    expect(chosen.stretches.some((one) => one.start === many[2]!.start)).toBe(true);
    expect(chosen.stretches.reduce((sum, one) => sum + one.to - one.from, 0)).toBeLessThan(300 * 0.6);
  });
  it("stands a burst at the very edges", () => {
    const edge = scaleFor(T, T + 10_000, 0, 800, [{ start: T, end: T + 20, count: 4 }, { start: T + 9_980, end: T + 10_000, count: 4 }]);
    expect(edge.stretches).toHaveLength(2);
    expect(edge.stretches[1]!.to).toBe(800);
    expect(edge.x(T + 10_000)).toBe(800);
  });
  it("puts no tick into a stretch", () => {
    for (const { x } of axisTicks(scale, 70)) expect(x > scale.stretches[0]!.from && x < scale.stretches[0]!.to).toBe(false);
    expect(axisTicks(scale, 70).length).toBeGreaterThan(2);
  });
});

it("says factors to two figures", () => {
  expect([times(270.4), times(1_234), times(7.2)]).toEqual(["270 times", "1,200 times", "7 times"]);
});

describe("windowFor", () => {
  it("ends now while the newest is followed, and holds it while it is recent", () => {
    expect(windowFor({ at: T - 20_000 }, false, T)).toEqual({ start: T - 22_500, end: T });
    expect(windowFor({ at: T - 300_000 }, false, T).end).toBe(T);
    expect(windowFor(null, false, T)).toEqual({ start: T - 24_000, end: T });
  });
  it("shows a chosen chapter whole", () => {
    const window = windowFor({ at: T - 100_000, end: T - 80_000 }, true, T);
    expect(window.start).toBeLessThan(T - 100_000);
    expect(window.end).toBeGreaterThan(T - 80_000);
    expect(windowFor({ at: T - 1_000, open: true }, true, T).end).toBe(T);
  });
});
