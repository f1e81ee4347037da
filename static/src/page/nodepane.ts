// One node: where it stands, what the tree says, what it says itself, and what can be done to it.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Node, Stage } from "../protocol";
import { linkActions } from "../lab/linkactions";
import { glyphId, icon } from "../style/icons";
import { expireAction } from "../sessions/expireaction";
import { actionList } from "./actionlist";
import { NODE_ACTIONS, nodeConsequence } from "./consequences";
import { placeWords, standing, testimony, timeoutWords, type Said } from "./standing";
import type { View } from "./view";
import { brief, sequential, span, timeOfDay, visible, znodePath } from "./words";

export function nodePane(view: View, id: string): TemplateResult {
  const stage = view.stage;
  const node = stage?.nodes[id];
  if (!stage || !node)
    return html`<h2 class="title">${brief(id)}</h2>
      <p class="why">${stage ? "It is not on the stage any more." : "Nothing is known of it yet."}</p>
      ${stage ? html`<button class="btn-line" @click=${() => view.send({ want: "close-inspector" })}>Close</button>` : nothing}`;
  return html`
    <h2 class="title" title=${visible(node.name)}>${brief(node.name)} <span>${placeWords(node)}</span></h2>
    <p class="why">${standing(node, stage, view.now).map((part) => run(view, part))}</p>
    ${facts(view, node, stage)} ${actions(view, node, stage)}
  `;
}

function run(view: View, part: Said): TemplateResult | string {
  if (typeof part === "string") return part;
  return html`<button class="name" @click=${() => view.send({ want: "select", what: { kind: "node", id: part.id } })}>${brief(part.name)}</button>`;
}

function facts(view: View, node: Node, stage: Stage): TemplateResult {
  const said = testimony(node, stage);
  const watched = node.watches ? stage.nodes[node.watches]?.znode : "";
  const why = timeoutWords(node, view.ensemble?.tick ?? 0);
  const alive = node.state !== "dead";
  return html`<dl class="facts">
    ${node.session ? fact("Session", html`<span class="mono">${visible(node.session)}</span>`) : nothing}
    ${alive && node.timeout
      ? fact(
          "Timeout",
          html`<b>${node.timeout} ms</b>${node.asked ? html` negotiated (asked ${node.asked})` : nothing}${why ? html`<br /><small>${why}</small>` : nothing}`,
        )
      : nothing}
    ${alive && node.server ? fact(node.state === "alive" ? "Connected" : "Session on", connected(view, node)) : nothing}
    ${node.link ? fact("Network", html`<b class="broken-link">${node.link}</b>`) : nothing}
    ${node.owns?.length
      ? fact("Owns", html`${node.owns.slice(0, 8).map((path) => znode(view, path, glyphId("ephemeral", sequential(path) !== null)))}${more(node.owns.length - 8)}`)
      : nothing}
    ${watched ? fact("Watches", znode(view, watched, "i-bolt")) : nothing}
    ${said
      ? fact(
          "It says",
          html`${said.says}${said.disagrees ? html`<span class="clash">${icon("i-warn")}<span>${said.disagrees}</span></span>` : nothing}`,
        )
      : nothing}
    ${node.pid ? fact("Process", html`${node.pid}${node.joined && alive ? html`, joined ${timeOfDay(node.joined)}` : nothing}`) : nothing}
  </dl>`;
}

const fact = (name: string, value: unknown): TemplateResult => html`<dt>${name}</dt>
  <dd>${value}</dd>`;

const more = (n: number) => (n > 0 ? html`<small>and ${n.toLocaleString("en")} more</small>` : nothing);

function connected(view: View, node: Node): TemplateResult {
  const id = node.server ?? "";
  const heard = node.heard === undefined ? "" : `, heard ${span(view.now - node.heard)} ago`;
  return html`<button class="name plain" @click=${() => view.send({ want: "select", what: { kind: "server", id } })}>server ${visible(id)}</button>${heard}`;
}

function znode(view: View, path: string, symbol: string): TemplateResult {
  return html`<button class="li" @click=${() => view.send({ want: "select", what: { kind: "znode", path } })}>
    <svg class=${symbol.startsWith("i-") ? "ico" : "gl"} aria-hidden="true"><use href="#${symbol}"></use></svg>${znodePath(path)}
  </button>`;
}

function actions(view: View, node: Node, stage: Stage): TemplateResult | typeof nothing {
  if (!view.may.size) return nothing;
  const own = node.lab
    ? html`${actionList(view, node.id, NODE_ACTIONS, node.actions ?? [], (action) => nodeConsequence(action, node, stage))}${node.pid === undefined ? nothing : linkActions(view, node.id)}`
    : html`<p class="aside">Zooscope did not start this process, so it cannot signal it.</p>`;
  return html`${own} ${expireAction(view, node)}`;
}
