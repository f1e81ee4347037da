// How far a batch is: each znode with what came of it, the whole in one sentence.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { icon } from "../style/icons";
import type { Batch, Step } from "./batch";
import { pathText } from "./form";
import "./works.css";

const SIGNS: Record<Step["state"], string> = { waiting: "", running: "i-play", done: "i-check", failed: "i-x", unknown: "i-warn" };
const WORDS: Record<Step["state"], string> = { waiting: "not begun", running: "under way", done: "done", failed: "not done", unknown: "unknown" };

/** Steps that are listed before it says 'and n more'. */
const LISTED = 100;

/** `before`: what is said of each before it begins. */
export function batchView(batch: Batch, before: (path: string) => string = () => ""): TemplateResult {
  // What went wrong comes first once it is over.
  const order: Step["state"][] = ["unknown", "failed", "running", "waiting", "done"];
  const steps = batch.state === "ended" ? [...batch.steps].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state)) : batch.steps;
  return html`<ul class="batch" aria-label="Znodes">
      ${repeat(
        steps.slice(0, LISTED),
        ({ path }) => path,
        ({ path, state, words }) => html`<li data-state=${state}>
          ${SIGNS[state] ? icon(SIGNS[state]) : html`<span class="ico"></span>`}
          <div>${pathText(path)}${words || before(path) ? html`<small>${words || before(path)}</small>` : nothing}</div>
          ${batch.state === "ready" ? nothing : html`<span>${WORDS[state]}</span>`}
        </li>`,
      )}
      ${steps.length > LISTED ? html`<li>and ${steps.length - LISTED} more</li>` : nothing}
    </ul>
    ${batch.state === "ready" ? nothing : html`<p class="job-words" aria-live="polite">${told(batch)}</p>`}`;
}

/** 'Done with 3 of 5. 1 was not done, 1 not begun.' */
export function told(batch: Batch): string {
  const rest = (["failed", "unknown", "waiting"] as const).filter((state) => batch.count(state) > 0).map((state) => `${batch.count(state)} ${WORDS[state]}`);
  const head = `${batch.count("done")} of ${batch.steps.length} done`;
  return batch.state === "ended" && rest.length ? `${head}; ${rest.join(", ")}.` : `${head}.`;
}
