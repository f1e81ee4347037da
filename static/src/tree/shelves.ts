// Which windows of which parents are subscribed to, and what they hold.
import type { Children, Row } from "../protocol";
import type { Gone, Shelf, Stretch } from "./model";
import { sequenceNumber } from "./names";
import { childrenTopic, WINDOW, type Order } from "./topics";

/** The part of the page's store that the tree needs. */
export interface Topics {
  subscribe(topic: string, listener: (value: unknown) => void): () => void;
}

/** Parents with more children than this can be ordered and filtered. */
export const WIDE = WINDOW;

/** How long a window that went out of view is kept, ms: scrolling back is common. */
const LINGER = 1500;

/** Windows that may be open at a time: a page may have 64 topics, and needs some for its other panels. */
const MOST = 44;

interface Window {
  value: Children | null;
  stop: () => void;
  /** When it was last needed. */
  needed: number;
}

/** The children of one expanded parent, in windows of 200, as far as they are in view. */
export class ParentShelf implements Shelf {
  total = 0;
  /** False until the first window came. */
  known = false;
  /** Children without the filter, as far as known. */
  whole = 0;
  note = "";
  ghosts: readonly { before: number; ghost: Gone }[] = [];
  readonly windows = new Map<number, Window>();
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
    const value = this.windows.get(index - (index % WINDOW))?.value;
    const name = value?.order[index % WINDOW];
    return name === undefined ? undefined : value?.rows[name];
  }

  place(name: string): number | undefined {
    for (const [offset, { value }] of this.windows) {
      if (!value || !Object.hasOwn(value.rows, name)) continue;
      const at = value.order.indexOf(name);
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

  take(value: Children): void {
    this.known = true;
    this.total = value.exists ? value.total : 0;
    if (this.filter === "") this.whole = this.total;
    this.note = this.total === 0 && this.filter !== "" ? "No child's name has this in it." : "";
    this.ghosts = this.placed();
  }

  /** While no window is here, the parent's own row says how many children there are. */
  expect(children: number): void {
    if (this.known && this.windows.size > 0) return;
    this.whole = children;
    if (this.filter === "") this.total = children;
  }

  /** The story tells of these children, by name with the time: those that are gone keep a row. */
  tell(told: ReadonlyMap<string, number>): void {
    this.told = told;
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
    const found = new Map<string, { before: number; ghost: Gone }>();
    for (const [offset, { value }] of this.windows) {
      if (!value) continue;
      const gone = new Map<string, Gone>();
      for (const [name, at] of this.told) {
        const { kind, holder } = this.seen.get(name) ?? { kind: null };
        gone.set(name, { name, at, kind, faded: true, ...(holder ? { holder } : {}) });
      }
      for (const ghost of Object.values(value.ghosts ?? {})) {
        gone.set(ghost.name, ghost);
        this.seen.set(ghost.name, ghost);
      }
      for (const ghost of gone.values()) {
        if (found.has(ghost.name) || Object.hasOwn(value.rows, ghost.name)) continue;
        if (this.filter !== "" && !ghost.name.includes(this.filter)) continue;
        const after = value.order.findIndex((name) => this.stands(ghost.name, name));
        const inside = after < 0 ? value.order.length : after;
        const first = inside === 0 && offset > 0;
        const last = inside === value.order.length && offset + inside < this.total;
        if (!first && !last) found.set(ghost.name, { before: offset + inside, ghost });
      }
    }
    while (this.seen.size > 50) this.seen.delete(this.seen.keys().next().value as string);
    return [...found.values()].sort((a, b) => a.before - b.before || (this.stands(a.ghost.name, b.ghost.name) ? -1 : 1));
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

/** The shelves of all expanded parents, kept in step with what is in view. */
export class Shelves {
  readonly all = new Map<string, ParentShelf>();

  constructor(
    private readonly topics: Topics,
    private readonly changed: () => void,
  ) {}

  /** Bring the set of shelves to `parents`, each with its order and filter; a new order or filter starts anew. */
  keep(parents: ReadonlyMap<string, { order: Order; filter: string }>): void {
    for (const [path, shelf] of this.all) {
      const wanted = parents.get(path);
      if (wanted?.order === shelf.order && wanted.filter === shelf.filter) continue;
      this.end(shelf);
      this.all.delete(path);
      if (!wanted) continue;
      const next = new ParentShelf(path, wanted.order, wanted.filter);
      next.whole = shelf.whole;
      next.total = wanted.filter === "" ? shelf.whole : shelf.total;
      this.all.set(path, next);
    }
    for (const [path, { order, filter }] of parents) {
      if (!this.all.has(path)) this.all.set(path, new ParentShelf(path, order, filter));
    }
  }

  /** Subscribe to the windows that `stretches` touch, the most wanted first; end those that were not needed for a while.
   *  Says whether there was anything to do. */
  need(stretches: readonly Stretch[], now: number): boolean {
    const wanted: [ParentShelf, number][] = [];
    for (const { parent, from, to } of stretches) {
      const shelf = this.all.get(parent);
      if (!shelf) continue;
      for (let offset = from - (from % WINDOW); offset < to && wanted.length < MOST; offset += WINDOW) {
        if (!wanted.some(([other, at]) => other === shelf && at === offset)) wanted.push([shelf, offset]);
      }
    }
    for (const [shelf, offset] of wanted) {
      const window = shelf.windows.get(offset);
      if (window) window.needed = now;
    }
    const idle = [...this.all.values()].flatMap((shelf) => [...shelf.windows].filter(([, { needed }]) => needed < now).map(([offset, window]) => ({ shelf, offset, window })));
    idle.sort((a, b) => b.window.needed - a.window.needed);
    const over = idle.filter(({ window }, at) => now - window.needed > LINGER || wanted.length + at >= MOST);
    for (const { shelf, offset, window } of over) {
      window.stop();
      shelf.windows.delete(offset);
    }
    const missing = wanted.filter(([shelf, offset]) => !shelf.windows.has(offset));
    for (const [shelf, offset] of missing) this.open(shelf, offset, now);
    return over.length + missing.length > 0;
  }

  /** End everything, for a tree that leaves the page. What is known stays. */
  end(only?: ParentShelf): void {
    for (const shelf of only ? [only] : this.all.values()) {
      for (const window of shelf.windows.values()) window.stop();
      shelf.windows.clear();
    }
  }

  private open(shelf: ParentShelf, offset: number, now: number): void {
    const window: Window = { value: null, stop: () => undefined, needed: now };
    shelf.windows.set(offset, window);
    window.stop = this.topics.subscribe(childrenTopic(shelf.path, offset, shelf.order, shelf.filter), (value) => {
      window.value = value as Children | null;
      if (window.value) shelf.take(window.value);
      this.changed();
    });
  }
}
