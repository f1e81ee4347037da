// Which cluster is shown, and the way to the others, each with its state at a glance. Where there is but one, its name.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Beat, Hello } from "../protocol";
import { icon } from "../style/icons";
import "./clusters.css";
import { pageNamed } from "./pages";
import { lampOf } from "./pill";
import type { Liveness, View } from "./view";
import { voters } from "./voters";
import { plural } from "./words";

/** A cluster that this Zooscope shows. */
export interface Elsewhere {
  name: string;
  title: string;
  label: string;
  word: Liveness["word"];
  here: boolean;
}

const WORDS = {
  connecting: "CONNECTING",
  live: "LIVE",
  stale: "STALE",
  "read-only": "READ-ONLY",
  "no-quorum": "NO QUORUM",
  gone: "BRIDGE GONE",
} as const;

/** All of them, as the last hello and beat told; none where there is but one. */
export function elsewhere(hello: Hello | null, beat: Beat | null): Elsewhere[] {
  return (hello?.clusters ?? []).map(({ name, title, label }) => ({
    name,
    title,
    label: label ?? "",
    word: WORDS[beat?.states?.[name] ?? "connecting"],
    here: name === hello?.name,
  }));
}

export function clusterName(view: View): TemplateResult | typeof nothing {
  const title = view.clusters.find(({ here }) => here)?.title ?? view.status?.cluster;
  if (!title) return nothing;
  const size = view.ensemble ? voters(view.ensemble) : 0;
  const words = html`<b>${title}</b>${label(view.label)}${size ? html`<span>· ${plural(size, "server")}</span>` : nothing}`;
  const through = view.status?.server ? `Watched through ${view.status.server}` : "";
  if (view.clusters.length < 2) return html`<span class="cluster" title=${through}>${words}</span>`;
  const others = view.clusters.filter(({ here }) => !here);
  const troubled = others.filter(({ word }) => word !== "LIVE");
  return html`<details class="clusters" @keydown=${closeOnEscape} @focusout=${closeOnLeaving}>
    <summary class="cluster" title=${through}>
      ${words}<span class="others" aria-hidden="true">${others.map(({ word }) => lampOf(word))}</span>
      <span class="sr">Other clusters: ${troubled.length ? troubled.map(({ title, word }) => `${title} ${word}`).join(", ") : "all LIVE"}</span>
      ${icon("i-down")}
    </summary>
    <nav aria-label="Clusters">${view.clusters.map((one) => row(one, view.page))}</nav>
  </details>`;
}

function row({ name, title, word, here, ...one }: Elsewhere, page: View["page"]): TemplateResult {
  return html`<a href=${`/c/${encodeURIComponent(name)}${pageNamed(page).path}`} aria-current=${here ? "true" : nothing}>
    <b>${title}</b>${label(one.label)}<span class="word" data-word=${word}>${lampOf(word)}${word}</span>
  </a>`;
}

const label = (words: string) => (words ? html`<span class="label">${words}</span>` : nothing);

function closeOnEscape(event: KeyboardEvent): void {
  const details = event.currentTarget as HTMLDetailsElement;
  if (event.key !== "Escape" || !details.open) return;
  event.preventDefault();
  details.open = false;
  details.querySelector("summary")?.focus();
}

function closeOnLeaving(event: FocusEvent): void {
  const details = event.currentTarget as HTMLDetailsElement;
  if (!details.contains(event.relatedTarget as Node | null)) details.open = false;
}
