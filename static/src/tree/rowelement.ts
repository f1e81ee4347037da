// One element of the list. It shows one line after another: making elements takes long, and so does drawing one again of which
// nothing changed.
import { render } from "lit-html";
import { ATTRIBUTES, type Attributes, type Looking } from "./rows";

export class RowElement {
  readonly element = document.createElement("div");
  private of: readonly unknown[] = [];
  private readonly attributes: Partial<Record<keyof Attributes | "class" | "aria-label" | "title", string | null>> = {};
  private readonly styles: Record<string, string | null> = {};

  /** Show a line `top` px below the beginning of the list. */
  show(looking: Looking, top: number): void {
    const { of, classes, attributes, depth, age } = looking;
    if (of.length !== this.of.length || of.some((part, at) => part !== this.of[at])) {
      const { content, label, title } = looking.face();
      render(content, this.element);
      this.set("aria-label", label ?? null);
      this.set("title", title ?? null);
      this.of = of;
    }
    this.set("class", ["row", ...classes].join(" "));
    for (const name of ATTRIBUTES) this.set(name, attributes[name]);
    this.style("transform", `translateY(${top}px)`);
    this.style("--in", String(Math.min(depth - 1, 24)));
    this.style("--age", age === null ? null : String(age));
  }

  private set(name: keyof typeof this.attributes, value: string | null): void {
    if (this.attributes[name] === value) return;
    this.attributes[name] = value;
    if (value === null) this.element.removeAttribute(name);
    else this.element.setAttribute(name, value);
  }

  private style(name: string, value: string | null): void {
    if (this.styles[name] === value) return;
    this.styles[name] = value;
    this.element.style.setProperty(name, value);
  }
}
