// The rows of the list: one session each; on a phone they are cards.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { View } from "../page/view";
import { ago, span, visible, znodePath } from "../page/words";
import type { Place, Session } from "../protocol";
import { glyph, icon } from "../style/icons";
import { countdown } from "./countdown";
import { detail } from "./detail";
import type { Line, SessionList } from "./list";
import type { Order } from "./topics";
import { goneWords, shortId } from "./words";

const COLUMNS: readonly { order: Order | null; words: string; right?: boolean }[] = [
  { order: "name", words: "Who" },
  { order: "expires", words: "Expires in" },
  { order: "server", words: "Server" },
  { order: "client", words: "Client" },
  { order: "timeout", words: "Timeout" },
  { order: null, words: "Heard" },
  { order: "owned", words: "Ephemerals" },
  { order: null, words: "Stands for" },
];

export function table(view: View, list: SessionList): TemplateResult {
  return html`<table class="ss-table">
    <caption class="sr">Sessions</caption>
    <thead><tr>${COLUMNS.map((column) => heading(list, column))}</tr></thead>
    <tbody>${repeat(list.lines, (line) => line.session.id, (line) => row(view, list, line))}</tbody>
  </table>`;
}

function heading(list: SessionList, { order, words }: (typeof COLUMNS)[number]): TemplateResult {
  if (!order) return html`<th scope="col">${words}</th>`;
  const on = list.asked.order === order;
  // The most ephemerals come first by themselves.
  const down = list.asked.reverse !== (order === "owned");
  return html`<th scope="col" aria-sort=${on ? (down ? "descending" : "ascending") : "none"}>
    <button type="button" @click=${() => list.sort(order)}>${words}${on ? html`<svg class="ico" data-down=${down} aria-hidden="true"><use href="#i-down"></use></svg>` : nothing}</button>
  </th>`;
}

function row(view: View, list: SessionList, { session, gone }: Line): TemplateResult {
  const open = list.open === session.id && !gone;
  const fresh = session.since !== undefined && view.now - session.since < 6_000;
  const { node, timeout = 0, asked = 0, owned = 0 } = session;
  return html`<tr class="ss-row" data-gone=${gone !== null} data-fresh=${fresh && !gone} data-open=${open} data-lost=${session.connected === false}>
      <th scope="row" class="ss-who">${who(list, session, gone !== null, fresh)}</th>
      <td class="ss-expires">${gone ? html`<span class="ss-end">${goneWords(gone)}</span>` : countdown(session, view.now, list.value)}</td>
      <td data-name="Server">${server(view, session)}</td>
      <td data-name="Client"><span class="mono">${session.client ? visible(session.client) : "—"}</span></td>
      <td data-name="Timeout">${timeout ? span(timeout).replace(".0", "") : "—"}${asked && asked !== timeout ? html`<small>asked ${span(asked).replace(".0", "")}</small>` : nothing}</td>
      <td data-name="Heard">${session.heard === undefined ? "—" : ago(Math.max(0, view.now - session.heard))}</td>
      <td data-name="Ephemerals" class="ss-number">${gone ? "—" : owned ? owned.toLocaleString("en") : html`<span class="none">none</span>`}</td>
      <td class="ss-places">${node === undefined && !session.places?.length ? nothing : (session.places ?? []).map((place) => member(view, place))}${more((session.stands ?? 0) - (session.places?.length ?? 0))}</td>
    </tr>
    ${open ? html`<tr class="ss-detail"><td colspan=${COLUMNS.length}>${detail(view, list, session)}</td></tr>` : nothing}`;
}

function who(list: SessionList, session: Session, gone: boolean, fresh: boolean): TemplateResult {
  const name = session.name ? visible(session.name) : `Session ${shortId(session.id)}`;
  const open = list.open === session.id;
  const unfold = html`<button type="button" class="ss-fold" aria-expanded=${open} ?disabled=${gone} @click=${() => list.unfold(session.id)}>
    <svg class="ico" data-open=${open} aria-hidden="true"><use href="#i-right"></use></svg><span class="ss-name" title=${name}>${name}</span>
  </button>`;
  return html`${unfold}<small class="ss-id"><span class="mono">${session.name ? shortId(session.id) : nothing}</span>${session.own ? html`<em>never ended from here</em>` : nothing}${fresh && !gone ? html`<em>new</em>` : nothing}</small>`;
}

function server(view: View, session: Session): TemplateResult {
  const id = session.server ?? "";
  const known = id && view.ensemble?.servers[id];
  const name = known ? html`<button type="button" class="link" @click=${() => view.send({ want: "select", what: { kind: "server", id } })}>${/^\d+$/.test(id) ? `server ${id}` : visible(id)}</button>` : id ? visible(id) : "—";
  if (session.connected === false) return html`<span class="ss-lost">${icon("i-warn")}no connection</span>${id ? html`<small>was on ${name}</small>` : nothing}`;
  return html`${name}`;
}

function member(view: View, place: Place): TemplateResult {
  const words = place.leads ? (place.kind === "lock" ? "holds the lock in" : "leads") : { election: "candidate in", lock: "waits in", membership: "member of", registry: "listed in" }[place.kind];
  return html`<button type="button" class="ss-place" title=${visible(place.path)} @click=${() => view.send({ want: "select", what: { kind: "znode", path: place.path } })}>
    ${place.leads ? html`<svg class="crown" aria-hidden="true"><use href="#i-crown"></use></svg>` : glyph("ephemeral", /\d{10}$/.test(place.path))}<span>${words} <b>${visible(place.group)}</b></span>
  </button>`;
}

export function znodeLink(view: View, path: string): TemplateResult {
  return html`<button type="button" class="li" @click=${() => view.send({ want: "select", what: { kind: "znode", path } })}>${glyph("ephemeral", /\d{10}$/.test(path))}${znodePath(path)}</button>`;
}

export const more = (n: number): TemplateResult | typeof nothing => (n > 0 ? html`<small class="ss-more">and ${n.toLocaleString("en")} more</small>` : nothing);
