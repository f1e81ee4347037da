// When the tree asks for windows: at once after a rest, seldom while its view moves, and then ahead of it.

/** Windows are asked for at most this often, ms: a dragged scrollbar passes hundreds, and a page may send 20 frames a second. */
const EVERY = 200;

/** Lines beyond the view whose windows are asked for. */
const BESIDE = 40;

/** So far ahead of a view that moves, ms: what is asked for then has come when it is reached. */
const AHEAD = 450;

/** Lines ahead at the most: what moves faster than that would have passed before anything came. */
const FARTHEST = 600;

/** A view that did not move for this long is at rest, ms. */
const REST = 150;

export class Asking {
  private asked = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private place = { line: 0, at: -Infinity };
  /** Lines a ms, downwards. */
  private speed = 0;

  /** `ask` subscribes to what is needed, and says whether that took any frame. */
  constructor(private readonly ask: (now: number) => boolean) {}

  /** Ask as soon as may be. */
  soon(): void {
    if (this.timer !== undefined) return;
    const wait = this.asked + EVERY - performance.now();
    if (wait <= 0) this.now();
    else
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.now();
      }, wait);
  }

  now(): void {
    const now = performance.now();
    if (this.ask(now)) this.asked = now;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** The view was scrolled to a line. */
  moved(line: number): void {
    const now = performance.now();
    const passed = now - this.place.at;
    if (passed > REST) this.speed = 0;
    else if (passed > 0) this.speed += ((line - this.place.line) / passed - this.speed) / 2;
    this.place = { line, at: now };
  }

  /** Whether the view is at rest. */
  rests(now: number): boolean {
    return now - this.place.at > REST;
  }

  /** How many lines above and below the view to ask for. */
  reach(now: number): { above: number; below: number } {
    const ahead = this.rests(now) ? 0 : this.speed * AHEAD;
    const far = Math.abs(ahead) > FARTHEST ? BESIDE : Math.max(BESIDE, Math.ceil(Math.abs(ahead)));
    return { above: ahead < 0 ? far : BESIDE, below: ahead > 0 ? far : BESIDE };
  }
}
