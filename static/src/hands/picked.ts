// The znodes that a person picked out of the tree to do something to all of them. By path, so that they stay picked
// while their rows come, go and change places.

/** More are not picked: each is a request of its own. */
export const MOST = 500;

/** A znode as its row was when it was picked: what is done to it later is done to that, or refused. */
export interface Pick {
  path: string;
  version: number;
  /** The transaction that created it: another znode of its name may have the same version. */
  czxid: string;
  children: number;
}

export class Picked {
  private readonly chosen = new Map<string, Pick>();
  /** Where a range begins. */
  private anchor: string | null = null;

  get all(): readonly Pick[] {
    return [...this.chosen.values()];
  }

  get paths(): readonly string[] {
    return [...this.chosen.keys()];
  }

  get size(): number {
    return this.chosen.size;
  }

  has(path: string): boolean {
    return this.chosen.has(path);
  }

  /** Pick it, or not any more. Nothing else is picked with it: what is merely shown was never picked. */
  toggle(pick: Pick): void {
    if (!this.chosen.delete(pick.path)) this.extend([pick]);
    this.anchor = pick.path;
  }

  /** Pick a stretch of rows. False where there were more than can be picked. */
  extend(picks: readonly Pick[]): boolean {
    for (const pick of picks) {
      if (this.chosen.has(pick.path)) continue;
      if (this.chosen.size >= MOST) return false;
      this.chosen.set(pick.path, pick);
    }
    return true;
  }

  /** Where a range that ends elsewhere begins; the given one where none was begun. */
  from(path: string | null): string | null {
    return this.anchor ?? path;
  }

  /** A row was chosen by itself: ranges begin there. */
  begin(path: string): void {
    this.anchor = path;
  }

  /** It was seen to be deleted: another znode of its name is not meant. */
  gone(path: string): void {
    this.chosen.delete(path);
  }

  clear(): void {
    this.chosen.clear();
    this.anchor = null;
  }
}
