import { html, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { alertsSection } from "./alerts";
import { plotsSection } from "./plots";

export function ensemblePage(view: View): TemplateResult {
  return html`<h1 class="title">The ensemble</h1>
    ${alertsSection(view)}
    ${plotsSection(view)}`;
}
