// The bridge's clock, reckoned from the times in its frames.

const SAMPLES = 30;

/**
 * How far the bridge's clock is ahead of the browser's, ms. A frame can only be late, never early, so of
 * the last samples the largest difference is the one that waited least on the way.
 */
export class ServerClock {
  private samples: number[] = [];

  /** A frame sent at `at` (bridge's clock) was received at `received` (browser's clock). */
  heard(at: number, received: number): void {
    const sample = at - received;
    // Either clock was set, or the machine slept: what was known before is worth nothing.
    if (this.samples.length && Math.abs(sample - this.offset) > 5_000) this.samples = [];
    this.samples.push(sample);
    if (this.samples.length > SAMPLES) this.samples.shift();
  }

  get offset(): number {
    return this.samples.length ? Math.max(...this.samples) : 0;
  }
}
