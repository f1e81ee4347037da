import { html, type TemplateResult } from "lit-html";
import type { View } from "../page/view";

export function sessionsPage(_: View): TemplateResult {
  return html`<h1 class="title">Sessions</h1>`;
}
