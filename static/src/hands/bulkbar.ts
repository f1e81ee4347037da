// The bar over the tree's rows while several are picked: how many, and what can be done to all of them.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { icon } from "../style/icons";
import type { Target } from "./deeds";
import "./picked.css";

export function bulkBar(view: View): TemplateResult | typeof nothing {
  const { hands } = view;
  const { size, paths, all } = hands.picked;
  if (!size) return nothing;
  const targets: Target[] = all.map(({ path, children }) => ({ path, children, ephemeral: false, locked: false }));
  const short: Record<string, string> = { "copy-path": "Copy paths", export: "Export…", acl: "ACL…", delete: "Delete…" };
  const deeds = hands.deeds(paths);
  return html`<div class="bulk" role="toolbar" aria-label="Picked znodes">
    <b aria-live="polite">${size} picked</b>
    ${deeds
      .filter(({ many }) => many)
      .map(
        (deed) => html`<button type="button" class="btn-quiet" data-cost=${deed.cost} @click=${() => hands.act(deed.id, targets, view)}>${icon(deed.icon)}${size === 1 ? deed.label : (short[deed.id] ?? deed.label)}</button>`,
      )}
    <button type="button" class="icon-btn" aria-label="Pick none" title="Pick none (Esc)" @click=${() => hands.escape()}>${icon("i-x")}</button>
  </div>`;
}
