import { expect, test } from "vitest";
import type { Row } from "../../src/protocol";
import { Layout, Scale, ROW, type Gone, type Line, type Shelf } from "../../src/tree/model";
import { join, ROOT } from "../../src/tree/paths";
import { random, type Random } from "./random";

interface Made extends Shelf {
  names: string[];
}

function shelf(names: string[], more: Partial<Shelf> = {}): Made {
  return {
    names, total: names.length, tools: false, note: "", ghosts: [],
    at: (index) => (names[index] === undefined ? undefined : ({ name: names[index], kind: "persistent" } satisfies Row)),
    place: (name) => (names.includes(name) ? names.indexOf(name) : undefined),
    ...more,
  };
}

/** The same list made in the plainest way: line by line. */
function plainly(shelves: Map<string, Made>): string[] {
  const lines: string[] = [];
  const lay = (parent: string): void => {
    const one = shelves.get(parent);
    if (!one) return;
    if (one.tools) lines.push(`tools ${parent}`);
    if (one.note) lines.push(`note ${parent}`);
    for (let index = 0; index <= one.total; index += 1) {
      for (const { before, ghost } of one.ghosts) if (Math.min(before, one.total) === index) lines.push(`gone ${join(parent, ghost.name)}`);
      const name = one.names[index];
      if (index === one.total || name === undefined) continue;
      lines.push(join(parent, name));
      if (shelves.has(join(parent, name))) lay(join(parent, name));
    }
  };
  lay(ROOT);
  return lines;
}

function spoken(line: Line | undefined): string {
  if (!line) return "nothing";
  if (line.kind === "znode") return line.path ?? "waiting";
  return line.kind === "ghost" ? `gone ${line.path}` : `${line.kind} ${line.parent}`;
}

function forest(any: Random): Map<string, Made> {
  const shelves = new Map<string, Made>();
  const grow = (path: string, depth: number): void => {
    const names = Array.from({ length: any.below(6) }, (_, at) => `n${at}`);
    const ghosts = Array.from({ length: any.below(3) }, (_, at): { before: number; ghost: Gone } => ({
      before: any.below(names.length + 1), ghost: { name: `g${at}`, at: 0, kind: "ephemeral" },
    })).sort((a, b) => a.before - b.before);
    shelves.set(path, shelf(names, { ghosts, tools: any.below(4) === 0, note: names.length ? "" : "none" }));
    if (depth < 4) for (const name of names) if (any.below(3) === 0) grow(join(path, name), depth + 1);
  };
  grow(ROOT, 1);
  // One whose own row is not there any more must not be drawn.
  shelves.set("/gone", shelf(["left"]));
  return shelves;
}

test("the layout is the list that is made line by line", () => {
  const any = random(1);
  for (let round = 0; round < 300; round += 1) {
    const shelves = forest(any);
    const layout = new Layout(shelves);
    const wanted = plainly(shelves);
    expect(Array.from({ length: layout.length }, (_, at) => spoken(layout.at(at)))).toEqual(wanted);
    expect(layout.at(-1)).toBeUndefined();
    expect(layout.at(layout.length)).toBeUndefined();
    wanted.forEach((path, at) => {
      if (path.startsWith("/")) expect(layout.find(path)).toBe(at);
    });
    expect(layout.find("/gone/left")).toBeUndefined();
  }
});

test("stretches name exactly the children that stand on the lines", () => {
  const any = random(2);
  for (let round = 0; round < 200; round += 1) {
    const layout = new Layout(forest(any));
    const from = any.below(12) - 3;
    const to = from + any.below(10);
    const wanted: string[] = [];
    for (let at = from; at < to; at += 1) {
      const line = layout.at(at);
      if (line?.kind === "znode") wanted.push(`${line.parent} ${line.index}`);
    }
    const found = layout.stretches(from, to).flatMap(({ parent, from: first, to: last }) => {
      return Array.from({ length: last - first }, (_, at) => `${parent} ${first + at}`);
    });
    expect(found).toEqual(wanted);
  }
});

test("100,000 children are a few segments: their layout takes no time to speak of", () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `n${at}`);
  const wide = shelf(names, { place: (name) => Number(name.slice(1)) });
  const shelves = new Map<string, Shelf>([[ROOT, shelf(["wide", "last"])], ["/wide", wide], ["/wide/n500", shelf(["a", "b"])]]);
  const began = performance.now();
  const layout = new Layout(shelves);
  expect(performance.now() - began).toBeLessThan(20);
  expect(layout.length).toBe(100_004);
  expect(spoken(layout.at(502))).toBe("/wide/n500/a");
  expect(spoken(layout.at(504))).toBe("/wide/n501");
  expect(spoken(layout.at(100_003))).toBe("/last");
  expect(layout.find("/wide/n99999")).toBe(100_002);
});

test("a row that is not here yet still has its place", () => {
  const layout = new Layout(new Map([[ROOT, shelf([], { total: 3 })]]));
  expect(layout.at(1)).toMatchObject({ kind: "znode", path: null, row: null, index: 1, total: 3 });
});

test("a list taller than browsers allow still scrolls to its last line", () => {
  const small = new Scale(100, 600);
  expect(small.height).toBe(100 * ROW);
  expect(small.top(123)).toBe(123);
  const tall = new Scale(1_000_000, 600);
  expect(tall.height).toBeLessThan(17_000_000);
  expect(tall.top(tall.height - 600)).toBeCloseTo(1_000_000 * ROW - 600, 3);
  expect(tall.top(tall.scroll(987_654))).toBeCloseTo(987_654, 3);
});
