// What the page begins with: whether there is a quorum, what it can lose, and who leads.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { ago, timeOfDay, visible } from "../page/words";
import type { Ensemble, Reign, Servers } from "../protocol";
import { icon } from "../style/icons";
import { followServers, serversOf } from "./details";
import { meter } from "./meter";
import { latest, took } from "./reigns";

export function quorumSection(view: View): TemplateResult {
  const { ensemble } = view;
  const servers = serversOf(view);
  return html`<section class="ens-part quorum-part" aria-labelledby="ens-quorum">
    ${followServers(view)}
    ${ensemble && servers ? content(view, ensemble, servers) : html`<h1 class="ens-headline" id="ens-quorum">${waiting(view)}</h1>`}
  </section>`;
}

function waiting(view: View): string {
  if (view.ensemble?.answered === false) return "No server has answered yet";
  const problem = view.store.problem("servers");
  return problem ? problem.text : "Asking the servers…";
}

function content(view: View, ensemble: Ensemble, servers: Servers): TemplateResult {
  const { quorum } = servers;
  const known = ensemble.answered !== false;
  const lost = known && !ensemble.quorum.held;
  const [first, rest] = split(known ? quorum.headline : "No server has answered yet");
  return html`
    <div class="quorum-words">
      <h1 class="ens-headline ${lost ? "is-lost" : ""}" id="ens-quorum">${lost ? icon("i-warn") : nothing}<span>${first}${rest ? html`: <b>${rest}</b>` : nothing}</span></h1>
      ${known ? html`<p class="ens-told">${quorum.sentences.map((one) => html`${one} `)}</p>` : nothing}
    </div>
    <div class="quorum-side">
      ${meter(servers, ensemble)}
      ${known ? standings(view, ensemble, servers) : nothing}
    </div>
  `;
}

/** '3 of 5 up: can lose none' before and after the colon. */
export function split(headline: string): [string, string] {
  const at = headline.indexOf(": ");
  return at < 0 ? [headline, ""] : [headline.slice(0, at), headline.slice(at + 2)];
}

function standings(view: View, ensemble: Ensemble, servers: Servers): TemplateResult {
  const reign = latest(servers);
  const leader = reign?.until === undefined ? (ensemble.leader ?? "") : "";
  return html`<dl class="quorum-facts">
    ${leader && reign
      ? html`<div><dt>${ensemble.servers[leader]?.role === "standalone" ? "Serves" : "Leads"}</dt><dd><b>server ${visible(leader)}</b> <small>${since(view, reign)}</small></dd></div>`
      : html`<div><dt>Leads</dt><dd><b>${ensemble.quorum.held ? "not known who" : "nobody"}</b>${servers.vacant === undefined ? nothing : html` <small>since ${timeOfDay(servers.vacant)}, ${ago(view.now - servers.vacant)}</small>`}</dd></div>`}
    ${ensemble.epoch === undefined ? nothing : html`<div><dt>Epoch</dt><dd><b>${ensemble.epoch}</b></dd></div>`}
    ${leader && reign && !reign.found ? html`<div><dt>Last election</dt><dd><b>${took(reign)}</b></dd></div>` : nothing}
  </dl>`;
}

function since(view: View, reign: Reign): string {
  if (reign.found && !reign.exact) return "since before it was watched";
  return `since ${timeOfDay(reign.since)}, ${ago(view.now - reign.since)}`;
}
