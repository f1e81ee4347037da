// The geometry of the tree's list: which row stands at which line. Pure.
//
// An expanded parent of 100,000 children is a few runs of consecutive children between the lines
// that stand elsewhere (expanded children, ghosts), so every question is a search in a short list.
import type { Row } from "../protocol";
import { join, nameOf, parentOf, ROOT } from "./paths";

/** A child that was deleted. `faded`: the glow is over, the story still tells of it. `kind` null: not known. */
export interface Gone {
  name: string;
  at: number;
  kind: Row["kind"] | null;
  holder?: string;
  faded?: boolean;
}

/** What is known of the children of one expanded parent. */
export interface Shelf {
  /** Children that pass the filter; until that is known, as many as the parent is said to have. */
  total: number;
  /** It has a line with order and filter. */
  tools: boolean;
  /** Said in place of rows where there are none; '' says nothing. */
  note: string;
  /** The child at a place in the order, if its window is here. */
  at(index: number): Row | undefined;
  /** The place of a child, if it is known. */
  place(name: string): number | undefined;
  /** Children that were deleted, by the place that they stand before, ascending. */
  ghosts: readonly { before: number; ghost: Gone }[];
}

export type Line =
  | { kind: "znode"; parent: string; index: number; depth: number; total: number; path: string | null; row: Row | null }
  | { kind: "ghost"; parent: string; depth: number; path: string; ghost: Gone }
  | { kind: "tools"; parent: string; depth: number }
  | { kind: "note"; parent: string; depth: number; text: string };

interface Segment {
  /** Line of its first row. */
  line: number;
  count: number;
  parent: string;
  depth: number;
  shelf: Shelf;
  what: { run: number } | { ghost: Gone } | "tools" | "note";
}

/** Children of `parent` from `from` up to, not with, `to`. */
export interface Stretch {
  parent: string;
  from: number;
  to: number;
}

export class Layout {
  readonly length: number;
  private readonly segments: Segment[] = [];
  private readonly runs = new Map<string, Segment[]>();

  /** `shelves` holds every expanded parent, '/' among them; one whose own row is nowhere is left out. */
  constructor(private readonly shelves: ReadonlyMap<string, Shelf>) {
    const below = new Map<string, string[]>();
    for (const path of shelves.keys()) {
      if (path === ROOT) continue;
      const siblings = below.get(parentOf(path));
      if (siblings) siblings.push(path);
      else below.set(parentOf(path), [path]);
    }
    let line = 0;
    const push = (segment: Omit<Segment, "line">): void => {
      if (segment.count === 0) return;
      const placed = { ...segment, line };
      this.segments.push(placed);
      line += segment.count;
      if (typeof placed.what !== "object" || !("run" in placed.what)) return;
      const runs = this.runs.get(placed.parent);
      if (runs) runs.push(placed);
      else this.runs.set(placed.parent, [placed]);
    };
    const lay = (parent: string, depth: number): void => {
      const shelf = shelves.get(parent);
      if (!shelf) return;
      if (shelf.tools) push({ count: 1, parent, depth, shelf, what: "tools" });
      if (shelf.note) push({ count: 1, parent, depth, shelf, what: "note" });
      // Where the run of children is cut: after an expanded child, and before a ghost.
      const cuts: { at: number; ghost?: Gone; child?: string }[] = [];
      for (const child of below.get(parent) ?? []) {
        const place = shelf.place(nameOf(child));
        if (place !== undefined && place < shelf.total) cuts.push({ at: place + 1, child });
      }
      for (const { before, ghost } of shelf.ghosts) cuts.push({ at: Math.min(before, shelf.total), ghost });
      cuts.sort((a, b) => a.at - b.at || Number(!!a.ghost) - Number(!!b.ghost));
      let from = 0;
      for (const cut of cuts) {
        push({ count: cut.at - from, parent, depth, shelf, what: { run: from } });
        from = cut.at;
        if (cut.ghost) push({ count: 1, parent, depth, shelf, what: { ghost: cut.ghost } });
        else if (cut.child !== undefined) lay(cut.child, depth + 1);
      }
      push({ count: shelf.total - from, parent, depth, shelf, what: { run: from } });
    };
    lay(ROOT, 1);
    this.length = line;
  }

  /** What stands at a line; undefined outside the list. */
  at(line: number): Line | undefined {
    const segment = this.segments[this.search(line)];
    if (!segment || line < 0 || line >= this.length) return undefined;
    const { parent, depth, shelf, what } = segment;
    if (what === "tools") return { kind: "tools", parent, depth };
    if (what === "note") return { kind: "note", parent, depth, text: shelf.note };
    if ("ghost" in what) return { kind: "ghost", parent, depth, path: join(parent, what.ghost.name), ghost: what.ghost };
    const index = what.run + line - segment.line;
    const row = shelf.at(index) ?? null;
    return { kind: "znode", parent, index, depth, total: shelf.total, path: row && join(parent, row.name), row };
  }

  /** The line of a znode, if its place is known and every parent is expanded. */
  find(path: string): number | undefined {
    if (path === ROOT) return undefined;
    const place = this.shelves.get(parentOf(path))?.place(nameOf(path));
    return place === undefined ? undefined : this.lineOf(parentOf(path), place);
  }

  /** The line of the child at a place in the order of `parent`. */
  lineOf(parent: string, index: number): number | undefined {
    for (const { what, count, line } of this.runs.get(parent) ?? []) {
      if (typeof what === "object" && "run" in what && index >= what.run && index < what.run + count) return line + index - what.run;
    }
    return undefined;
  }

  /** The children that stand on the lines from `from` up to, not with, `to`. */
  stretches(from: number, to: number): Stretch[] {
    const found: Stretch[] = [];
    for (let at = Math.max(0, this.search(Math.max(0, from))); at < this.segments.length; at += 1) {
      const { line, count, parent, what } = this.segments[at] as Segment;
      if (line >= to) break;
      if (typeof what === "string" || "ghost" in what) continue;
      const first = Math.max(from, line) - line;
      const last = Math.min(to, line + count) - line;
      if (last > first) found.push({ parent, from: what.run + first, to: what.run + last });
    }
    return found;
  }

  /** The same, of each parent in one: what stands between is not a child of it. */
  spans(from: number, to: number): Stretch[] {
    const found = new Map<string, Stretch>();
    for (const { parent, from: first, to: last } of this.stretches(from, to)) {
      found.set(parent, { parent, from: found.get(parent)?.from ?? first, to: last });
    }
    return [...found.values()];
  }

  /** Index of the segment that holds a line: the last that does not begin after it. */
  private search(line: number): number {
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.segments[middle] as Segment).line <= line) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Pixels of one row. */
export const ROW = 28;

/** Taller elements are cut off by browsers (Firefox at 17.8 million pixels). */
const TALLEST = 12_000_000;

/** How lines and scroll offsets belong together. Beyond `TALLEST` a pixel of scrolling stands for more than one. */
export class Scale {
  readonly height: number;
  private readonly stretch: number;

  /** A pixel of scrolling is a pixel of the list. */
  get plain(): boolean {
    return this.stretch === 1;
  }

  constructor(lines: number, view: number) {
    const full = lines * ROW;
    this.height = Math.min(full, TALLEST);
    this.stretch = full > TALLEST ? (full - view) / (TALLEST - view) : 1;
  }

  /** The pixel of the whole list, were it not cut, that stands at the top of the view. */
  top(scroll: number): number {
    return scroll * this.stretch;
  }

  /** The scroll offset that brings a pixel of the whole list to the top of the view. */
  scroll(top: number): number {
    return top / this.stretch;
  }
}
