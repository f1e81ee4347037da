// What scrolls: as tall as all lines together, with the few lines in view at their place.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { styles } from "../style/styles";
import { ROW, type Line } from "./model";
import { rowId, rowView, type Looks } from "./rows";
import { toolsView } from "./tools";
import type { Tree } from "./tree";

interface Placed {
  height: number;
  /** Where the first of the lines stands, px. */
  top: number;
  /** What a line's own place differs by where the list is taller than browsers allow. */
  shift: number;
  /** The line that the keyboard is on, -1 while it is not in view. */
  active: number;
}

export function canvas(tree: Tree, lines: readonly [number, Line][], looks: Looks, placed: Placed): TemplateResult {
  // An element belongs to a place in view, not to a znode: rows that scroll by are filled anew, since making them takes long.
  const rows = lines.map(([at, line]) => rowView(line, at, looks));
  return html`<div class="tree-canvas" style=${styles({ height: `${placed.height}px` })}>
    <div
      class="tree-block"
      role="tree"
      aria-label="Znodes"
      tabindex="0"
      aria-activedescendant=${placed.active < 0 ? "" : rowId(placed.active)}
      style=${styles({ transform: `translateY(${placed.top}px)` })}
      aria-multiselectable=${looks.picked ? "true" : nothing}
      data-picks=${looks.picked?.size ? "some" : looks.picked ? "none" : "never"}
      @click=${tree.gestures.onClick}
      @dblclick=${tree.gestures.onDouble}
      @contextmenu=${tree.gestures.onMenu}
      @pointerdown=${tree.gestures.onPress}
      @keydown=${tree.gestures.onKey}
      @focus=${tree.onFocus}
    >
      ${rows}
    </div>
    ${repeat(
      lines.filter(([, line]) => line.kind === "tools"),
      ([, line]) => line.parent,
      ([at, line]) => toolsView(tree, line.parent, line.depth, at * ROW + placed.shift),
    )}
  </div>`;
}
