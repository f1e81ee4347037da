// In the inspector: the deed that is asked for most, and a button for the menu of all others.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { glyph, icon } from "../style/icons";
import { isUnder, ROOT, ZOOKEEPER } from "../tree/paths";
import type { Target } from "./deeds";

export function deedBar(view: View, targets: readonly Target[]): TemplateResult | typeof nothing {
  const { hands } = view;
  const [target] = targets;
  const deeds = hands.deeds(targets.map(({ path }) => path));
  // Copying a path and comparing are for those who can do more.
  if (!target) return nothing;
  const guarded = hands.permits.guarded(target.path)
    ? html`<p class="deed-guard">${icon("i-info")}${target.path === ZOOKEEPER || isUnder(target.path, ZOOKEEPER) ? "These are ZooKeeper’s own: nobody changes them here." : "The configuration protects this: nobody changes it with Zooscope."}</p>`
    : nothing;
  if (!deeds.some(({ cost }) => cost !== "reads")) return guarded;
  const first = deeds.find(({ id }) => id === "create");
  const open = (event: Event): void => {
    const button = event.currentTarget as HTMLElement;
    const { left, bottom } = button.getBoundingClientRect();
    hands.openMenu(view, targets, { x: left, y: bottom + 4 }, button);
  };
  return html`<div class="deed-bar">
    ${first && !first.hindered(target)
      ? html`<button type="button" class="btn-quiet" ?disabled=${view.liveness.held} @click=${() => hands.act("create", targets, view)}>${icon("i-plus")}Create child…</button>`
      : nothing}
    <button type="button" class="btn-quiet" aria-haspopup="menu" aria-expanded=${hands.menu !== null} @click=${open}>${icon("i-more")}Actions</button>
    ${guarded}
  </div>`;
}

const AT_ROOT: readonly Target[] = [{ path: ROOT, children: 1, ephemeral: false, locked: false }];

/** Over the rows: what can be done to the root, which has no row of its own. */
export function rootBar(view: View): TemplateResult | typeof nothing {
  const { hands } = view;
  if (!hands.deeds([ROOT]).some(({ cost }) => cost !== "reads")) return nothing;
  const open = (event: Event): void => {
    const button = event.currentTarget as HTMLElement;
    const { left, bottom } = button.getBoundingClientRect();
    hands.openMenu(view, AT_ROOT, { x: left, y: bottom + 4 }, button);
  };
  return html`<div class="root-bar">
    ${glyph("persistent")}<span>/</span>
    <button type="button" class="icon-btn" aria-haspopup="menu" aria-label="Actions on the root" title="Actions on the root" @click=${open}>
      ${icon("i-more")}
    </button>
  </div>`;
}
