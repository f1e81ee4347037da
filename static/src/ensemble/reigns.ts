import { html, type TemplateResult } from "lit-html";
import type { View } from "../page/view";

export function reignsSection(_: View): TemplateResult {
  return html`<section class="ens-part"><h2 class="ens-head">Elections</h2></section>`;
}
