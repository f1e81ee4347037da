// The ensemble's page: the quorum in words, the servers side by side, and who has led them.
import { html, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import "./ensemblepage.css";
import { quorumSection } from "./quorumsection";
import { reignsSection } from "./reigns";
import { serversSection } from "./serverssection";

export function ensemblePage(view: View): TemplateResult {
  return html`<div class="ens-page">
    ${quorumSection(view)}
    ${serversSection(view)}
    ${reignsSection(view)}
  </div>`;
}
