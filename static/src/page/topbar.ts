// The bar on top: what is watched, how fresh it is, how fast it changes, who looks on.
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { alertBadge } from "../ensemble/alerts";
import { trayButton } from "../hands/tray";
import { icon } from "../style/icons";
import { account } from "./account";
import { at } from "./base";
import { clusterName } from "./clusters";
import { pagesOf, type Page, type PageName } from "./pages";
import { pill } from "./pill";
import { spell } from "./router";
import type { View } from "./view";
import { plural, zxidParts } from "./words";
import "./topbar.css";

const MARK = html`<svg viewBox="0 0 26 26" aria-hidden="true">
  <circle cx="13" cy="13" r="11.5" fill="none" stroke="currentColor" stroke-width="2.5" stroke-dasharray="54 18.3" transform="rotate(-90 13 13)" />
  <circle cx="13" cy="13" r="5" fill="currentColor" />
</svg>`;

export function topbar(view: View): TemplateResult {
  return html`
    <a class="mark" href=${at("/")} aria-label="Zooscope, cluster" @click=${go(view, "cluster")}>${MARK}<span>Zooscope</span></a>
    ${clusterName(view)} ${nav(view)}
    <span class="grow"></span>
    <div class="inst">
      ${zxid(view)} ${view.paused ? nothing : rate(view)} ${alertBadge(view)} ${pill(view)}
      ${view.viewers
        ? html`<span class="fact viewers" title=${plural(view.viewers, "page") + " open on this cluster"}>
            ${icon("i-eye")}<b>${view.viewers}</b><span class="sr">looking on</span>
          </span>`
        : nothing}
      ${trayButton(view)}
      <button class="icon-btn" aria-label="Keys" title="Keys (?)" data-only="wide" @click=${() => view.send({ want: "dialog", which: "keys" })}>
        ${icon("i-keys")}
      </button>
      ${view.page === "cluster"
        ? html`<button class="icon-btn" aria-label="For a projector" aria-pressed=${view.present} title="For a projector (p)" data-only="wide" @click=${() => view.send({ want: "present" })}>
            ${icon("i-screen")}
          </button>`
        : nothing}
      <button class="icon-btn" aria-label="Light or dark" title="Light or dark (t)" @click=${() => view.send({ want: "theme" })}>
        ${icon("i-theme")}
      </button>
      ${view.role === "operator" || view.role === "admin"
        ? html`<button class="btn-quiet join" title="The address for others to look on" @click=${() => view.send({ want: "dialog", which: "join" })}>
            ${icon("i-qr")}<span>Join</span>
          </button>`
        : nothing}
      ${account(view)}
    </div>
  `;
}

/** On a phone the same links stand at the bottom. */
export function nav(view: View): TemplateResult {
  const link = ({ name, words, glyph }: Page) => html`<a
    href=${spell({ page: name, selection: null })}
    aria-current=${view.page === name ? "page" : nothing}
    @click=${go(view, name)}
    >${icon(glyph)}<span>${words}</span></a
  >`;
  return html`<nav class="nav" aria-label="Pages">${pagesOf(view).map(link)}</nav>`;
}

const go = (view: View, to: PageName) => (event: MouseEvent) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  view.send({ want: "go", to });
};

function zxid(view: View): TemplateResult | typeof nothing {
  const parts = zxidParts(view.status?.zxid ?? "");
  if (!parts) return nothing;
  return html`<span class="fact zx" title="The newest transaction seen: epoch of the ensemble’s leader · counter">
    <small>zxid</small><b class="mono">0x${parts[0]}·${parts[1]}</b>
  </span>`;
}

function rate(view: View): TemplateResult | typeof nothing {
  if (!view.status) return nothing;
  return html`<span class="fact rate" title="Changes a second; the line is the last minute">
    <svg class="spark" viewBox="0 0 64 20" aria-hidden="true">${spark(view.status.rates ?? [])}</svg>
    <b>${brief(view.status.rate ?? 0)}</b><small>changes/s</small>
  </span>`;
}

function brief(rate: number): string {
  return rate > 0 && rate < 9.95 && !Number.isInteger(rate) ? rate.toFixed(1) : Math.round(rate).toLocaleString("en");
}

/** The last minute as a line, its right end now. The scale is the minute's own maximum, but never less than 4. */
function spark(rates: readonly number[]) {
  const most = Math.max(4, ...rates);
  const points = rates.length > 1 ? rates : [0, 0];
  const at = (value: number, i: number): [number, number] => [1 + (60 * i) / (points.length - 1), 17 - (14 * value) / most];
  const path = points.map((value, i) => at(value, i).map((n) => n.toFixed(1)).join(" ")).join("L");
  const [x, y] = at(points.at(-1) ?? 0, points.length - 1);
  return svg`<path d=${`M${path}`} fill="none" stroke="currentColor" stroke-width="1.75" stroke-linejoin="round"></path>
    <circle cx=${x} cy=${y} r="2.6" fill="currentColor"></circle>`;
}
