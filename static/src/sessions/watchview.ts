// Who watches what: the button that asks, and what came of it, by znode or by session.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { ago, plural, timeOfDay, visible, znodePath } from "../page/words";
import { icon } from "../style/icons";
import { shortId } from "./words";
import { whoIs, type Watches, type Watching } from "./watching";
import "./watches.css";

/** Rows that are drawn; a filter finds the others. */
const MOST = 200;

export function watchPage(view: View, watching: Watching): TemplateResult {
  const { value, busy } = watching;
  return html`<section class="ww" aria-label="Who watches what">
    <div class="ww-ask">
      <button type="button" class="btn-main" ?disabled=${view.liveness.held} aria-busy=${busy} @click=${() => void watching.ask(view.hands.actions)}>
        ${icon("i-bolt")}${busy ? "Asking all servers…" : value ? "Ask again" : "Ask who watches what"}
      </button>
      <p>${value ? told(view, value) : "The servers are asked once, when you ask: each looks through all of its watches for it."}</p>
    </div>
    ${failed(watching)} ${value ? answer(view, watching, value) : nothing}
  </section>`;
}

/** In the inspector of a znode. */
export function watchersOf(view: View, watching: Watching, path: string): TemplateResult {
  const { value, busy } = watching;
  return html`<div class="ww-one">
    <button type="button" class="btn-quiet" ?disabled=${view.liveness.held} aria-busy=${busy} @click=${() => void watching.ask(view.hands.actions, { path })}>
      ${icon("i-bolt")}${busy ? "Asking…" : value ? "Ask again" : "Who watches this?"}
    </button>
    ${failed(watching)}
    ${value
      ? html`${value.paths[path] ? html`<ul class="ww-who">${value.paths[path].sessions.map((id) => html`<li>${sessionName(view, value, id)}</li>`)}</ul>` : html`<p class="ww-none">Nobody, as far as the servers tell.</p>`}
          <p class="ww-told">${told(view, value)}</p>
          ${servers(value)} ${notes(value)}`
      : nothing}
  </div>`;
}

/** In the list, of one session. */
export function watchedBy(view: View, watching: Watching, id: string): TemplateResult | typeof nothing {
  const { value } = watching;
  if (!value) return html`${failed(watching)}`;
  const own = value.sessions[id];
  return html`${own ? html`<ul class="ww-paths">${own.paths.map((path) => html`<li>${pathLink(view, path)}</li>`)}</ul>${rest(own.count - own.paths.length)}` : html`<p class="ww-none">Nothing, as far as the servers tell.</p>`}
    <p class="ww-told">${told(view, value)}</p>
    ${servers(value)}`;
}

function told(view: View, value: Watches): TemplateResult {
  return html`${plural(value.watches, "watch", "watches")} on ${plural(value.znodes, "znode")}, as of ${timeOfDay(value.at)}, ${ago(Math.max(0, view.now - value.at))}.`;
}

function failed({ problem }: Watching): TemplateResult | typeof nothing {
  return problem ? html`<p class="ww-problem" role="alert">${icon("i-warn")}<span><b>${problem.text}</b> ${problem.hint ?? ""}</span></p>` : nothing;
}

/** Of those that told nothing: why, and the setting that would change it. */
function servers(value: Watches): TemplateResult | typeof nothing {
  const silent = value.servers.filter((one) => one.problem);
  if (!silent.length) return nothing;
  return html`<ul class="ww-silent">${silent.map((one) => html`<li>${icon("i-warn")}<span><b>${/^\d+$/.test(one.server) ? `server ${one.server}` : visible(one.server)}</b> did not tell: ${visible(one.problem ?? "")}</span></li>`)}</ul>`;
}

function notes(value: Watches): TemplateResult | typeof nothing {
  return value.notes?.length ? html`<p class="ww-notes">${value.notes.join(" ")}</p>` : nothing;
}

