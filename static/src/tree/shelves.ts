// Which windows of which parents are subscribed to, and what they hold.
import type { Children } from "../protocol";
import type { Stretch } from "./model";
import { ParentShelf, type Window } from "./shelf";
import { childrenTopic, type Order } from "./topics";
import { windowsFor } from "./windows";

/** The part of the page's store that the tree needs. */
export interface Topics {
  subscribe(topic: string, listener: (value: unknown) => void): () => void;
}

/** How long a window that went out of view is kept, ms: scrolling back is common. */
const LINGER = 1500;

/** Windows that may be open at a time: a page may have 64 topics, and needs some for its other panels. */
const MOST = 44;

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

  /** These stretches are in view, one of each parent. True where another window leads from now on. */
  look(stretches: readonly Stretch[]): boolean {
    return stretches.filter(({ parent, from, to }) => this.all.get(parent)?.look(from, to)).length > 0;
  }

  /** Subscribe to a window for each of `stretches`, the most wanted first; end those that were not needed for a while.
   *  Says whether there was anything to do. */
  need(stretches: readonly Stretch[], now: number): boolean {
    const wanted: [ParentShelf, number][] = [];
    for (const { parent, from, to } of stretches) {
      const shelf = this.all.get(parent);
      if (!shelf) continue;
      for (const offset of windowsFor(from, to)) {
        if (wanted.length < MOST && !wanted.some(([other, at]) => other === shelf && at === offset)) wanted.push([shelf, offset]);
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
      this.changed();
    });
  }
}
