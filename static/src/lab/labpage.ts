// The page 'Lab': faults and the way back first, then what can be broken, then what runs for a class, which the head leads to.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { icon } from "../style/icons";
import { faultsSection } from "./faultlist";
import "./lab.css";
import { linksSection } from "./links";
import { membershipSection } from "./membership";
import { processesSection } from "./processes";
import { scenariosSection } from "./scenarios";
import { scenariosOf } from "./scenariotopic";
import { healButton } from "./undo";
import { faultsOf } from "./words";
import { workloadSection } from "./workload";

export function labPage(view: View): TemplateResult {
  return html`<div class="lab">
    <div class="lab-head"><h1 class="title">The lab</h1>${toScenarios(view)}${healButton(view, faultsOf(view.lab).length, true)}</div>
    ${faultsSection(view)} ${linksSection(view)} ${processesSection(view)} ${membershipSection(view)} ${scenariosSection(view)} ${workloadSection(view)}
  </div>`;
}

/** They stand below what is broken and what can be: a lecturer comes for them. */
function toScenarios(view: View): TemplateResult | typeof nothing {
  if (!scenariosOf(view)?.order.length) return nothing;
  const go = (): void => {
    const section = document.getElementById("scenarios");
    section?.scrollIntoView();
    section?.focus({ preventScroll: true });
  };
  return html`<button class="btn-quiet lab-to-scenarios" @click=${go}>${icon("i-down")}Scenarios</button>`;
}
