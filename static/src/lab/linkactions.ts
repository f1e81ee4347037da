// In the inspector: what can be done to all links of one node or server at once.
import { html, nothing, type TemplateResult } from "lit-html";
import { meter } from "../page/actionlist";
import { LINK_ACTIONS, type Action } from "../page/consequences";
import type { View } from "../page/view";
import { icon } from "../style/icons";
import { peersOf } from "./linkdesk";
import { costOfCut } from "./parting";
import { ENSEMBLE, stateBetween, type LinkState } from "./words";

/** How much slower it gets from here; the lab's page has all the figures. */
const LATENCY = 200;

export function linkActions(view: View, end: string): TemplateResult | typeof nothing {
  if (!view.lab?.network) return nothing;
  const peers = peersOf(view, end);
  const permitted = LINK_ACTIONS.filter((action) => view.may.has(action.method));
  if (!permitted.length || !peers.length) return nothing;
  const state = stateBetween(view.lab, end, peers);
  return html`<div class="act" data-cost="undo">
    <h3>${meter(1)}${end.startsWith("server-") ? "Its links with the other servers" : "Its link with the ensemble"}</h3>
    ${permitted.map((action) => row(view, end, action, state))}
  </div>`;
}

function row(view: View, end: string, action: Action, state: LinkState): TemplateResult {
  const id = `${end}>${ENSEMBLE}`;
  const busy = view.busy.has(`${action.method} ${id}`);
  const [said, off] = says(end, action.method, state);
  const cost = action.method === "link.cut" && !off ? costOfCut(view.lab, { from: end, to: ENSEMBLE }) : "";
  const words = cost || said;
  const link = { from: end, to: ENSEMBLE, both: true };
  const body = action.method === "link.slow" ? { ...link, latency: LATENCY } : link;
  return html`<div class="do" aria-disabled=${off || view.liveness.held}>
    <button class="btn-line" aria-label="${action.label} the link of ${end}" ?disabled=${off || view.liveness.held} aria-busy=${busy} @click=${() => busy || view.send({ want: "act", method: action.method, id, body })}>${icon(action.icon)}${action.label}${cost ? "…" : nothing}</button>
    <span>${words}</span>
  </div>`;
}

function says(end: string, method: string, state: LinkState): [words: string, off: boolean] {
  if (method === "link.heal") return state === "open" ? ["It is open.", true] : ["Opens it; what waited flows on.", false];
  if (method === "link.slow") return [`${LATENCY} ms longer each way, for a minute.`, false];
  if (state === "cut") return ["It is cut.", true];
  return [end.startsWith("server-") ? "It hears no other server for a minute. Clients still reach it." : "No packet passes for a minute; its session may expire.", false];
}
