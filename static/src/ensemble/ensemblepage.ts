// The ensemble's page: the quorum in words, the servers side by side, and who has led them.
import { html, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { alertsSection } from "./alerts";
import "./ensemblepage.css";
import { plotsSection } from "./plots";
import { quorumSection } from "./quorumsection";
import { reconfigPart } from "./reconfig";
import { reignsSection } from "./reigns";
import { serversSection } from "./serverssection";

export function ensemblePage(view: View): TemplateResult {
  return html`<div class="ens-page">
    ${quorumSection(view)}
    ${alertsSection(view)}
    ${serversSection(view)} ${reconfigPart(view)}
    ${plotsSection(view)}
    ${reignsSection(view)}
  </div>`;
}
