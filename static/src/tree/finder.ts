// Going to a path: opens every parent of a znode, shows it, or says why it cannot.
import type { Children, Znode } from "../protocol";
import { plain } from "./names";
import { above, fault, nameOf, parentOf, ROOT } from "./paths";
import { WIDE } from "./shelf";
import { childrenTopic, WINDOW, znodeTopic } from "./topics";
import type { Tree } from "./tree";

/** How long an answer is waited for, ms. */
const PATIENCE = 5000;

export class Finder {
  /** What went wrong, or what is being done; '' says nothing. */
  message = "";
  failed = false;
  private turn = 0;

  constructor(private readonly tree: Tree) {}

  /** Go to what a person typed. True if it is there now. */
  async go(typed: string): Promise<boolean> {
    const turn = ++this.turn;
    const path = typed.trim();
    const wrong = fault(path);
    if (wrong) return this.say(wrong, true);
    this.say(`Looking for ${plain(path)}`, false);
    const znode = await this.once<Znode>(znodeTopic(path));
    if (turn !== this.turn) return false;
    if (!znode) return this.say("No answer came. The connection state is at the top of the page.", true);
    if (!znode.exists) {
      const near = await this.nearest(path);
      if (turn !== this.turn) return false;
      return this.say(`There is no znode ${plain(path)}. The nearest above it is ${plain(near)}.`, true);
    }
    for (const one of [...above(path), path].slice(1)) {
      this.tree.toggle(parentOf(one), true);
      const place = await this.place(parentOf(one), nameOf(one));
      if (turn !== this.turn) return false;
      if (place !== null) this.tree.shelves.all.get(parentOf(one))?.learn(nameOf(one), place);
    }
    this.tree.reveal(path);
    this.tree.select(path);
    this.say("", false);
    return true;
  }

  clear(): void {
    this.turn += 1;
    if (this.message) this.say("", false);
  }

  private say(message: string, failed: boolean): false {
    this.message = message;
    this.failed = failed;
    this.tree.redraw();
    return false;
  }

  private async nearest(path: string): Promise<string> {
    for (const one of above(path).reverse()) {
      if (one === ROOT) break;
      if ((await this.once<Znode>(znodeTopic(one)))?.exists) return one;
    }
    return ROOT;
  }

  /** The place of a child in its parent's order; null if it is not found there. */
  private async place(parent: string, name: string): Promise<number | null> {
    const first = await this.window(parent, 0);
    if (!first) return null;
    if (first.order.includes(name)) return first.order.indexOf(name);
    if (first.total <= WINDOW) return null;
    // Among many it is found by halving, for which they must be in the order of their names.
    if (first.total > WIDE) this.tree.setOption(parent, { order: "name", filter: "" });
    let low = 0;
    let high = Math.ceil(first.total / WINDOW) - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const window = await this.window(parent, middle * WINDOW);
      const last = window?.order.at(-1);
      if (!window || last === undefined) return null;
      const at = window.order.indexOf(name);
      if (at >= 0) return middle * WINDOW + at;
      if (name < (window.order[0] as string)) high = middle - 1;
      else if (name > last) low = middle + 1;
      else return null;
    }
    return null;
  }

  private window(parent: string, offset: number): Promise<Children | null> {
    const { order, filter } = this.tree.option(parent);
    return this.once<Children>(childrenTopic(parent, offset, order, filter));
  }

  /** The first value of a topic; null if none comes in time. */
  private once<T>(topic: string): Promise<T | null> {
    return new Promise((resolve) => {
      let stop = (): void => undefined;
      const end = (value: T | null): void => {
        clearTimeout(timer);
        resolve(value);
        // The topic may have been known already: then `stop` is not there yet.
        queueMicrotask(() => stop());
      };
      const timer = setTimeout(() => end(null), PATIENCE);
      stop = this.tree.topics.subscribe(topic, (value) => end(value as T | null));
    });
  }
}

