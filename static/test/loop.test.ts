import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Loop } from "../src/page/loop";

let drawn: number[];
let loop: Loop;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame", "performance"] });
  drawn = [];
  loop = new Loop(() => {
    drawn.push(performance.now());
    return 0;
  });
});
afterEach(() => void vi.useRealTimers());

test("figures that run are drawn at once after a rest, then ten times a second, and the last of them too", () => {
  vi.advanceTimersByTime(1_000);
  const began = performance.now();
  loop.soon();
  vi.advanceTimersByTime(17);
  expect(drawn).toHaveLength(1);
  for (let at = 0; at < 50; at += 1) {
    loop.soon();
    vi.advanceTimersByTime(20);
  }
  const during = drawn.length;
  expect(during).toBeGreaterThanOrEqual(8);
  expect(during).toBeLessThanOrEqual(12);
  loop.soon();
  vi.advanceTimersByTime(200);
  expect(drawn.at(-1)! - began).toBeGreaterThan(1_000);
});

test("what cannot wait does not, and is drawn once", () => {
  loop.soon();
  vi.advanceTimersByTime(17);
  loop.soon();
  loop.request();
  vi.advanceTimersByTime(17);
  expect(drawn).toHaveLength(2);
  vi.advanceTimersByTime(500);
  expect(drawn).toHaveLength(2);
});
