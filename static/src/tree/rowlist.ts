// The elements of the lines in view. A line that stays keeps its element, and where it stands on the canvas; one that comes takes
// the element of one that left. So what a frame costs is what is new in it.
import type { Line } from "./model";
import { RowElement } from "./rowelement";
import { lookingOf, type Looks } from "./rows";

export class RowList {
  private block: HTMLElement | null = null;
  private kept = new Map<string, RowElement>();

  /** Show the lines in `block`, in their order, which is theirs in the document too. `topOf` is where a line stands, px. */
  draw(block: HTMLElement, lines: readonly [number, Line][], looks: Looks, topOf: (at: number) => number): void {
    if (block !== this.block) {
      block.replaceChildren();
      this.block = block;
      this.kept = new Map();
    }
    const wanted = new Map<string, [number, Line]>();
    for (const [at, line] of lines) {
      let key = keyOf(line);
      // Windows of two moments can both hold a znode.
      while (wanted.has(key)) key += " again";
      wanted.set(key, [at, line]);
    }
    const left = new Map<Element, RowElement>();
    for (const [key, row] of this.kept) if (!wanted.has(key)) left.set(row.element, row);
    const shown = new Map<string, RowElement>();
    let next = block.firstElementChild;
    for (const [key, [at, line]] of wanted) {
      let row = this.kept.get(key);
      // What left makes room before a line that stays; what comes takes the element that stands here, or else the last one.
      while (row && next && left.has(next)) next = take(next);
      row ??= (next && left.get(next)) ?? [...left.values()].at(-1) ?? new RowElement();
      left.delete(row.element);
      if (row.element === next) next = next.nextElementSibling;
      else block.insertBefore(row.element, next);
      row.show(lookingOf(line, at, looks), topOf(at));
      shown.set(key, row);
    }
    for (const element of left.keys()) element.remove();
    this.kept = shown;
  }
}

/** Take an element out of the document; the one after it. */
function take(element: Element): Element | null {
  const next = element.nextElementSibling;
  element.remove();
  return next;
}

/** What a line shows, whatever line it is. Paths begin with a slash. */
function keyOf(line: Line): string {
  if (line.kind === "tools" || line.kind === "note") return `${line.kind} ${line.parent}`;
  if (line.path !== null) return line.path;
  return line.kind === "znode" ? `${line.index} ${line.parent}` : "";
}
