// The tree panel: 'Go to a path', the rows, and what the glyphs mean.
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import type { View } from "../page/view";
import { glyph, icon } from "../style/icons";
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
  const { message, failed } = tree.finder;
  return html`<section class="tree" aria-label="Tree of znodes">
    <form class="goto" role="search" @submit=${(event: Event) => submit(event, tree)}>
      ${icon("i-search")}
      <input
        name="path"
        placeholder="Go to a path"
        aria-label="Go to a path"
        aria-describedby="goto-said"
        aria-invalid=${failed && message ? "true" : nothing}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        maxlength="3000"
        @input=${() => tree.finder.clear()}
        @keydown=${(event: KeyboardEvent) => leave(event, tree)}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
    <p class="goto-said ${failed ? "failed" : ""}" id="goto-said" role="status">${message}</p>
    <div class="tree-rows" ${ref(tree.attach)} @scroll=${{ handleEvent: tree.onScroll, passive: true }}></div>
    <p class="kinds">
      <span>${glyph("persistent")}persistent</span><span>${glyph("ephemeral")}ephemeral</span>
      <span>${glyph("persistent", true)}sequential</span><span>${glyph("container")}container</span><span>${glyph("ttl")}TTL</span>
    </p>
  </section>`;
}

async function submit(event: Event, tree: Tree): Promise<void> {
  event.preventDefault();
  const input = (event.target as HTMLFormElement).elements.namedItem("path") as HTMLInputElement;
  if (await tree.finder.go(input.value)) {
    input.value = "";
    tree.focus();
  }
}

function leave(event: KeyboardEvent, tree: Tree): void {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  (event.target as HTMLInputElement).value = "";
  tree.finder.clear();
  tree.focus();
}

/** Put the keyboard into 'Go to a path'. */
export function focusGoto(): void {
  document.querySelector<HTMLInputElement>(".goto input")?.focus();
}
