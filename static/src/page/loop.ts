// When the page is drawn: once a frame at most, when something changed; and slowly by itself while a figure on it runs.
import type { View } from "./view";

/** Ms until the drawing is old by itself; 0 if it is not before something changes. */
export function pace(view: View): number {
  const counting = Object.values(view.stage?.nodes ?? {}).some((node) => node.expires !== undefined && node.state !== "dead");
  const young = view.liveness.word !== "LIVE" && view.clock - view.liveness.since < 60_000;
  if (view.paused) return young ? 250 : view.liveness.word === "LIVE" ? 0 : 1_000;
  if (counting && !view.liveness.held) return 100;
  if (young) return 200;
  return view.stage ? 250 : 1_000;
}

/** Ms between two drawings for what changes all the time: figures that run faster than this cannot be read. */
const CALM = 100;

export class Loop {
  private frame = 0;
  private drawn = -Infinity;
  private soonest: ReturnType<typeof setTimeout> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `draw` draws and says how long the drawing stays true, as `pace` does. */
  constructor(private readonly draw: () => number) {}

  /** Draw with the browser's next frame. A page that nobody looks at is not drawn. */
  readonly request = (): void => {
    if (this.frame) return;
    clearTimeout(this.timer);
    this.frame = requestAnimationFrame(this.now);
  };

  /** Draw for what may change all the time: at once after a rest, then ten times a second. */
  readonly soon = (): void => {
    if (this.frame || this.soonest !== undefined) return;
    const wait = this.drawn + CALM - performance.now();
    if (wait <= 0) this.request();
    else this.soonest = setTimeout(this.request, wait);
  };

  /** Draw at once: what opens must be there for the next key that is pressed. */
  readonly now = (): void => {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    clearTimeout(this.soonest);
    this.soonest = undefined;
    this.frame = 0;
    this.drawn = performance.now();
    const again = this.draw();
    if (again && !this.frame) this.timer = setTimeout(this.request, again);
  };
}
