// The scenarios of the class: each set up, done, checked and put back by itself.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { timeOfDay, visible } from "../page/words";
import type { Ended, Scenario, Scenarios } from "../protocol";
import { icon } from "../style/icons";
import { playView, STATES } from "./scenarioplay";
import { scenariosOf, underWay } from "./scenariotopic";
import "./scenarios.css";

export function scenariosSection(view: View): TemplateResult | typeof nothing {
  const value = scenariosOf(view);
  if (!value || !value.order.length) return nothing;
  return html`<section class="lab-part scenarios" aria-labelledby="scenarios-title">
    <h2 id="scenarios-title">Scenarios</h2>
    <p class="lab-quiet">Each breaks something, waits for what must come of it, checks that, and puts everything back.</p>
    <div class="scenarios-room">
      ${value.play ? playView(view, value.play) : nothing}
      <ol class="scenario-list">${value.order.map((name) => row(view, value, value.known[name] as Scenario))}</ol>
    </div>
  </section>`;
}

function row(view: View, value: Scenarios, scenario: Scenario): TemplateResult {
  const running = underWay(value.play) && value.play?.name === scenario.name;
  const last = (value.past ?? []).find((one) => one.name === scenario.name);
  return html`<li data-running=${running}>
    <div>
      <h3>${visible(scenario.title)}${last && !running ? result(last) : nothing}</h3>
      <p>${visible(scenario.shows)}</p>
      ${scenario.hindered && !running ? html`<p class="scenario-hindered">${visible(scenario.hindered)}</p>` : nothing}
      ${commands(scenario)}
    </div>
    ${view.may.has("scenario.run") ? runButton(view, value, scenario, running) : nothing}
  </li>`;
}

function commands(scenario: Scenario): TemplateResult | typeof nothing {
  const [paged, told] = scenario.commands ?? [];
  if (!paged || !told) return nothing;
  return html`<dl class="scenario-commands">
    <div><dt>With a page:</dt><dd><code>${visible(paged)}</code></dd></div>
    <div><dt>Told in the terminal:</dt><dd><code>${visible(told)}</code></dd></div>
  </dl>`;
}

function result(last: Ended): TemplateResult {
  const { glyph, word } = STATES[last.state];
  return html`<span class="scenario-last" data-state=${last.state} title=${`at ${timeOfDay(last.ended)}. ${visible(last.words ?? "")}`}>${icon(glyph)}${word}</span>`;
}

function runButton(view: View, value: Scenarios, scenario: Scenario, running: boolean): TemplateResult {
  const busy = running || view.busy.has(`scenario.run ${scenario.name}`);
  // Not while busy: a disabled button loses the focus.
  const off = !busy && (Boolean(scenario.hindered) || underWay(value.play) || view.liveness.held);
  return html`<button
    class="btn-quiet"
    aria-label="Run: ${visible(scenario.title)}"
    ?disabled=${off}
    aria-busy=${busy}
    @click=${() => busy || view.send({ want: "act", method: "scenario.run", id: scenario.name })}
  >
    ${icon("i-play")}${running ? "Runs" : "Run"}
  </button>`;
}
