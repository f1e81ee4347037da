// The page 'Lab': faults and the way back first, then what can be broken, then what runs for a class.
import { html, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { faultsSection } from "./faultlist";
import "./lab.css";
import { linksSection } from "./links";
import { membershipSection } from "./membership";
import { processesSection } from "./processes";
import { scenariosSection } from "./scenarios";
import { healButton } from "./undo";
import { faultsOf } from "./words";
import { workloadSection } from "./workload";

export function labPage(view: View): TemplateResult {
  return html`<div class="lab">
    <div class="lab-head"><h1 class="title">The lab</h1>${healButton(view, faultsOf(view.lab).length, true)}</div>
    ${faultsSection(view)} ${linksSection(view)} ${processesSection(view)} ${membershipSection(view)} ${scenariosSection(view)} ${workloadSection(view)}
  </div>`;
}
