import { expect, test } from "vitest";
import { Layout, ROW, type Shelf } from "../../src/tree/model";
import { Outlook } from "../../src/tree/outlook";
import { ROOT } from "../../src/tree/paths";

let names: string[];

function layout(): Layout {
  const shelf: Shelf = {
    total: names.length, tools: false, note: "", ghosts: [],
    at: (index) => (names[index] === undefined ? undefined : { name: names[index], kind: "persistent" }),
    place: (name) => (names.includes(name) ? names.indexOf(name) : undefined),
  };
  return new Layout(new Map([[ROOT, shelf]]));
}

/** An outlook of 20 lines on a thousand, scrolled to line 500. */
function looking(count = 1000, at = 500): Outlook {
  names = Array.from({ length: count }, (_, number) => `n${String(number).padStart(6, "0")}`);
  const outlook = new Outlook();
  outlook.height = 20 * ROW;
  outlook.fit(count);
  outlook.scrolled(at * ROW);
  outlook.pin(layout());
  return outlook;
}

function after(outlook: Outlook): void {
  outlook.anchor(layout());
  outlook.fit(names.length);
  outlook.pin(layout());
}

test("lines that come and go above move neither what is looked at nor the scroll offset", () => {
  const outlook = looking();
  names.splice(100, 0, "a", "b", "c");
  after(outlook);
  expect(outlook.top).toBe(503 * ROW);
  expect(outlook.offset).toBe(500 * ROW);
  expect(503 * ROW + outlook.shift).toBe(500 * ROW);
  expect(outlook.strayed).toBe(false);
  outlook.scrolled(510 * ROW);
  expect(outlook.top).toBe(513 * ROW);
  expect(outlook.shift).toBe(-3 * ROW);
  outlook.settle();
  expect(outlook.offset).toBe(513 * ROW);
  expect(outlook.shift).toBe(0);
});

test("the view stays also where its first lines are deleted in the moment in which others come above", () => {
  const outlook = looking();
  names = ["a", "b", ...names].filter((name) => name !== "n000500" && name !== "n000501");
  after(outlook);
  // The third line of the view stands where it stood; two left above it and two came.
  expect(names[502]).toBe("n000502");
  expect(outlook.top).toBe(500 * ROW);
});

test("the ends of the scroll bar are those of the list, whatever came and went before", () => {
  const outlook = looking();
  names.splice(100, 0, ...Array.from({ length: 30 }, (_, at) => `n000099-${at}`));
  after(outlook);
  expect(outlook.top - outlook.offset).toBe(30 * ROW);
  outlook.scrolled(0);
  expect([outlook.top, outlook.shift]).toEqual([0, 0]);
  outlook.scrolled(500 * ROW);
  outlook.pin(layout());
  names.splice(100, 30);
  after(outlook);
  outlook.scrolled(names.length * ROW - outlook.height);
  expect([outlook.top, outlook.shift]).toEqual([(names.length - 20) * ROW, 0]);
});

test("near an end the offset follows at once: what it could not be scrolled to would not be seen", () => {
  const near = looking(1000, 10);
  names.splice(5, 0, "a");
  after(near);
  expect(near.top).toBe(11 * ROW);
  expect(near.strayed).toBe(true);
  const end = looking(1000, 970);
  names.splice(5, 2);
  after(end);
  expect(end.strayed).toBe(true);
  const very = looking(1000, 500);
  names = names.slice(0, 30);
  after(very);
  expect(very.top).toBe(10 * ROW);
  expect(very.strayed).toBe(true);
});

test("at the very top new lines push the others down", () => {
  const outlook = looking(1000, 0);
  names.unshift("a");
  after(outlook);
  expect(outlook.top).toBe(0);
});

test("a list taller than browsers allow never strays: there an offset stands for many lines", () => {
  const outlook = looking(1_000, 0);
  outlook.fit(1_000_000);
  expect(outlook.still).toBe(false);
  outlook.go(900_000 * ROW);
  expect(outlook.top).toBe(900_000 * ROW);
  expect(outlook.offset).toBeLessThan(12_000_000);
  outlook.scrolled(outlook.offset + 1);
  expect(outlook.top).toBeGreaterThan(900_001 * ROW - 30);
  expect(outlook.apart).toBe(false);
});
