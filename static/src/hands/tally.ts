// What lies at and below several paths, each counted by itself, and the sum of it.
import { Count, type Counted } from "./counted";
import type { Problem } from "../protocol";
import type { Desk } from "./sheet";

/** Counts that are asked for at the same time. */
const AT_ONCE = 4;

/** From one round to the next, ms: at the least, and in times of what the last one took. */
const AGAIN = 2000;
const TIMES = 20;

export class Tally {
  private readonly counts: ReadonlyMap<string, Count>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(desk: Desk, paths: readonly string[]) {
    this.counts = new Map(paths.map((path) => [path, new Count(desk, path)]));
  }

  /** Count now, and again and again while `wanted`. */
  async follow(wanted: () => boolean): Promise<void> {
    const began = performance.now();
    const waiting = [...this.counts.values()];
    const turn = async (): Promise<void> => {
      for (let count = waiting.pop(); count && wanted() && !this.ended; count = waiting.pop()) await count.load();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, turn));
    if (this.ended) return;
    this.timer = setTimeout(() => void this.follow(wanted), Math.max(AGAIN, TIMES * (performance.now() - began)));
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  of(path: string): Counted | null {
    return this.counts.get(path)?.value ?? null;
  }

  /** What keeps it from being counted. */
  get problem(): Problem | null {
    return [...this.counts.values()].find(({ problem }) => problem !== null)?.problem ?? null;
  }

  /** Each as it was counted; null as long as one of them is not. */
  get all(): ReadonlyMap<string, Counted> | null {
    const found = new Map<string, Counted>();
    for (const [path, { value }] of this.counts) if (value) found.set(path, value);
    return found.size === this.counts.size ? found : null;
  }
}

export function sum(all: Iterable<Counted>): Counted {
  const whole: Counted = { exists: true, znodes: 0, bytes: 0, ephemerals: 0, locked: 0, sessions: {} };
  for (const one of all) {
    if (!one.exists) continue;
    for (const what of ["znodes", "bytes", "ephemerals", "locked"] as const) whole[what] += one[what];
    for (const [session, znodes] of Object.entries(one.sessions)) whole.sessions[session] = (whole.sessions[session] ?? 0) + znodes;
  }
  return whole;
}
