import { html, type TemplateResult } from "lit-html";
import type { View } from "../page/view";

export function ensemblePage(_: View): TemplateResult {
  return html`<h1 class="title">The ensemble</h1>`;
}
