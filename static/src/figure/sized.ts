// A drawing that knows the size of the element it stands in, and may keep state of the page alone (a scroll
// position, a chosen window). State of the cluster never lives here.
import { nothing } from "lit-html";
import { AsyncDirective } from "lit-html/async-directive.js";
import { directive, PartType, type ChildPart, type PartInfo } from "lit-html/directive.js";

export interface Size {
  width: number;
  height: number;
}

/** State of one drawing on this page; `stop` is called when the drawing leaves it. */
export interface Local {
  stop?(): void;
}

type Draw<L extends Local> = (size: Size, local: L) => unknown;

class Sized extends AsyncDirective {
  private size: Size = { width: 0, height: 0 };
  private local: Local | null = null;
  private draw: Draw<Local> = () => nothing;
  private element: Element | null = null;
  private observer: ResizeObserver | null = null;

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.CHILD) throw new Error("sized() draws the content of an element.");
  }

  render<L extends Local>(_fallback: Size, _make: () => L, _draw: Draw<L>): unknown {
    return nothing;
  }

  override update<L extends Local>(part: ChildPart, [fallback, make, draw]: [Size, () => L, Draw<L>]): unknown {
    this.draw = draw as unknown as Draw<Local>;
    this.local ??= make();
    const element = part.parentNode as Element;
    if (element !== this.element) {
      this.element = element;
      this.size = fallback;
      // At the first drawing the element is not in the document yet.
      queueMicrotask(() => this.watch());
    }
    return this.draw(this.size, this.local);
  }

  private watch(): void {
    if (!this.element || !this.isConnected || typeof ResizeObserver === "undefined") return;
    this.observer?.disconnect();
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.element);
    this.measure();
  }

  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.element!;
    if (!width || (width === this.size.width && height === this.size.height)) return;
    this.size = { width, height };
    if (this.isConnected && this.local) this.setValue(this.draw(this.size, this.local));
  }

  protected override disconnected(): void {
    this.observer?.disconnect();
    this.local?.stop?.();
  }

  protected override reconnected(): void {
    this.watch();
  }
}

const make = directive(Sized);

/** `fallback` is the size until it is known; `local` makes the state; `draw` draws at a size. */
export function sized<L extends Local>(fallback: Size, local: () => L, draw: Draw<L>): unknown {
  return make(fallback, local as () => Local, draw as unknown as Draw<Local>);
}
