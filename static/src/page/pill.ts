// The connection state in the top bar, always on screen: a word, a shape, and the switch between pause and live.
import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit-html";
import { icon } from "../style/icons";
import type { Liveness, View } from "./view";
import { span } from "./words";

export type PillState = "live" | "paused" | "wait" | "stale" | "read-only" | "no-quorum" | "gone";

/** The word with its age, as it stands in the pill. */
export function pillWords(liveness: Liveness, clock: number): string {
  const age = clock - liveness.since;
  switch (liveness.word) {
    case "STALE":
    case "BRIDGE GONE":
      return `${liveness.word} ${span(age)}`;
    case "OFFLINE":
      return liveness.retryAt === null ? "OFFLINE" : `OFFLINE, next try in ${untilRetry(liveness.retryAt, clock)} s`;
    default:
      return liveness.word;
  }
}

/** Whole seconds to the next try, never 0 while it is still to come. */
export function untilRetry(retryAt: number, clock: number): number {
  return Math.max(1, Math.ceil((retryAt - clock) / 1000));
}

const STATES: Record<Liveness["word"], PillState> = {
  LIVE: "live",
  CONNECTING: "wait",
  STALE: "stale",
  "READ-ONLY": "read-only",
  "NO QUORUM": "no-quorum",
  "BRIDGE GONE": "gone",
  OFFLINE: "gone",
};

const LAMPS: Record<PillState, SVGTemplateResult> = {
  live: svg`<circle cx="6" cy="6" r="5" fill="currentColor"></circle>`,
  wait: svg`<circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" stroke-width="2"></circle>`,
  stale: svg`<circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="3 2"></circle>`,
  "read-only": svg`<path d="M2 6H10V11H2ZM4 6V4a2 2 0 0 1 4 0V6" fill="none" stroke="currentColor" stroke-width="1.75"></path>`,
  "no-quorum": svg`<path d="M6 1L11.5 11H.5Z" fill="currentColor"></path>`,
  gone: svg`<path d="M2 2L10 10M10 2L2 10" stroke="currentColor" stroke-width="2.4" stroke-linecap="round"></path>`,
  paused: svg`<path d="M3 1V11M9 1V11" stroke="currentColor" stroke-width="3"></path>`,
};

export const lampOf = (word: Liveness["word"]): TemplateResult =>
  html`<svg class="lamp" viewBox="0 0 12 12" aria-hidden="true">${LAMPS[STATES[word]]}</svg>`;

export function pill(view: View): TemplateResult {
  const { liveness, paused } = view;
  const live = liveness.word === "LIVE";
  const state: PillState = paused && live ? "paused" : STATES[liveness.word];
  return html`<span class="conn" data-state=${state}>
    <span class="state" title=${liveness.why}>
      <svg class="lamp" viewBox="0 0 12 12" aria-hidden="true">${LAMPS[state]}</svg>
      <span class="lbl">${paused ? pausedWords(view, live) : pillWords(liveness, view.clock)}</span>
    </span>
    <button
      class="toggle"
      title=${paused ? "Show what is now (space)" : "Hold what is shown; changes are still taken in (space)"}
      @click=${() => view.send({ want: paused ? "resume" : "pause" })}
    >
      ${icon(paused ? "i-play" : "i-pause")}<span class="t">${paused ? "Live" : "Pause"}</span>
    </button>
  </span>`;
}

function pausedWords(view: View, live: boolean): TemplateResult | string {
  if (!live) return `PAUSED, ${view.liveness.word}`;
  const n = view.paused?.changes ?? 0;
  return n ? html`PAUSED +${n.toLocaleString("en")}<span class="unit"> ${n === 1 ? "change" : "changes"}</span>` : "PAUSED";
}
