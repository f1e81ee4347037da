// While the figure stands alone: who is selected, and what can be done to it, in one bar above the nodes.
import { html, nothing, type TemplateResult } from "lit-html";
import { nodeLines, roleWord } from "../figure/words";
import { icon } from "../style/icons";
import { NODE_ACTIONS, nodeConsequence, SERVER_ACTIONS, serverConsequence, verb, type Action } from "./consequences";
import type { View } from "./view";
import { brief, visible } from "./words";
import "./nodebar.css";

/** A projector has room for what is done every day. */
const ELSEWHERE = new Set(["server.wipe", "server.remove"]);

interface Chosen {
  id: string;
  name: string;
  state: string;
  actions: readonly { action: Action; words: string }[];
}

export function nodeBar(view: View): TemplateResult | typeof nothing {
  const one = view.present ? chosen(view) : null;
  if (!one) return nothing;
  return html`<div class="nodebar" role="toolbar" aria-label="What can be done to ${one.name}">
    <p><b>${one.name}</b> <span>${one.state}</span></p>
    ${one.actions.map(({ action, words }) => {
      const busy = view.busy.has(`${action.method} ${one.id}`);
      return html`<button class="btn-line" data-cost=${action.cost} title=${words} ?disabled=${view.liveness.held} aria-busy=${busy}
        @click=${() => busy || view.send({ want: "act", method: action.method, id: one.id })}>${icon(action.icon)}${action.label}${action.asks ? "…" : nothing}</button>`;
    })}
    <button class="icon-btn" aria-label="Close" title="Close (Esc)" @click=${() => view.send({ want: "close-inspector" })}>${icon("i-x")}</button>
  </div>`;
}

function chosen(view: View): Chosen | null {
  const { selection, stage, ensemble } = view;
  const possible = (actions: readonly Action[], now: readonly string[], words: (action: Action) => string) =>
    actions.filter((action) => view.may.has(action.method) && now.includes(verb(action)) && !ELSEWHERE.has(action.method)).map((action) => ({ action, words: words(action) }));
  if (selection?.kind === "node") {
    const node = stage?.nodes[selection.id];
    if (!stage || !node) return null;
    const state = nodeLines(node, stage, view.now).map((line) => line.wordings[0]).join(", ");
    return { id: node.id, name: brief(node.name), state, actions: possible(NODE_ACTIONS, node.actions ?? [], (action) => nodeConsequence(action, node, stage)) };
  }
  const server = selection?.kind === "server" ? ensemble?.servers[selection.id] : undefined;
  if (!ensemble || !server) return null;
  return { id: server.id, name: `server ${visible(server.id)}`, state: roleWord(server), actions: possible(SERVER_ACTIONS, server.actions ?? [], (action) => serverConsequence(action, server, ensemble)) };
}
