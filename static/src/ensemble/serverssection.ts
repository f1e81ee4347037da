// The servers side by side: a table, which on a phone becomes cards.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { View } from "../page/view";
import { addressWords } from "../figure/words";
import { plural, visible } from "../page/words";
import type { Detail, Ensemble, Server } from "../protocol";
import { COLUMNS, roleWords, type Cell, type Column } from "./columns";
import { inOrder, serversOf, standing } from "./details";
import { lacksNote, lacksOf } from "./lacks";
import "./servers.css";
import { slab } from "./slab";

export function serversSection(view: View): TemplateResult {
  const { ensemble } = view;
  const list = ensemble ? inOrder(ensemble.servers) : [];
  const details = serversOf(view)?.details ?? {};
  const version = common(list);
  return html`<section class="ens-part" aria-labelledby="ens-servers">
    <header class="ens-head">
      <h2 id="ens-servers">${list.length ? plural(list.length, "server") : "Servers"}</h2>
      ${version ? html`<p>${list.length > 1 ? "all " : ""}ZooKeeper ${visible(version)}</p>` : nothing}
    </header>
    ${ensemble && list.length ? table(view, ensemble, list, details, version) : html`<p class="ens-aside">No servers are known yet.</p>`}
    ${lacksNote(list, details)}
  </section>`;
}

/** The version of all of them, where it is one. */
export function common(list: readonly Server[]): string {
  const versions = new Set(list.map((one) => one.version ?? "").filter(Boolean));
  return versions.size === 1 ? [...versions][0]! : "";
}

/** Columns that some server fills: an empty one tells nothing that the note below does not tell better. */
export function filled(list: readonly Server[], details: Readonly<Record<string, Detail>>, now: number): Column[] {
  return COLUMNS.filter((column) => list.some((server) => column.cell(server, details[server.id], now).main !== ""));
}

function table(view: View, ensemble: Ensemble, list: Server[], details: Readonly<Record<string, Detail>>, version: string): TemplateResult {
  const columns = filled(list, details, view.now);
  return html`<table class="servers" role="table">
    <thead role="rowgroup">
      <tr role="row"><th role="columnheader" scope="col">Server</th>${columns.map((column) => html`<th role="columnheader" scope="col" title=${column.title}>${column.name}</th>`)}</tr>
    </thead>
    <tbody role="rowgroup">
      ${repeat(list, (server) => server.id, (server) => row(view, ensemble, server, details[server.id], columns, version))}
    </tbody>
  </table>`;
}

function row(view: View, ensemble: Ensemble, server: Server, detail: Detail | undefined, columns: Column[], version: string): TemplateResult {
  const chosen = view.selection?.kind === "server" && view.selection.id === server.id;
  const select = (): void => view.send({ want: "select", what: { kind: "server", id: server.id } });
  const { word, more } = roleWords(server, detail, view.now);
  const named = /^\d{1,3}$/.test(server.id);
  const known = server.version && server.version !== version ? ` · ${visible(server.version)}` : "";
  const lacks = lacksOf(detail).map((lack) => lack.of);
  return html`<tr role="row" class="is-${standing(server)}" data-server=${server.id} ?data-chosen=${chosen} @click=${select}>
    <th role="rowheader" scope="row">
      <button class="server-name" aria-pressed=${chosen} @click=${(event: Event) => { event.stopPropagation(); select(); }}>
        ${slab(server)}
        <span class="server-words">
          <span class="server-title">${named ? html`<span class="server-id">server ${visible(server.id)}</span> ` : nothing}<b>${word}</b>${weighing(server, ensemble)}</span>
          <span class="server-address">${addressWords(server)}${known}</span>
          ${more ? html`<span class="server-more">${more}</span>` : nothing}
        </span>
      </button>
    </th>
    ${columns.map((column) => cell(column, column.cell(server, detail, view.now), lacks))}
  </tr>`;
}

/** What its vote is worth, where votes differ; that its loss alone would end the quorum is said by the quorum's own words. */
function weighing(server: Server, ensemble: Ensemble): TemplateResult | typeof nothing {
  if (server.voter === false) return html`<span class="server-vote">no vote</span>`;
  if (ensemble.quorum.of === undefined || ensemble.quorum.of === "servers") return nothing;
  return html`<span class="server-vote">${ensemble.quorum.of === "groups" ? `group ${visible(server.group ?? "")}, ` : ""}weighs ${server.weight ?? 1}</span>`;
}

function cell(column: Column, { main, small, bad }: Cell, lacks: readonly string[]): TemplateResult {
  const missing = main === "" && column.needs !== undefined && lacks.includes(column.needs);
  return html`<td role="cell" data-name=${column.name} class=${`of-${column.key} ${bad ? "is-bad" : ""} ${main === "" ? "is-none" : ""}`} title=${missing ? "Not told: see below" : nothing}>
    <span class="figure-main">${main === "" ? html`<span aria-hidden="true">·</span><span class="sr">not known</span>` : main}</span>${small ? html`<span class="figure-small">${small}</span>` : nothing}
  </td>`;
}
