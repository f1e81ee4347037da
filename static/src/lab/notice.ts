// On the cluster's page: that something is broken on purpose, until when, and the way back.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { icon } from "../style/icons";
import "./notice.css";
import { healButton } from "./undo";
import { endsIn, faultBrief, faultsOf } from "./words";

const SHOWN = 2;

export function faultNotice(view: View): TemplateResult | typeof nothing {
  const faults = faultsOf(view.lab);
  if (!faults.length) return nothing;
  const newest = faults.slice(-SHOWN).reverse();
  return html`<div class="fault-notice">
    ${icon("i-lab")}
    <p>
      ${newest.map((fault, i) => html`${i ? html`<i aria-hidden="true">·</i>` : nothing}<b>${faultBrief(fault)}</b> <span>${endsIn(fault, view.now)}</span>`)}
      ${faults.length > SHOWN ? html`<i aria-hidden="true">·</i> <span>and ${faults.length - SHOWN} more</span>` : nothing}
    </p>
    <button class="name plain" @click=${() => view.send({ want: "go", to: "lab" })}>All faults</button>
    ${healButton(view, faults.length, false)}
  </div>`;
}
