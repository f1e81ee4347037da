// The changes as a table, newest first, drawn only where it is looked at: thousands of rows cost what a screen of them does.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Change, Changes } from "../protocol";
import type { View } from "../page/view";
import { plain } from "./text";
import { clock, duration, zxidWords } from "./words";

export const LOG_TOPIC = "changes?limit=1000";
export const ROW = 24;

/** Which rows to draw of `count`, with some to spare above and below. */
export function shownRows(count: number, scrollTop: number, height: number): { from: number; to: number } {
  const from = Math.max(0, Math.floor(scrollTop / ROW) - 6);
  return { from: Math.min(from, Math.max(0, count - 1)), to: Math.min(count, Math.ceil((scrollTop + height) / ROW) + 6) };
}

export function newestFirst(changes: Changes): Change[] {
  return Object.values(changes.changes).sort((a, b) => b.id - a.id);
}

const SIGNS: Record<Change["kind"], string> = { created: "+", deleted: "−", data: "~", children: "·", acl: "·", gap: "…" };

/** What a change was, in words. */
export function changeWords(change: Change): { sign: string; what: string; path: string; more: string } {
  const path = plain(change.path);
  const sign = SIGNS[change.kind];
  if (change.kind === "gap") return { sign, what: `Zooscope’s connection lost ${change.lost === undefined ? "" : duration(change.lost)}`.trim(), path: "", more: "what happened meanwhile was not seen" };
  const more: string[] = [];
  if (change.found) more.push("found after a gap");
  if ((change.writes ?? 1) > 1) more.push(`${change.writes} writes, the last shown`);
  const what = { created: "created", deleted: "deleted", data: "data set", children: "children changed", acl: "ACL set" }[change.kind];
  return { sign, what: change.kind === "data" && change.version !== undefined ? `${what}, version ${change.version}` : what, path, more: more.join("; ") };
}

export interface LogState {
  scrollTop: number;
  height: number;
}

export function drawLog(view: View, state: LogState, height: number): TemplateResult {
  const changes = view.store.value<Changes>(LOG_TOPIC);
  const problem = view.store.problem(LOG_TOPIC);
  if (!changes) return html`<p class="log-empty">${problem ? plain(problem.text) : "Reading the changes."}</p>`;
  const rows = newestFirst(changes);
  if (!rows.length) return html`<p class="log-empty">Nothing has changed since Zooscope began to watch.</p>`;
  const { from, to } = shownRows(rows.length, state.scrollTop, height);
  const scroll = (event: Event): void => {
    state.scrollTop = (event.target as Element).scrollTop;
    const next = shownRows(rows.length, state.scrollTop, height);
    if (next.from !== from || next.to !== to) view.send({ want: "redraw" });
  };
  return html`<div class="log" tabindex="0" role="region" aria-label="Changes, newest first" @scroll=${scroll}>
    <table aria-rowcount=${rows.length + 1}>
      <thead><tr><th scope="col">time</th><th scope="col" title="Since the change before it">Δ</th><th scope="col">zxid</th><th scope="col">what</th></tr></thead>
      <tbody>
        ${from ? html`<tr aria-hidden="true"><td colspan="4" height=${from * ROW}></td></tr>` : nothing}
        ${repeat(rows.slice(from, to), (one) => one.id, (one, i) => row(view, one, from + i + 2))}
        ${to < rows.length ? html`<tr aria-hidden="true"><td colspan="4" height=${(rows.length - to) * ROW}></td></tr>` : nothing}
      </tbody>
    </table>
  </div>`;
}

function row(view: View, change: Change, index: number): TemplateResult {
  const words = changeWords(change);
  const open = (): void => view.send({ want: "select", what: { kind: "znode", path: change.path } });
  return html`<tr class="is-${change.kind}" aria-rowindex=${index}>
    <td class="log-time">${clock(change.at, 3)}</td>
    <td class="log-delta">${change.delta === undefined ? "" : `+${duration(change.delta)}`}</td>
    <td class="log-zxid" title=${change.zxid ? `${change.zxid}${change.sure === false ? ", at most" : ""}` : nothing}>${change.zxid ? `${change.sure === false ? "≤ " : ""}${zxidWords(change.zxid)}` : ""}</td>
    <td class="log-what"><b aria-hidden="true">${words.sign}</b> ${words.path ? html`<button @click=${open}><bdi>${words.path}</bdi></button> ` : nothing}<span>${words.what}</span>${words.more ? html` <i>${words.more}</i>` : nothing}</td>
  </tr>`;
}
