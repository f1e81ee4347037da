import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Asking } from "../../src/tree/asking";

let asked: number[];
let needs: boolean;
let asking: Asking;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  asked = [];
  needs = true;
  asking = new Asking((now) => {
    asked.push(now);
    return needs;
  });
});
afterEach(() => void vi.useRealTimers());

test("what is wanted after a rest is asked for at once, also where somebody had just looked whether anything was", () => {
  needs = false;
  for (let at = 0; at < 5; at += 1) asking.soon();
  expect(asked).toHaveLength(5);
  needs = true;
  asking.soon();
  expect(asked).toHaveLength(6);
});

test("while frames go out they go at most five times a second, and the last wish is not lost", () => {
  const began = performance.now();
  for (let at = 0; at < 100; at += 1) {
    asking.soon();
    vi.advanceTimersByTime(10);
  }
  expect(asked.length).toBeLessThanOrEqual(6);
  vi.advanceTimersByTime(200);
  expect(asked.at(-1)! - began).toBeGreaterThanOrEqual(1000);
  asking.soon();
  asking.stop();
  const before = asked.length;
  vi.advanceTimersByTime(1000);
  expect(asked).toHaveLength(before);
});

function scroll(lines: number, ms: number): { above: number; below: number } {
  for (let at = 0; at < 60; at += 1) {
    asking.moved(10_000 + (lines * at) / 60);
    vi.advanceTimersByTime(ms / 60);
  }
  return asking.reach(performance.now());
}

test("a view that moves is asked for ahead, in its direction, unless it moves too fast for anything to come in time", () => {
  expect(asking.reach(performance.now())).toEqual({ above: 40, below: 40 });
  const down = scroll(700, 1000);
  expect(down.below).toBeGreaterThan(250);
  expect(down.below).toBeLessThan(400);
  expect(down.above).toBe(40);
  vi.advanceTimersByTime(200);
  expect(asking.reach(performance.now())).toEqual({ above: 40, below: 40 });
  const up = scroll(-700, 1000);
  expect(up.above).toBeGreaterThan(250);
  expect(up.below).toBe(40);
  vi.advanceTimersByTime(200);
  expect(scroll(50_000, 1000)).toEqual({ above: 40, below: 40 });
});
