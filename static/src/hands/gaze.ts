// Looks at one znode for as long as a dialog is open, live: what it is, and what it becomes meanwhile.
import type { Znode } from "../protocol";
import type { Topics } from "../tree/shelves";
import { znodeTopic } from "../tree/topics";

/** While a path is being typed it is looked at once typing has rested for this long, ms. */
const REST = 250;

export class Gaze {
  path = "";
  /** Null until an answer came. */
  znode: Znode | null = null;
  private stop: (() => void) | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly topics: Topics,
    private readonly changed: () => void,
  ) {}

  /** Look at this path; '' at none. */
  at(path: string): this {
    if (path === this.path) return this;
    this.end();
    this.path = path;
    if (path) this.stop = this.topics.subscribe(znodeTopic(path), this.take);
    return this;
  }

  /** Look at it soon: it is still being typed. */
  soon(path: string): void {
    if (path === this.path) return;
    this.end();
    this.timer = setTimeout(() => this.at(path), REST);
    this.changed();
  }

  /** Whether there is a znode; null while that is not known. */
  get exists(): boolean | null {
    return this.znode?.exists ?? null;
  }

  end(): void {
    clearTimeout(this.timer);
    this.stop?.();
    this.stop = null;
    this.path = "";
    this.znode = null;
  }

  private readonly take = (value: unknown): void => {
    this.znode = value as Znode | null;
    this.changed();
  };
}
