// The line below a wide parent: the order of its children, and a filter on their names.
import { html, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { styles } from "../style/styles";
import { plain } from "./names";
import type { Order } from "./topics";
import type { Tree } from "./tree";

const ORDERS: readonly [Order, string][] = [
  ["name", "by name"],
  ["number", "by number"],
  ["newest", "newest first"],
  ["size", "largest first"],
];

/** A filter is applied when typing has rested for this long, ms. */
const REST = 180;

/** `top` is where its line is on the canvas, px. */
export function toolsView(tree: Tree, parent: string, depth: number, top: number): TemplateResult {
  const { order, filter } = tree.option(parent);
  const name = plain(parent);
  return html`<div
    class="tree-tools"
    role="group"
    aria-label=${`Order and filter of ${name}`}
    style=${styles({ transform: `translateY(${top}px)`, "--in": String(Math.min(depth - 1, 24)) })}
  >
    <select
      aria-label=${`Order of the children of ${name}`}
      .value=${live(order)}
      @change=${(event: Event) => tree.setOption(parent, { order: (event.target as HTMLSelectElement).value as Order })}
    >
      ${ORDERS.map(([value, words]) => html`<option value=${value} ?selected=${value === order}>${words}</option>`)}
    </select>
    <input
      type="search"
      placeholder="name has …"
      aria-label=${`Only children of ${name} whose name has this in it`}
      spellcheck="false"
      autocomplete="off"
      .defaultValue=${filter}
      @input=${(event: Event) => rest(event.target as HTMLInputElement, tree, parent)}
    />
  </div>`;
}

const waiting = new WeakMap<HTMLInputElement, ReturnType<typeof setTimeout>>();

function rest(input: HTMLInputElement, tree: Tree, parent: string): void {
  clearTimeout(waiting.get(input));
  waiting.set(
    input,
    setTimeout(() => tree.setOption(parent, { filter: input.value.slice(0, 200) }), REST),
  );
}
