// The page while a person holds it: what is shown stands still, and the writes since then are counted.
import type { Store } from "../live/store";
import type { Changes } from "../protocol";
import type { View } from "./view";

/** Counts changes meanwhile. */
export const COUNTER = "changes?limit=1";

export class Hold {
  private held: { since: number; base: number | null; changes: number } | null = null;
  private leave: () => void = () => {};

  constructor(private readonly store: Store) {}

  /** What the view tells of it. */
  get view(): View["paused"] {
    return this.held && { since: this.held.since, changes: this.held.changes };
  }

  begin(since: number): void {
    if (this.held) return;
    this.held = { since, base: null, changes: 0 };
    this.store.freeze();
    this.leave = this.store.subscribe(COUNTER, () => {});
  }

  end(): void {
    this.held = null;
    this.leave();
    this.store.thaw();
  }

  /** Writes since it began; whether there is something new. The first word of the counter is where it stood. */
  count(): boolean {
    const last = this.store.newest<Changes>(COUNTER)?.writes;
    if (!this.held || last === undefined) return false;
    const { base, changes } = this.held;
    // A bridge that was started anew counts from 0 again.
    if (base === null || last < base) this.held = { ...this.held, base: last - changes };
    else this.held = { ...this.held, changes: last - base };
    return true;
  }
}
