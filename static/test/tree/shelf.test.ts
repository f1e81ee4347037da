import { expect, test } from "vitest";
import type { Children, Ghost } from "../../src/protocol";
import { ParentShelf } from "../../src/tree/shelf";
import { windowFor, windowsFor } from "../../src/tree/windows";
import { WINDOW } from "../../src/tree/topics";

const NONE = new Map<string, number>();

/** The names of a parent at one moment. */
const moment = (count: number, more: string[] = []): string[] => [...Array.from({ length: count }, (_, at) => `n${String(at).padStart(6, "0")}`), ...more].sort();

function open(shelf: ParentShelf, offset: number, names: string[], ghosts: Ghost[] = []): void {
  const order = names.slice(offset, offset + WINDOW);
  const value: Children = {
    path: shelf.path, exists: true, total: names.length, offset, order, rows: Object.fromEntries(order.map((name) => [name, { name, kind: "persistent" }])),
    ghosts: Object.fromEntries(ghosts.map((ghost) => [ghost.name, ghost])),
  };
  shelf.windows.set(offset, { value, stop: () => undefined, needed: 0 });
}

const shown = (shelf: ParentShelf, from: number, to: number): (string | undefined)[] => Array.from({ length: to - from }, (_, at) => shelf.at(from + at)?.name);

test("any hundred children stand in one window, and it is the one in whose middle they are", () => {
  for (let from = 0; from < 1200; from += 1) {
    for (const count of [1, 25, 60, 100]) {
      const [offset, ...others] = windowsFor(from, from + count);
      expect(others).toEqual([]);
      expect(offset).toBeLessThanOrEqual(from);
      expect(offset! + WINDOW).toBeGreaterThanOrEqual(from + count);
    }
  }
  expect(windowFor(0, 25)).toBe(0);
  expect(windowFor(190, 215)).toBe(100);
  expect(windowsFor(50, 650)).toEqual([0, 200, 400, 600]);
});

test("windows of two moments never mix in what is in view", () => {
  const shelf = new ParentShelf("/wide", "name", "");
  // The first window has heard of a new child above, the second not yet: at their border a child would stand twice.
  const [before, now] = [moment(1000), moment(1000, ["n000003-new"])];
  open(shelf, 0, now);
  open(shelf, 100, before);
  expect(shelf.look(150, 175)).toBe(true);
  shelf.refresh(1000, NONE);
  expect(shown(shelf, 150, 250)).toEqual(before.slice(150, 250));
  expect(shelf.total).toBe(1000);
  expect(shelf.look(160, 185)).toBe(false);
  expect(shelf.look(90, 115)).toBe(true);
  shelf.refresh(1000, NONE);
  expect(shown(shelf, 90, 200)).toEqual(now.slice(90, 200));
  expect(shelf.total).toBe(1001);
  expect(shelf.place("n000100")).toBe(101);
});

test("what the leading window does not hold, others lend, and while it has not come the nearest leads", () => {
  const shelf = new ParentShelf("/wide", "name", "");
  const names = moment(1000);
  open(shelf, 0, names);
  open(shelf, 200, names);
  shelf.look(150, 250);
  shelf.refresh(1000, NONE);
  expect(shown(shelf, 150, 250)).toEqual(names.slice(150, 250));
  expect(shelf.at(500)).toBeUndefined();
});

test("a window of another moment lends nothing, one that fits does", () => {
  const shelf = new ParentShelf("/wide", "name", "");
  const [before, now] = [moment(1000), moment(1000, ["n000003-new"])];
  open(shelf, 0, now);
  open(shelf, 100, before);
  open(shelf, 200, now);
  shelf.refresh(1000, NONE);
  expect(shown(shelf, 0, 400)).toEqual(now.slice(0, 400));
  open(shelf, 100, now);
  open(shelf, 200, before);
  shelf.refresh(1000, NONE);
  expect(shown(shelf, 100, 300)).toEqual(now.slice(100, 300));
  expect(shelf.at(310)).toBeUndefined();
});

test("a child that is gone stands where it stood, among those of the leading window", () => {
  const gone = (name: string): Ghost => ({ name, at: 1, kind: "persistent" });
  const shelf = new ParentShelf("/wide", "name", "");
  const names = moment(1000);
  const ghosts = [gone("n000150-x"), gone("n000150-a"), gone("n000000"), gone("n000950-x"), gone("n000120")];
  open(shelf, 100, names, ghosts);
  shelf.look(150, 175);
  shelf.refresh(1000, NONE);
  // Of one that stood far away the neighbours are not known; one that is there again is not gone.
  expect(shelf.ghosts.map(({ before, ghost }) => [before, ghost.name])).toEqual([[151, "n000150-a"], [151, "n000150-x"]]);
});

test("numbered children keep their places by number", () => {
  const shelf = new ParentShelf("/locks", "number", "");
  const names = ["b-0000000001", "a-0000000003", "c-0000000007", "plain"];
  open(shelf, 0, names, [{ name: "z-0000000002", at: 1, kind: "ephemeral" }, { name: "a-0000000009", at: 1, kind: "ephemeral" }]);
  shelf.refresh(4, NONE);
  expect(shelf.ghosts.map(({ before }) => before)).toEqual([1, 3]);
});
