// Which faults go on, how long each still lasts, and the way back.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { View } from "../page/view";
import { ago, visible } from "../page/words";
import type { Fault } from "../protocol";
import { icon } from "../style/icons";
import { styles } from "../style/styles";
import { listed, undoButton } from "./undo";
import { endsIn, faultsOf, faultWords } from "./words";

const ICONS: Record<Fault["kind"], string> = {
  "link.cut": "i-cut", "link.slow": "i-slow", "node.pause": "i-pause", "server.pause": "i-pause", "server.stop": "i-stop", "server.kill": "i-x", "server.exit": "i-x",
};

export function faultsSection(view: View): TemplateResult {
  const faults = faultsOf(view.lab);
  const ended = Object.keys(view.lab?.ended ?? {});
  return html`<section class="lab-part" aria-label="Faults that go on">
    <h2>${faults.length ? `Broken now: ${faults.length}` : "Nothing is broken"}</h2>
    ${faults.length
      ? html`<ul class="fault-list">${repeat(faults, (fault) => fault.id, (fault) => row(view, fault))}</ul>`
      : html`<p class="lab-quiet">Cut a link below, or choose a node or a server and pause it. Each fault ends by itself after a while.</p>`}
    ${ended.length ? html`<p class="lab-quiet">${listed(ended)} ${ended.length === 1 ? "has" : "have"} ended, which healing leaves as it is. Start ${ended.length === 1 ? "it" : "them"} again under Processes.</p>` : nothing}
  </section>`;
}

function row(view: View, fault: Fault): TemplateResult {
  const rest = endsIn(fault, view.now);
  const part = fault.until === undefined ? 0 : Math.min(1, Math.max(0, (fault.until - view.now) / Math.max(1, fault.until - fault.since)));
  return html`<li>
    ${icon(ICONS[fault.kind])}
    <p><b>${faultWords(fault)}</b><span>${fault.by ? html`by ${visible(fault.by)}, ` : nothing}${ago(view.now - fault.since)}</span></p>
    <div class="rest">
      <span>${rest || "until it is undone"}</span>
      ${fault.until === undefined ? nothing : html`<s aria-hidden="true" style=${styles({ "--rest": `${(part * 100).toFixed(1)}%` })}></s>`}
    </div>
    ${undoButton(view, fault)}
  </li>`;
}
