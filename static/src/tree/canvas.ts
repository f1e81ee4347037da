// What scrolls: as tall as all lines together. The few lines in view are put into its block by `RowList`.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { styles } from "../style/styles";
import { ROW, type Line } from "./model";
import { rowId, type Looks } from "./rows";
import { toolsView } from "./tools";
import type { Tree } from "./tree";

/** Lines by which the ground grows: a browser paints the whole of what changes its size anew. */
const GROUND = 256;

interface Placed {
  height: number;
  /** What a line's own place differs by where the list is taller than browsers allow. */
  shift: number;
  /** The line that the keyboard is on, -1 while it is not in view. */
  active: number;
}

export function canvas(tree: Tree, lines: readonly [number, Line][], looks: Looks, placed: Placed): TemplateResult {
  const ground = placed.height - (placed.height % (GROUND * ROW));
  return html`<div class="tree-canvas" style=${styles({ height: `${placed.height}px` })}>
    <div class="tree-ground" style=${styles({ height: `${ground}px` })}></div>
    <div
      class="tree-block"
      role="tree"
      aria-label="Znodes"
      tabindex="0"
      aria-activedescendant=${placed.active < 0 ? "" : rowId(placed.active)}
      aria-multiselectable=${looks.picked ? "true" : nothing}
      data-picks=${looks.picked?.size ? "some" : looks.picked ? "none" : "never"}
      @click=${tree.gestures.onClick}
      @dblclick=${tree.gestures.onDouble}
      @contextmenu=${tree.gestures.onMenu}
      @pointerdown=${tree.gestures.onPress}
      @keydown=${tree.gestures.onKey}
      @focus=${tree.onFocus}
    ></div>
    ${repeat(
      lines.filter(([, line]) => line.kind === "tools"),
      ([, line]) => line.parent,
      ([at, line]) => toolsView(tree, line.parent, line.depth, at * ROW + placed.shift),
    )}
  </div>`;
}
