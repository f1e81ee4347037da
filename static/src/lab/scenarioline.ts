// Beside the figure: which scenario runs, and at which step it is, in one quiet line; and the way back from its end.
import { html, nothing, type TemplateResult } from "lit-html";
import type { View } from "../page/view";
import { visible } from "../page/words";
import { icon } from "../style/icons";
import { countdown, putBackButton } from "./scenariohold";
import { STATES } from "./scenarioplay";
import { freshPlay, underWay } from "./scenariotopic";
import "./scenarioline.css";

export function scenarioLine(view: View): TemplateResult | typeof nothing {
  const play = freshPlay(view);
  if (!play) return nothing;
  const steps = play.steps ?? [];
  const { glyph, word } = STATES[play.state];
  const step = steps.at(-1);
  const held = play.state === "holding";
  const words = underWay(play) && !held && step ? step.words : (play.words ?? "");
  const place = held ? html`${word}, <time role="timer">${countdown(view, play)}</time>` : underWay(play) ? `step ${steps.length}` : word;
  return html`<p class="scenario-line" data-state=${play.state} role="status">
    ${icon(glyph)}<b>${visible(play.title)}</b><span class="place">${place}</span
    ><span class="what">${visible(words)}</span
    >${held ? putBackButton(view, play) : nothing}<button class="to-lab" @click=${() => view.send({ want: "go", to: "lab" })}>All steps</button>
  </p>`;
}
