// One run of a scenario: its steps as they are done, the facts that were checked, and how it ended.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { span, timeOfDay, visible } from "../page/words";
import type { Fact, Play, Step, Table } from "../protocol";
import { icon } from "../style/icons";
import { countdown, putBackButton } from "./scenariohold";
import { underWay } from "./scenariotopic";

export const STATES: Record<Play["state"], { glyph: string; word: string }> = {
  running: { glyph: "i-play", word: "running" },
  holding: { glyph: "i-pause", word: "left standing" },
  "putting-back": { glyph: "i-undo", word: "putting everything back" },
  passed: { glyph: "i-check", word: "passed" },
  failed: { glyph: "i-x", word: "failed" },
  cancelled: { glyph: "i-stop", word: "cancelled" },
};

const MARKS: Record<NonNullable<Step["state"]>, { glyph: string; word: string }> = {
  running: { glyph: "i-right", word: "now" },
  done: { glyph: "i-check", word: "done" },
  failed: { glyph: "i-x", word: "not done" },
};

export function playView(view: View, play: Play): TemplateResult {
  const { glyph, word } = STATES[play.state];
  const going = underWay(play);
  const steps = play.steps ?? [];
  return html`<article class="play" data-state=${play.state} aria-labelledby="play-title">
    <header>
      <h3 id="play-title">${visible(play.title)}</h3>
      <p class="play-state" role="status">${icon(glyph)}<b>${word}</b><span>${play.state === "holding" ? rest(view, play) : lasted(view, play)}</span></p>
      ${play.state === "holding" ? putBackButton(view, play) : going && view.may.has("scenario.run") ? cancel(view, play) : nothing}
    </header>
    ${play.words ? html`<p class="play-words">${visible(play.words)}</p>` : nothing}
    ${steps.length ? html`<ol class="play-steps">${steps.map((step, place) => stepView(view, play, step, place))}</ol>` : nothing}
    <footer>Begun at ${timeOfDay(play.began)} by ${visible(play.by)}.</footer>
  </article>`;
}

function lasted(view: View, play: Play): string {
  return span((play.ended ?? view.now) - play.began);
}

function rest(view: View, play: Play): TemplateResult | typeof nothing {
  const left = countdown(view, play);
  return left ? html`put back by itself in <time role="timer">${left}</time>` : nothing;
}

function cancel(view: View, play: Play): TemplateResult {
  const off = play.state !== "running" || view.liveness.held;
  const busy = view.busy.has(`scenario.cancel ${play.name}`);
  return html`<button class="btn-quiet" ?disabled=${off} aria-busy=${busy} @click=${() => busy || view.send({ want: "act", method: "scenario.cancel", id: play.name })}>
    ${icon("i-stop")}Cancel
  </button>`;
}

function stepView(view: View, play: Play, step: Step, place: number): TemplateResult {
  const state = step.state ?? "running";
  const facts = (play.facts ?? []).filter((fact) => fact.step === place);
  const tables = (play.tables ?? []).filter((table) => table.step === place);
  const took = step.ms ?? (state === "running" && underWay(play) ? Math.max(0, view.now - step.at) : null);
  return html`<li data-state=${state} aria-current=${state === "running" ? "step" : nothing}>
    <span class="play-mark" title=${MARKS[state].word}>${icon(MARKS[state].glyph)}<span class="sr">${MARKS[state].word}: </span></span>
    <div>
      <p class="play-do"><span>${visible(step.words)}</span>${took === null ? nothing : html`<time>${took < 950 ? `${Math.round(took)} ms` : span(took)}</time>`}</p>
      ${step.found ? html`<p class="play-found">${visible(step.found)}</p>` : nothing}
      ${facts.length ? html`<ul class="play-facts">${facts.map(factView)}</ul>` : nothing} ${tables.map(tableView)}
    </div>
  </li>`;
}

function factView(fact: Fact): TemplateResult {
  const same = fact.expected === fact.found;
  return html`<li data-holds=${fact.holds}>
    ${icon(fact.holds ? "i-check" : "i-x")}<span class="sr">${fact.holds ? "As expected: " : "Not as expected: "}</span>
    <span>${visible(fact.words)}: <b>${visible(fact.found)}</b>${same ? nothing : html` <small>${fact.holds ? "expected" : "and not"} ${visible(fact.expected)}</small>`}</span>
  </li>`;
}

function tableView(table: Table): TemplateResult {
  return html`<div class="play-table" tabindex="0" role="region" aria-label=${visible(table.title)}>
    <table>
      <caption>${visible(table.title)}</caption>
      <thead><tr>${table.head.map((cell) => html`<th scope="col">${visible(cell)}</th>`)}</tr></thead>
      <tbody>${table.rows.map((row) => html`<tr>${row.map((cell, at) => (at ? html`<td>${visible(cell)}</td>` : html`<th scope="row">${visible(cell)}</th>`))}</tr>`)}</tbody>
    </table>
  </div>`;
}
