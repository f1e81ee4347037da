// One long work: how far it is, how to stop it, and what it came to.
import { html, nothing, type TemplateResult } from "lit-html";
import { tellFailure } from "../page/verdict";
import type { View } from "../page/view";
import { brief } from "../page/words";
import { heading, problemNote } from "./form";
import type { Job } from "./jobs";
import { isRename, madeBy, progress, stateWords, titleOf, verbOf } from "./jobview";
import { Reading } from "./report";
import type { Desk, Sheet } from "./sheet";

/** What can be done once a work has ended. */
export interface Next {
  label: string;
  look: "quiet" | "main" | "grave";
  act: () => void;
}

export class JobSheet implements Sheet {
  readonly kind = "job";

  private readonly reading: Reading;

  constructor(
    private readonly desk: Desk,
    readonly id: string,
    /** What comes next, once it has ended. */
    private readonly next: (job: Job) => readonly Next[] = () => [],
  ) {
    this.reading = new Reading(desk.redraw, (path) => {
      desk.close();
      desk.show(path);
    });
  }

  content(_view: View): TemplateResult {
    const { desk } = this;
    const job = desk.jobs.find(this.id);
    if (!job) return this.lost();
    const runs = job.state === "running";
    const next = runs ? [] : [...this.next(job), ...this.shown(job)];
    return html`<div class="sheet">
      ${heading(verbOf(job), job.path)}
      ${progress(job)}
      <p class="job-words" aria-live="polite" data-state=${job.state}><b>${stateWords(job)}</b> ${job.words}</p>
      ${problemNote(job.problem)}
      ${this.reading.view(job)}
      <div class="answers">
        ${runs
          ? html`<button type="button" class="btn-quiet" ?disabled=${job.cancelling} @click=${() => void this.stop(job)}>${job.cancelling ? "Stopping after this step…" : "Stop it"}</button>`
          : nothing}
        <button type="button" autofocus class="btn-quiet" @click=${desk.close}>${runs ? "Let it run" : "Close"} <kbd>Esc</kbd></button>
        ${next.map(({ label, look, act }) => html`<button type="button" class=${`btn-${look}`} @click=${act}>${label}</button>`)}
      </div>
    </div>`;
  }

  /** It ended while it is looked at: the page goes along with what got another name. */
  ended(job: Job): void {
    const made = madeBy(job);
    if (made !== null && isRename(job)) this.desk.show(made);
  }

  private shown(job: Job): Next[] {
    const made = madeBy(job);
    if (made === null) return [];
    const act = (): void => {
      this.desk.close();
      this.desk.show(made);
    };
    return [{ label: "Show it", look: "main", act }];
  }

  private lost(): TemplateResult {
    return html`<h2 id="dialog-title">Not found</h2>
      <p>Nothing is known of this work any more. The audit log tells what became of it.</p>
      <div class="answers"><button type="button" autofocus class="btn-quiet" @click=${this.desk.close}>Close <kbd>Esc</kbd></button></div>`;
  }

  private async stop(job: Job): Promise<void> {
    const { actions, toasts, jobs } = this.desk;
    const outcome = await jobs.cancel(job.id);
    if (!outcome.ok) void tellFailure(actions, toasts, `Stop ${brief(titleOf(job))}`, outcome);
  }
}
