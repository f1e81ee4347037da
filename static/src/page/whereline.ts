// Over a sheet: which cluster it is about, where a person may have two of them before them.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "./view";
import { visible } from "./words";

export function whereLine({ clusters, label }: View): TemplateResult | typeof nothing {
  const title = clusters.find(({ here }) => here)?.title;
  if (!title || clusters.length < 2) return nothing;
  return html`<p class="sheet-where">${visible(title)}${label ? html`<span class="sheet-label">${label}</span>` : nothing}</p>`;
}