function answer(view: View, watching: Watching, value: Watches): TemplateResult {
  const { filter, by } = watching;
  const asked = value.servers.filter((one) => !one.problem);
  if (!asked.length) return html`${servers(value)}<p class="ww-none">No server told who watches what, so nothing is known of it.</p>`;
  return html`
    ${servers(value)}
    <div class="ss-tools">
      <label class="ss-find">${icon("i-search")}<span class="sr">Find in the watches</span><input type="search" placeholder="A path, a name, an id" .value=${filter} @input=${(event: Event) => watching.change({ filter: (event.target as HTMLInputElement).value })} /></label>
      <div class="segments ss-seg" role="group" aria-label="Laid out">
        ${(["znode", "session"] as const).map((one) => html`<button type="button" aria-pressed=${by === one} @click=${() => watching.change({ by: one })}>By ${one}</button>`)}
      </div>
      ${asked.length ? html`<small class="ww-how">told by ${[...new Set(asked.map((one) => one.how))].join(" and ")} of ${plural(asked.length, "server")}</small>` : nothing}
    </div>
    ${by === "znode" ? byZnode(view, value, filter.toLowerCase()) : bySession(view, value, filter.toLowerCase())}
    ${notes(value)}`;
}

function byZnode(view: View, value: Watches, wanted: string): TemplateResult {
  const found = Object.entries(value.paths).filter(([path, { sessions }]) => !wanted || path.toLowerCase().includes(wanted) || sessions.some((id) => fits(value, id, wanted)));
  if (!found.length) return html`<p class="ww-none">${wanted ? "No watch fits." : "Nobody watches anything, as far as the servers tell."}</p>`;
  return html`<ul class="ww-list">
      ${found.slice(0, MOST).map(
        ([path, { count, sessions }]) => html`<li>
          <div>${pathLink(view, path)}</div>
          <div>${sessions.map((id) => sessionName(view, value, id))}${rest(count - sessions.length)}</div>
        </li>`,
      )}
    </ul>
    ${rest(wanted ? found.length - MOST : value.znodes - Math.min(MOST, found.length), "znode")}`;
}

function bySession(view: View, value: Watches, wanted: string): TemplateResult {
  const found = Object.entries(value.sessions).filter(([id, { paths }]) => !wanted || fits(value, id, wanted) || paths.some((path) => path.toLowerCase().includes(wanted)));
  if (!found.length) return html`<p class="ww-none">No session fits.</p>`;
  return html`<ul class="ww-list">
      ${found.slice(0, MOST).map(
        ([id, { count, paths }]) => html`<li>
          <div>${sessionName(view, value, id)}</div>
          <div class="ww-stack">${paths.map((path) => pathLink(view, path))}${rest(count - paths.length)}</div>
        </li>`,
      )}
    </ul>
    ${rest(wanted ? found.length - MOST : value.watchers - Math.min(MOST, found.length), "session")}`;
}

function fits(value: Watches, id: string, wanted: string): boolean {
  return id.includes(wanted) || whoIs(value, id).toLowerCase().includes(wanted);
}

function sessionName(view: View, value: Watches, id: string): TemplateResult {
  const { node, own, name } = value.sessions[id] ?? {};
  const words = own ? "Zooscope itself" : name ? visible(name) : `session ${shortId(id)}`;
  return node
    ? html`<button type="button" class="ww-name link" title=${id} @click=${() => view.send({ want: "select", what: { kind: "node", id: node } })}>${words}</button>`
    : html`<span class="ww-name" title=${id}>${words}</span>`;
}

function pathLink(view: View, path: string): TemplateResult {
  return html`<button type="button" class="li ww-path" @click=${() => view.send({ want: "select", what: { kind: "znode", path } })}>${znodePath(path)}</button>`;
}

const rest = (n: number, what = ""): TemplateResult | typeof nothing => (n > 0 ? html`<small class="ss-more">and ${n.toLocaleString("en")} more${what ? ` ${what}s` : ""}</small>` : nothing);
