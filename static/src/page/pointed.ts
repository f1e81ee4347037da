// Space belongs to the page, unless the keyboard brought the focus to what it presses: a button that was clicked keeps the
// focus, and must not be pressed again by whoever wants to hold the picture.

/** What a click leaves the focus on. Rows, sliders and options stay theirs: Space picks there. */
const CLICKED = "button, a[href], summary, [role=button], [role=tab]";

export class Pointed {
  /** What the pointer pressed last, as long as the focus has been nowhere else. */
  private last: Element | null = null;
  /** The press of Space that was taken: the browser clicks when the key comes up. */
  private taken = false;

  constructor(
    private readonly window: Window,
    /** Space for the page; whether anything came of it. */
    private readonly space: (event: KeyboardEvent) => boolean,
  ) {}

  start(): void {
    this.window.addEventListener("pointerdown", ({ target }) => (this.last = target instanceof Element ? target.closest(CLICKED) : null), true);
    this.window.addEventListener("focusin", ({ target }) => {
      if (target !== this.last) this.last = null;
    }, true);
    // Before what has the focus hears of it.
    this.window.addEventListener("keydown", (event) => this.down(event), true);
    this.window.addEventListener("keyup", (event) => {
      if (event.key !== " " || !this.taken) return;
      this.taken = false;
      event.preventDefault();
      event.stopPropagation();
    }, true);
  }

  private down(event: KeyboardEvent): void {
    if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : null;
    if (!this.last || !target || target !== this.last || !this.space(event)) return;
    this.taken = true;
    event.preventDefault();
    event.stopPropagation();
  }
}
