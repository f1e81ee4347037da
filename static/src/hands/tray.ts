// The works of this person: a button while there are any, and the list that it opens.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { View } from "../page/view";
import { icon } from "../style/icons";
import type { Job } from "./jobs";
import { progress, stateWords, titleOf } from "./jobview";
import "./tray.css";

/** Works that are listed, and how long after their end, ms. */
const LISTED = 12;
const RECENT = 24 * 3_600_000;

function recent({ hands, clock }: View): readonly Job[] {
  return hands.jobs.all.filter(({ ended }) => ended === null || ended > clock - RECENT).slice(0, LISTED);
}

export function trayButton(view: View): TemplateResult | typeof nothing {
  const { hands } = view;
  const { running } = hands.jobs;
  if (!recent(view).length) return nothing;
  const words = running.length ? `${running.length} under way` : "none under way";
  return html`<button
    class="icon-btn tray-button"
    aria-label="Works on subtrees: ${words}"
    title="Works on subtrees: ${words}"
    aria-expanded=${hands.tray}
    @click=${() => {
      hands.tray = !hands.tray;
      view.send({ want: "redraw" });
    }}
  >
    ${icon("i-works")}${running.length ? html`<b>${running.length}</b>` : nothing}
  </button>`;
}

export function tray(view: View): TemplateResult | typeof nothing {
  const { hands } = view;
  if (!hands.tray) return nothing;
  return html`<section class="tray" aria-label="Works on subtrees">
    <header>
      <h2>Works</h2>
      <button class="icon-btn" aria-label="Close" @click=${() => hands.escape()}>${icon("i-x")}</button>
    </header>
    <ul>
      ${repeat(
        recent(view),
        ({ id }) => id,
        (job) => line(view, job),
      )}
    </ul>
  </section>`;
}

function line(view: View, job: Job): TemplateResult {
  const { hands } = view;
  return html`<li data-state=${job.state}>
    <button class="tray-title" @click=${() => hands.openJob(job.id)}>${titleOf(job)}</button>
    ${job.state === "running"
      ? html`<button class="btn-quiet" ?disabled=${job.cancelling} aria-label="Stop: ${titleOf(job)}" @click=${() => void hands.jobs.cancel(job.id)}>Stop</button>`
      : nothing}
    ${job.state === "running" ? progress(job) : nothing}
    <p class="job-words" data-state=${job.state}><b>${stateWords(job)}</b> ${job.words}</p>
  </li>`;
}
