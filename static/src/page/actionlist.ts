// Buttons for what can be done, grouped by what it costs, each with its consequence beside it.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../style/icons";
import { verb, type Action, type Cost } from "./consequences";
import type { View } from "./view";

const GROUPS: readonly { cost: Cost; title: string; severity: number }[] = [
  { cost: "picture", title: "Changes the picture only", severity: 0 },
  { cost: "undo", title: "Can be undone", severity: 1 },
  { cost: "ends", title: "Ends the process", severity: 2 },
];

/** `possible` are the verbs that make sense now; what this person may not do is not shown at all. */
export function actionList(
  view: View,
  id: string,
  actions: readonly Action[],
  possible: readonly string[],
  consequence: (action: Action) => string,
): TemplateResult | typeof nothing {
  const permitted = actions.filter((action) => view.may.has(action.method));
  // A group of which nothing can be done says nothing; within one, what cannot be done now says why.
  const groups = GROUPS.map((group) => ({ ...group, actions: permitted.filter((action) => action.cost === group.cost) })).filter((group) =>
    group.actions.some((action) => possible.includes(verb(action))),
  );
  if (!groups.length) return nothing;
  return html`${groups.map(
    ({ cost, title, severity, actions: inGroup }) => html`<div class="act" data-cost=${cost}>
      <h3>${meter(severity)}${title}</h3>
      ${inGroup.map((action) => row(view, id, action, possible.includes(verb(action)), consequence(action)))}
    </div>`,
  )}`;
}

function row(view: View, id: string, action: Action, possible: boolean, words: string): TemplateResult {
  const busy = view.busy.has(`${action.method} ${id}`);
  const cut = view.liveness.held;
  const off = !possible || cut;
  return html`<div class="do" aria-disabled=${off || busy}>
    <button
      class="btn-line"
      aria-label="${action.label} ${id}"
      ?disabled=${off /* Not while busy: a disabled button loses the focus. */}
      aria-busy=${busy}
      @click=${() => busy || view.send({ want: "act", method: action.method, id })}
    >
      ${icon(action.icon)}${action.label}${action.asks ? "…" : nothing}
    </button>
    <span>${cut && possible ? "Not while the page is cut off." : words}</span>
  </div>`;
}

/** How grave it is, as bars: none to three. */
export function meter(severity: number): TemplateResult {
  return html`<span class="sev" aria-hidden="true">${[1, 2, 3].map((n) => html`<s class=${n <= severity ? "on" : ""}></s>`)}</span>`;
}
