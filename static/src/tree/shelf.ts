// The children of one expanded parent, in windows, as far as they are in view.
import type { Children, Row } from "../protocol";
import type { Gone, Shelf } from "./model";
import { sequenceNumber } from "./names";
import { WINDOW, type Order } from "./topics";
import { windowFor } from "./windows";

/** Parents with more children than this can be ordered and filtered. */
export const WIDE = WINDOW;

/** Children of a parent that are gone, and remembered for when the story tells of them. */
const REMEMBERED = 50;

export interface Window {
  value: Children | null;
  stop: () => void;
  /** When it was last needed. */
  needed: number;
}

/**
 * Windows are topics of their own, and each comes in its own moment: where children come and go, neighbours do not fit together. So
 * all that is in view is taken from one of them, the leading one. Others lend what that does not hold, as far as they fit.
 */
export class ParentShelf implements Shelf {
  total = 0;
  /** Children without the filter, as far as known. */
  whole = 0;
  note = "";
  ghosts: readonly { before: number; ghost: Gone }[] = [];
  readonly windows = new Map<number, Window>();
  /** Where the leading window begins. */
  private lead = 0;
  /** What is known, the leading window's first, then by how near they are to it. */
  private values: readonly Children[] = [];
  /** False until the first window came. */
  private known = false;
  private readonly places = new Map<string, number>();
  private readonly seen = new Map<string, Gone>();
  private told: ReadonlyMap<string, number> = new Map();

  constructor(
    readonly path: string,
    readonly order: Order,
    readonly filter: string,
  ) {}

  get tools(): boolean {
    return this.whole > WIDE || this.filter !== "";
  }

  at(index: number): Row | undefined {
    for (const { offset = 0, order, rows } of this.values) {
      const name = index >= offset ? order[index - offset] : undefined;
      if (name !== undefined) return rows[name];
    }
    return undefined;
  }

  place(name: string): number | undefined {
    for (const { offset = 0, order, rows } of this.values) {
      if (!Object.hasOwn(rows, name)) continue;
      const at = order.indexOf(name);
      if (at >= 0) {
        this.places.set(name, offset + at);
        return offset + at;
      }
    }
    // Scrolled out of view: it is where it was, unless what stands there now says otherwise.
    const before = this.places.get(name);
    if (before === undefined || this.at(before) !== undefined) return undefined;
    return before;
  }

  /** These children are in view. True where another window leads from now on. */
  look(from: number, to: number): boolean {
    const lead = windowFor(from, to);
    if (lead === this.lead) return false;
    this.lead = lead;
    return true;
  }

  /**
   * Take in what the windows hold now. `children`: how many its own row says there are, which counts while no window is here. `told`:
   * the story tells of these children, by name with the time; those that are gone keep a row.
   */
  refresh(children: number | undefined, told: ReadonlyMap<string, number>): void {
    this.told = told;
    const open = [...this.windows].filter(([, { value }]) => value !== null);
    open.sort(([a], [b]) => Math.abs(a - this.lead) - Math.abs(b - this.lead));
    const values: Children[] = [];
    for (const [, { value }] of open) if (value && values.every((other) => fit(value, other))) values.push(value);
    this.values = values;
    const [value] = this.values;
    if (value) {
      this.known = true;
      this.total = value.exists ? value.total : 0;
      if (this.filter === "") this.whole = this.total;
      this.note = this.total === 0 && this.filter !== "" ? "No child's name has this in it." : "";
    } else if (children !== undefined && !(this.known && this.windows.size > 0)) {
      this.whole = children;
      if (this.filter === "") this.total = children;
    }
    this.ghosts = this.placed();
  }

  /** Where a child will be found, learnt otherwise than by a window in view. */
  learn(name: string, index: number): void {
    this.places.set(name, index);
    // Its own line must be there to go to, also before any window says how many there are.
    if (this.windows.size === 0) this.total = Math.max(this.total, index + 1);
  }

  /** The gone where they stood: only within windows that are here, since only there their neighbours are known. */
  private placed(): { before: number; ghost: Gone }[] {
    const gone = new Map<string, Gone>();
    for (const [name, at] of this.told) {
      const { kind, holder } = this.seen.get(name) ?? { kind: null };
      gone.set(name, { name, at, kind, faded: true, ...(holder ? { holder } : {}) });
    }
    // All windows tell of all of them.
    for (const ghost of Object.values(this.values[0]?.ghosts ?? {})) {
      gone.set(ghost.name, ghost);
      this.seen.set(ghost.name, ghost);
    }
    while (this.seen.size > REMEMBERED) this.seen.delete(this.seen.keys().next().value as string);
    const found: { before: number; ghost: Gone }[] = [];
    for (const ghost of gone.values()) {
      if (this.filter !== "" && !ghost.name.includes(this.filter)) continue;
      if (this.values.some(({ rows }) => Object.hasOwn(rows, ghost.name))) continue;
      const before = this.gap(ghost.name);
      if (before !== undefined) found.push({ before, ghost });
    }
    return found.sort((a, b) => a.before - b.before || (this.stands(a.ghost.name, b.ghost.name) ? -1 : 1));
  }

  /** The place before which a child that is gone stood; undefined where its neighbours are not known. */
  private gap(name: string): number | undefined {
    for (const { offset = 0, order } of this.values) {
      let [low, high] = [0, order.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.stands(name, order[middle] as string)) high = middle;
        else low = middle + 1;
      }
      const first = low === 0 && offset > 0;
      const last = low === order.length && offset + low < this.total;
      if (!first && !last) return offset + low;
    }
    return undefined;
  }

  /** Whether `ghost` stood before the child `name`. By age or size it cannot be known: then it stands first. */
  private stands(ghost: string, name: string): boolean {
    if (this.order === "newest" || this.order === "size") return true;
    if (this.order === "number") {
      const [a, b] = [sequenceNumber(ghost), sequenceNumber(name)];
      if (a !== b) return (a ?? Infinity) < (b ?? Infinity);
    }
    return ghost < name;
  }
}

/** Whether two windows are of one moment, as far as what both hold can say. */
function fit(one: Children, other: Children): boolean {
  const [a, b] = [one.offset ?? 0, other.offset ?? 0];
  const [first, end] = [Math.max(a, b), Math.min(a + one.order.length, b + other.order.length)];
  return [first, end - 1].every((at) => first >= end || one.order[at - a] === other.order[at - b]);
}
