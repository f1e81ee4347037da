// The network between the lab's processes: each link's state by shape and word, chosen with a press.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { View } from "../page/view";
import { brief } from "../page/words";
import type { Node } from "../protocol";
import { desk, linkDesk, peersOf } from "./linkdesk";
import "./links.css";
import { endWords, ENSEMBLE, stateBetween, STATE_WORDS, type LinkState } from "./words";

export function linksSection(view: View): TemplateResult {
  const servers = peersOf(view, "");
  const nodes = Object.values(view.stage?.nodes ?? {}).filter((node) => node.lab && node.pid !== undefined).sort((a, b) => a.slot - b.slot);
  const known = view.lab?.network !== false;
  return html`<section class="lab-part" aria-label="Links">
    <h2>Links</h2>
    ${known
      ? html`<div class="links">
          <div>
            ${servers.length > 1 ? matrix(view, servers) : nothing}
            <h3>Nodes and the ensemble</h3>
            ${nodes.length ? html`<ul class="node-links">${repeat(nodes, (node) => node.id, (node) => nodeLink(view, node, servers))}</ul>` : html`<p class="lab-quiet">No node is running.</p>`}
          </div>
          ${linkDesk(view)}
        </div>`
      : html`<p class="lab-quiet">On this system the lab has no network of its own, so no link can be cut: that takes Linux.</p>`}
  </section>`;
}

/** Rows are where packets come from, columns where they go. */
function matrix(view: View, servers: readonly string[]): TemplateResult {
  return html`<h3>Between servers</h3>
    <div class="matrix-room"><table class="matrix">
      <thead><tr><th scope="col"><span class="sr">From</span></th>${servers.map((to) => html`<th scope="col">to ${to.slice(7)}</th>`)}</tr></thead>
      <tbody>${servers.map((from) => html`<tr>
        <th scope="row"><button aria-pressed=${desk.is(from, ENSEMBLE)} title="All links of ${endWords(from)} with the other servers" @click=${() => choose(view, from, ENSEMBLE)}>${endWords(from)}</button></th>
        ${servers.map((to) => (from === to ? html`<td class="self"></td>` : cell(view, from, to)))}
      </tr>`)}</tbody>
    </table></div>`;
}

function cell(view: View, from: string, to: string): TemplateResult {
  const link = view.lab?.links[`${from}>${to}`];
  const state: LinkState = link?.state ?? "open";
  return html`<td><button class="net-link" data-state=${state} aria-pressed=${desk.is(from, to)} title=${link?.words ?? nothing} aria-label="${endWords(from)} to ${endWords(to)}: ${STATE_WORDS[state]}" @click=${() => choose(view, from, to)}>${mark(state)}<small>${STATE_WORDS[state]}</small></button></td>`;
}

function nodeLink(view: View, node: Node, servers: readonly string[]): TemplateResult {
  const state = stateBetween(view.lab, node.id, servers);
  return html`<li><button class="net-link" data-state=${state} aria-pressed=${desk.choice?.from === node.id} aria-label="${node.id} and the servers: ${STATE_WORDS[state]}" @click=${() => choose(view, node.id, ENSEMBLE)}><b>${brief(node.name, 12)}</b>${mark(state)}<small>${STATE_WORDS[state]}</small></button></li>`;
}

function choose(view: View, from: string, to: string): void {
  desk.choose(from, to);
  view.send({ want: "redraw" });
  // Where there is no room beside the list it stands below it.
  if (view.width < 900) requestAnimationFrame(() => document.querySelector(".link-desk")?.scrollIntoView({ block: "center" }));
}

const MARKS: Record<LinkState, string> = {
  open: "M1 6H35",
  cut: "M1 6H11M25 6H35M14 2L22 10M22 2L14 10",
  slow: "M1 6C4 1 7 1 10 6S16 11 19 6S25 1 28 6S33 9 35 6",
  "cut-there": "M1 6H11M14 2L22 10M22 2L14 10M25 6H35M29 2L25 6L29 10",
  "cut-back": "M1 6H11M7 2L11 6L7 10M14 2L22 10M22 2L14 10M25 6H35",
  partly: "M1 6H8M13 6H23M28 6H35",
};

/** A line, a line struck through, a wave: each state has its shape. */
function mark(state: LinkState): TemplateResult {
  return html`<svg class="link-mark" viewBox="0 0 36 12" aria-hidden="true">${svg`<path d=${MARKS[state]}></path>`}</svg>`;
}
