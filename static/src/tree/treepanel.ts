// The tree panel: 'Find a znode', the rows, and what the glyphs mean.
import { html, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { bulkBar } from "../hands/bulkbar";
import { rootBar } from "../hands/deedbar";
import type { View } from "../page/view";
import { glyph } from "../style/icons";
import { seekView } from "./seekview";
import { Tree } from "./tree";
import "./tree.css";

const trees = new WeakMap<object, Tree>();

/** The tree's own state (what is expanded, where it stands) lives as long as the page's store. */
export function treeOf(view: View): Tree {
  let tree = trees.get(view.store);
  if (!tree) trees.set(view.store, (tree = new Tree(view.store)));
  return tree;
}

export function treePanel(view: View): TemplateResult {
  const tree = treeOf(view);
  tree.show(view);
  return html`<section class="tree" aria-label="Tree of znodes">
    ${seekView(tree)}
    ${rootBar(view)}
    <div class="tree-rows" ${ref(tree.attach)} @scroll=${{ handleEvent: tree.onScroll, passive: true }}></div>
    ${bulkBar(view)}
    <p class="kinds">
      <span>${glyph("persistent")}persistent</span><span>${glyph("ephemeral")}ephemeral</span>
      <span>${glyph("persistent", true)}sequential</span><span>${glyph("container")}container</span><span>${glyph("ttl")}TTL</span>
    </p>
  </section>`;
}

/** Put the keyboard into 'Find a znode'. */
export function focusGoto(): void {
  document.querySelector<HTMLInputElement>(".goto input")?.focus();
}
